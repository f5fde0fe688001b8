using TorchSharp;

namespace C2FVL.Platform;

/// <summary>Where tensors live.</summary>
public static class Devices
{
    /// <summary>The GPU if libtorch sees one, else the CPU. Environment <c>C2FVL_DEVICE</c> (cpu, cuda, cuda:1) decides otherwise.</summary>
    /// <exception cref="ArgumentException">The environment names a device that libtorch does not see.</exception>
    public static torch.Device Choose()
    {
        TorchLibrary.EnsureLoaded();
        string? wanted = Environment.GetEnvironmentVariable("C2FVL_DEVICE");
        if (string.IsNullOrEmpty(wanted))
            return torch.device(torch.cuda.is_available() ? "cuda" : "cpu");
        if (wanted.StartsWith("cuda") && !torch.cuda.is_available())
            throw new ArgumentException($"C2FVL_DEVICE is {wanted}, but libtorch sees no CUDA device. Build with -p:TorchBackend=cuda-linux (or cuda-windows) and check the driver.");
        return torch.device(wanted);
    }

    /// <summary>One line for a notebook's first cell: libtorch's version and the device.</summary>
    public static string Describe() => $"libtorch {torch.__version__} on {Choose()}{(TorchLibrary.WithoutOneDnn ? ", without oneDNN, whose convolutions are wrong on this machine" : "")}";
}

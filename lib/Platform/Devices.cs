using System.Globalization;
using TorchSharp;

namespace C2FVL.Platform;

/// <summary>Where tensors live, and how many threads compute.</summary>
public static class Devices
{
    /// <summary>The most threads that a run may ask for.</summary>
    public const int MostThreads = 256;

    /// <summary>
    /// The GPU if libtorch sees one, else the CPU. Environment <c>C2FVL_DEVICE</c> (cpu, cuda, cuda:1) decides
    /// otherwise.
    /// </summary>
    /// <exception cref="ArgumentException">The environment names a device that libtorch does not see.</exception>
    public static torch.Device Choose()
    {
        TorchLibrary.EnsureLoaded();
        return Environment.GetEnvironmentVariable("C2FVL_DEVICE") is { Length: > 0 } wanted
            ? Find(wanted, "C2FVL_DEVICE") : torch.device(torch.cuda.is_available() ? "cuda" : "cpu");
    }

    /// <summary>A run's device, and libtorch set to the run's threads.</summary>
    /// <param name="device">cpu, cuda or cuda:N.</param>
    /// <param name="threads">1 to <see cref="MostThreads"/>.</param>
    /// <exception cref="ArgumentException">There is no such device here, or the number of threads is out of its
    /// range.</exception>
    public static torch.Device Use(string device, int threads)
    {
        torch.Device found = Find(device, "The device");
        SettingRange.Require(
            threads is >= 1 and <= MostThreads, threads, $"from 1 to {MostThreads}", "The number of threads");
        torch.set_num_threads(threads);
        return found;
    }

    /// <summary>
    /// The device if it is here, else cpu: where a finished run or its weights are measured, which a CPU can do as well
    /// as the GPU that trained them.
    /// </summary>
    internal static string HereOrCpu(string device)
    {
        TorchLibrary.EnsureLoaded();
        return Index(device, "The device") is int index
            && !(torch.cuda.is_available() && index < torch.cuda.device_count()) ? "cpu" : device;
    }

    /// <summary>One line for a notebook's first cell: libtorch's version and the device.</summary>
    public static string Describe() => $"libtorch {torch.__version__} on {Choose()}"
        + (TorchLibrary.WithoutOneDnn ? ", without oneDNN, whose convolutions are wrong on this machine" : "");

    /// <summary>
    /// A device's name with the GPU's model, such as "cuda (NVIDIA H100 80GB HBM3)", where Linux' driver tells it.
    /// </summary>
    internal static string WithModel(string device)
    {
        const string Driver = "/proc/driver/nvidia/gpus", Field = "Model:";
        if (device == "cpu" || !Directory.Exists(Driver))
            return device;
        string[] models;
        try
        {
            models = [.. Directory.EnumerateFiles(Driver, "information", SearchOption.AllDirectories)
                .SelectMany(File.ReadLines).Where(line => line.StartsWith(Field, StringComparison.Ordinal))
                .Select(line => line[Field.Length..].Trim()).Distinct()];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return device;
        }

        return models is [string only] ? $"{device} ({only})" : device;
    }

    private static torch.Device Find(string name, string what)
    {
        TorchLibrary.EnsureLoaded();
        if (Index(name, what) is not int index)
            return torch.CPU;
        int count = torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        if (count == 0)
            throw new ArgumentException($"{what} is {name}, but libtorch sees no CUDA GPU. Use cpu (--device cpu), or "
                + "build with -p:TorchBackend=cuda-linux (or cuda-windows) and check the driver.");
        if (index >= count)
            throw new ArgumentException(
                $"{what} is {name}, but libtorch sees {count} CUDA GPUs: cuda:0 to cuda:{count - 1}.");
        return torch.device(name);
    }

    /// <summary>A device's name, whether the device is here or not.</summary>
    /// <exception cref="ArgumentException">It is not cpu, cuda or cuda:N.</exception>
    public static string Named(string name)
    {
        Index(name, "The device");
        return name;
    }

    /// <summary>The GPU's number; null for the CPU.</summary>
    private static int? Index(string name, string what)
    {
        int index = 0;
        bool isCuda = name == "cuda" || (name.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out index));
        return isCuda ? index : name == "cpu" ? null
            : throw new ArgumentException($"{what} is {name}; it must be cpu, cuda or cuda:N.");
    }
}

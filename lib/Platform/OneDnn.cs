using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace C2FVL.Platform;

/// <summary>
/// Guards against wrong convolutions. oneDNN, which libtorch convolves with on the CPU, plans by what the processor
/// says of its caches. On a virtual machine that hides them (an AMD EPYC whose cache and topology leaves of CPUID are
/// zero, oneDNN 3.7.1) its kernels for AVX, AVX2 and AVX-512 were measured to be wrong, forward and backward, wherever
/// the channels do not fill blocks of 8 or 16: errors of a third of the largest value, and NaN from memory not written.
/// libtorch's own convolutions are right there, and slower.
/// </summary>
internal static class OneDnn
{
    // Blocks of 8 and of 16, filled, begun and overfilled.
    private static readonly int[] Channels = [8, 12, 16, 24];

    /// <summary>
    /// Whether small convolutions of 32 bits and their gradients are what those of 64 bits are, which oneDNN does not
    /// compute.
    /// </summary>
    public static bool ConvolvesRightly()
    {
        using var scope = NewDisposeScope();
        using var gradients = enable_grad();
        return Channels.All(channels =>
        {
            // Not random numbers: libtorch's generator stays as it was seeded.
            Tensor image = Wave(0.37, 2, channels, 9, 9), weight = Wave(0.73, channels, channels, 3, 3);
            Tensor given = Wave(0.51, 2, channels, 9, 9);
            return Convolve(image, weight, given)
                .Zip(Convolve(image.to(float64), weight.to(float64), given.to(float64)))
                .All(pair => Largest(pair.First - pair.Second) < 1e-4 * Largest(pair.Second)); // NaN is not
        });
    }

    /// <summary>Has libtorch convolve without oneDNN from now on.</summary>
    /// <param name="natives">The folder of libtorch.</param>
    /// <returns>Whether it does.</returns>
    public static bool SwitchOff(string natives)
    {
        // at::globalContext().setUserEnabledMkldnn(false): PyTorch's torch.backends.mkldnn.enabled, which TorchSharp
        // lacks.
        if (!OperatingSystem.IsLinux()
            || !NativeLibrary.TryLoad(Path.Combine(natives, "libtorch_cpu.so"), out nint torch)
            || !NativeLibrary.TryGetExport(torch, "_ZN2at13globalContextEv", out nint globalContext)
            || !NativeLibrary.TryGetExport(torch, "_ZN2at7Context20setUserEnabledMkldnnEb", out nint setEnabled))
            return false;
        Marshal.GetDelegateForFunctionPointer<SetEnabled>(setEnabled)(
            Marshal.GetDelegateForFunctionPointer<GlobalContext>(globalContext)(), enabled: false);
        return true;
    }

    private static Tensor[] Convolve(Tensor image, Tensor weight, Tensor given)
    {
        image.requires_grad_(true);
        weight.requires_grad_(true);
        Tensor map = nn.functional.conv2d(image, weight, padding: [1, 1]);
        return [map, .. autograd.grad([map], [image, weight], [given])];
    }

    private static double Largest(Tensor map) => map.abs().max().item<double>();

    private static Tensor Wave(double step, params long[] shape) =>
        arange(shape.Aggregate(1L, (a, b) => a * b)).mul(step).sin().to(float32).reshape(shape);

    private delegate nint GlobalContext();

    private delegate void SetEnabled(nint context, [MarshalAs(UnmanagedType.U1)] bool enabled);
}

using System.Runtime.InteropServices;
using TorchSharp;

namespace C2FVL.Platform;

/// <summary>Loads libtorch and, where that fails, tells the true cause, which TorchSharp's own message does not.</summary>
public static class TorchLibrary
{
    private static readonly Lazy<string?> Failure = new(Load);

    /// <summary>Loads libtorch once. Cheap when it is loaded already.</summary>
    /// <exception cref="DllNotFoundException">It cannot be loaded; the message names the cause and the cure.</exception>
    public static void EnsureLoaded()
    {
        if (Failure.Value is string why)
            throw new DllNotFoundException(why);
    }

    /// <summary>Whether libtorch goes without oneDNN, whose convolutions were found wrong on this machine when it was loaded; slower, and right.</summary>
    public static bool WithoutOneDnn { get; private set; }

    /// <summary>Why a native library of TorchSharp does not load on this machine, with the cure.</summary>
    /// <param name="library">The file, such as libLibTorchSharp.so.</param>
    /// <param name="libStdCxx">The system's libstdc++; null where there is none.</param>
    /// <param name="loaderMessage">What the system's loader said.</param>
    public static string Explain(string library, string? libStdCxx, string loaderMessage)
    {
        if (!File.Exists(library))
            return $"{library} is missing. Build the library for this machine: dotnet build -c Release C2FVL.Lib.csproj";

        if (libStdCxx is not null)
        {
            IReadOnlyList<SymbolVersions.Need> missing =
                SymbolVersions.Missing(File.ReadAllBytes(library), File.ReadAllBytes(libStdCxx), "libstdc++.so.6");
            if (missing.FirstOrDefault(n => !n.IsCurable) is { } hopeless)
            {
                return $"{library} needs {hopeless.Version} of libstdc++ for {string.Join(", ", hopeless.Symbols.Take(3))}, and {libStdCxx} is older. "
                    + "Install the libstdc++6 of a newer GCC, or use a newer system.";
            }

            if (missing.Count > 0)
            {
                return $"{library} was built on another machine: it needs {missing[0].Version} of libstdc++, and {libStdCxx} lacks it. "
                    + "Build on this machine, which cures it: dotnet build -c Release C2FVL.Lib.csproj";
            }
        }

        return $"{library} cannot be loaded: {loaderMessage}";
    }

    private static string? Load()
    {
        string file = OperatingSystem.IsWindows() ? "LibTorchSharp.dll" : OperatingSystem.IsMacOS() ? "libLibTorchSharp.dylib" : "libLibTorchSharp.so";
        string library = Path.Combine(Path.GetDirectoryName(typeof(TorchLibrary).Assembly.Location)!, file);
        try
        {
            if (OperatingSystem.IsLinux())
                NativeLibrary.Load(library);
            LogErrorsAlone(Path.GetDirectoryName(library)!);
            torch.InitializeDeviceType(torch.cuda.is_available() ? DeviceType.CUDA : DeviceType.CPU);
            if (OneDnn.ConvolvesRightly())
                return null;
            WithoutOneDnn = OneDnn.SwitchOff(Path.GetDirectoryName(library)!) && OneDnn.ConvolvesRightly();
            return WithoutOneDnn ? null : "libtorch's convolutions are wrong on this processor. Set environment ONEDNN_MAX_CPU_ISA=SSE41, with which they were right where this was seen before, or use another machine.";
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or NotSupportedException or TypeInitializationException)
        {
            return Explain(library, SymbolVersions.SystemLibStdCxx(), e.Message);
        }
    }

    /// <summary>
    /// Keeps libtorch's warnings from the console unless environment <c>TORCH_CPP_LOG_LEVEL</c> asks for them. On one thread
    /// and a processor that NNPACK does not know, every convolution of 1 x 1 would write the same line.
    /// </summary>
    private static void LogErrorsAlone(string natives)
    {
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad(Path.Combine(natives, "libc10.so"), out nint c10) || !NativeLibrary.TryGetExport(c10, "_ZN3c1011initLoggingEv", out nint initLogging))
            return;
        NativeEnvironment.SetDefault("TORCH_CPP_LOG_LEVEL", "ERROR");
        Marshal.GetDelegateForFunctionPointer<Action>(initLogging)(); // c10::initLogging(): PyTorch calls it, TorchSharp does not
    }
}

using System.Runtime.InteropServices;
using TorchSharp;

namespace C2FVL.Platform;

/// <summary>
/// Loads libtorch and, where that fails, tells the true cause, which TorchSharp's own message does not.
/// </summary>
/// <remarks>
/// TorchSharp's Linux library is built with GCC 13 and asks libstdc++ for version GLIBCXX_3.4.32, which Debian 12 and
/// Ubuntu 22.04 lack. The only symbol of that version is a marker of the standard library which nothing relocates
/// against, so the need can be made weak: the loader then warns at most, and every other symbol is found. No package
/// changes it.
/// </remarks>
public static class TorchLibrary
{
    private const byte WeakFlag = 2;

    private static readonly Lazy<string?> Failure = new(Load);

    /// <summary>The systems that libtorch and TorchSharp have packages for.</summary>
    private static readonly string[] Systems = ["linux-x64", "win-x64", "osx-arm64"];

    /// <summary>
    /// How the need begins in .gnu.version_r of an ELF file: the ELF hash of "GLIBCXX_3.4.32", and flags of 0.
    /// </summary>
    internal static ReadOnlySpan<byte> Need => [0x42, 0xf8, 0x97, 0x02, 0, 0];

    /// <summary>Loads libtorch once. Cheap when it is loaded already.</summary>
    /// <exception cref="DllNotFoundException">It cannot be loaded; the message names the cause and the
    /// cure.</exception>
    public static void EnsureLoaded()
    {
        if (Failure.Value is string why)
            throw new DllNotFoundException(why);
    }

    /// <summary>
    /// Whether libtorch goes without oneDNN, whose convolutions were found wrong on this machine when it was loaded;
    /// slower, and right.
    /// </summary>
    public static bool WithoutOneDnn { get; private set; }

    /// <summary>Why a native library of TorchSharp does not load on this machine, with the cure.</summary>
    /// <param name="library">The file, such as libLibTorchSharp.so.</param>
    /// <param name="libStdCxx">The system's libstdc++; null if there is none.</param>
    /// <param name="loaderMessage">What the system's loader said.</param>
    public static string Explain(string library, string? libStdCxx, string loaderMessage)
    {
        if (!File.Exists(library))
            return WhyAbsent(library, RuntimeInformation.RuntimeIdentifier);

        if (Unmet(library, libStdCxx) is not null)
            return $"{library} needs GLIBCXX_3.4.32 of libstdc++, and {libStdCxx} lacks it. The library fixes this by "
                + $"replacing the file, but cannot write to {Path.GetDirectoryName(library)}. Make that folder "
                + "writable for one start.";
        string cure = loaderMessage.Contains("GLIBC", StringComparison.Ordinal)
            ? ". Install the libstdc++6 of a newer GCC, or use a newer system." : "";
        return $"{library} cannot be loaded: {loaderMessage}{cure}";
    }

    /// <summary>Why a file of TorchSharp is not there, with the systems that have a libtorch.</summary>
    internal static string WhyAbsent(string library, string system) => Systems.Contains(system)
        ? $"{library} is missing. Build the library for this machine: dotnet build -c Release C2FVL.Lib.csproj"
        : $"There is no libtorch for this system, {system}. It runs on {string.Join(", ", Systems)}.";

    /// <summary>
    /// Replaces a library that asks for a version which this system lacks by a copy that does without, where that is
    /// safe. The file is renamed into place, so that another link to it, as into NuGet's cache, keeps the original.
    /// </summary>
    /// <returns>Whether it was replaced.</returns>
    internal static bool Cure(string library, string? libStdCxx)
    {
        if (Unmet(library, libStdCxx) is not int flags)
            return false;
        try
        {
            DateTime written = File.GetLastWriteTimeUtc(library);
            byte[] copy = File.ReadAllBytes(library);
            copy[flags] |= WeakFlag;
            AtomicFile.WriteBytes(library, copy);
            File.SetLastWriteTimeUtc(library, written); // the next build takes it for unchanged
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // Explain says that the folder is not writable
        }
    }

    /// <summary>
    /// Cures the library beside this program before anything of TorchSharp runs: a build leaves it as its package has
    /// it.
    /// </summary>
    internal static void CureHere() => Cure(Find(), SystemLibStdCxx());

    /// <summary>
    /// The place of the need's flags in a library, where the system's libstdc++ does not have the version; null where
    /// nothing is to be done.
    /// </summary>
    private static int? Unmet(string library, string? libStdCxx)
    {
        if (libStdCxx is null || !File.Exists(library)
            || File.ReadAllBytes(libStdCxx).AsSpan().IndexOf("GLIBCXX_3.4.32\0"u8) >= 0)
            return null;
        int need = File.ReadAllBytes(library).AsSpan().IndexOf(Need);
        return need < 0 ? null : need + 4;
    }

    /// <summary>The libstdc++ that this process runs on; null where the .NET runtime has loaded none.</summary>
    internal static string? SystemLibStdCxx() => !File.Exists("/proc/self/maps") ? null
        : File.ReadLines("/proc/self/maps").Where(line => line.Contains("/libstdc++.so.6"))
            .Select(line => line[line.IndexOf('/')..]).FirstOrDefault(File.Exists);

    /// <summary>Beside the program, or where a build for every system puts it.</summary>
    private static string Find()
    {
        string file = OperatingSystem.IsWindows() ? "LibTorchSharp.dll"
            : OperatingSystem.IsMacOS() ? "libLibTorchSharp.dylib" : "libLibTorchSharp.so";
        string folder = Path.GetDirectoryName(typeof(TorchLibrary).Assembly.Location)!;
        string beside = Path.Combine(folder, file);
        string below = Path.Combine(folder, "runtimes", RuntimeInformation.RuntimeIdentifier, "native", file);
        return !File.Exists(beside) && File.Exists(below) ? below : beside;
    }

    private static string? Load()
    {
        string library = Find();
        try
        {
            if (OperatingSystem.IsLinux())
                NativeLibrary.Load(library);
            LogErrorsAlone(Path.GetDirectoryName(library)!);
            bool hasGpu = torch.cuda.is_available();
            torch.InitializeDeviceType(hasGpu ? DeviceType.CUDA : DeviceType.CPU);
            if (hasGpu)
                torch.backends.cudnn.allow_tf32 = false; // libtorch's default gives convolutions 19 bits of 32
            if (OneDnn.ConvolvesRightly())
                return null;
            WithoutOneDnn = OneDnn.SwitchOff(Path.GetDirectoryName(library)!) && OneDnn.ConvolvesRightly();
            return WithoutOneDnn
                ? null
                : "libtorch's convolutions are wrong on this processor. Set the environment variable "
                    + "ONEDNN_MAX_CPU_ISA=SSE41, which helped on a similar machine, or use another machine.";
        }
        catch (Exception e) when (
            e is DllNotFoundException or BadImageFormatException or NotSupportedException
                or TypeInitializationException)
        {
            return Explain(library, SystemLibStdCxx(), e.Message);
        }
    }

    /// <summary>
    /// Keeps libtorch's warnings from the console unless environment <c>TORCH_CPP_LOG_LEVEL</c> asks for them. On one
    /// thread and a processor that NNPACK does not know, every convolution of 1 x 1 would write the same line.
    /// </summary>
    private static void LogErrorsAlone(string natives)
    {
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad(Path.Combine(natives, "libc10.so"), out nint c10)
            || !NativeLibrary.TryGetExport(c10, "_ZN3c1011initLoggingEv", out nint initLogging))
            return;
        NativeEnvironment.SetDefault("TORCH_CPP_LOG_LEVEL", "ERROR");
        // c10::initLogging(): PyTorch calls it, TorchSharp does not
        Marshal.GetDelegateForFunctionPointer<Action>(initLogging)();
    }
}

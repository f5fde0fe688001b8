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
            torch.InitializeDeviceType(torch.cuda.is_available() ? DeviceType.CUDA : DeviceType.CPU);
            return null;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or NotSupportedException or TypeInitializationException)
        {
            return Explain(library, SymbolVersions.SystemLibStdCxx(), e.Message);
        }
    }
}

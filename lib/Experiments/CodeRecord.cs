using C2FVL.Platform;
using TorchSharp;

namespace C2FVL.Experiments;

/// <summary>The code and the machine's settings that worked on a run.</summary>
/// <param name="Version">The library's version.</param>
/// <param name="Commit">The git commit it was built from; empty where unknown.</param>
/// <param name="Build">Differs wherever the compiled code differs.</param>
/// <param name="Libtorch">libtorch's version, and whether it went without oneDNN.</param>
/// <param name="Threads">libtorch's threads.</param>
/// <param name="Device">"cpu" or "cuda".</param>
/// <param name="Since">When it began, UTC.</param>
public sealed record CodeRecord(string Version, string Commit, string Build, string Libtorch, int Threads, string Device, DateTime Since)
{
    /// <summary>This process's, for a spec. libtorch is loaded for it.</summary>
    public static CodeRecord Now(RunSpec spec)
    {
        TorchLibrary.EnsureLoaded();
        return new CodeRecord(
            BuildInfo.Version, BuildInfo.Commit, BuildInfo.Build,
            torch.__version__ + (TorchLibrary.WithoutOneDnn ? " without oneDNN" : ""),
            spec.Threads, spec.Device, Now());
    }

    /// <summary>Version and commit, such as "1.0.0+bcdb44a2ed76".</summary>
    public string Code() => this.Commit.Length > 0 ? $"{this.Version}+{this.Commit}" : this.Version;

    /// <summary>The time now, UTC, in whole seconds.</summary>
    internal static DateTime Now() => new(DateTime.UtcNow.Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, DateTimeKind.Utc);
}

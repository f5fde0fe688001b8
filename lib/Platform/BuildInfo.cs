using System.Reflection;

namespace C2FVL.Platform;

/// <summary>Which code this is, for a run's provenance.</summary>
public static class BuildInfo
{
    private static readonly string[] Informational =
        (typeof(BuildInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "").Split('+', 2);

    /// <summary>The library's version, such as 1.0.0.</summary>
    public static string Version => Informational[0];

    /// <summary>The first 12 digits of the git commit it was built from; empty where it was not built in a git checkout.</summary>
    public static string Commit => Informational.Length > 1 ? Informational[1][..Math.Min(12, Informational[1].Length)] : "";

    /// <summary>8 digits that differ wherever the compiled code differs, so that uncommitted changes show too.</summary>
    public static string Build => typeof(BuildInfo).Module.ModuleVersionId.ToString("n")[..8];
}

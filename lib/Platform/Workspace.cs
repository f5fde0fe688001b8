using System.Reflection;

namespace C2FVL.Platform;

/// <summary>The folders the workbook reads and writes.</summary>
public static class Workspace
{
    private static readonly Lazy<string> Found = new(() =>
        Up(Directory.GetCurrentDirectory()) ?? Up(AppContext.BaseDirectory)
            ?? Up(Path.GetDirectoryName(typeof(Workspace).Assembly.Location)) ?? Directory.GetCurrentDirectory());

    /// <summary>
    /// The checkout: the folder with C2FVL.Lib.csproj at or above the current folder or the program's own.
    /// </summary>
    public static string Root => Found.Value;

    /// <summary>Where runs are kept: environment <c>C2FVL_RUNS</c>, else data/runs.</summary>
    public static string Runs =>
        Environment.GetEnvironmentVariable("C2FVL_RUNS") is { Length: > 0 } runs
            ? Path.GetFullPath(runs)
            : Path.Combine(Root, "data", "runs");

    /// <summary>Where the small results of real runs are tracked.</summary>
    public static string Results => Path.Combine(Root, "data", "results");

    /// <summary>Where trained weights are tracked.</summary>
    public static string Weights => Path.Combine(Root, "data", "weights");

    /// <summary>Where drawn phantoms are kept.</summary>
    public static string Phantoms => Path.Combine(Root, "data", "phantoms");

    /// <summary>
    /// The folder of a data set. A bare name, such as QaTa-COV19, is looked for in environment <c>C2FVL_DATA</c> (one
    /// folder or several, as PATH is written), then in data/, then in the current folder. A path starts from the
    /// current folder, which is the shell's or a notebook kernel's; where there is none, it may be one under these
    /// places.
    /// </summary>
    /// <param name="name">The set's name, or the path of any folder.</param>
    /// <returns>The folder's full path, or null if there is none.</returns>
    public static string? FindData(string name)
    {
        if (string.IsNullOrWhiteSpace(name))
            return null; // the folder of all sets is none of them
        string[] places = IsBareName(name) ? [.. DataPlaces, ""] : name.StartsWith('.') ? [""] : ["", .. DataPlaces];
        return places.Select(place => Path.GetFullPath(Path.Combine(place, name))).FirstOrDefault(Directory.Exists);
    }

    /// <summary>The folders in which a set is looked for by its name.</summary>
    internal static IEnumerable<string> DataPlaces =>
        [
            .. (Environment.GetEnvironmentVariable("C2FVL_DATA") ?? "").Split(
                Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
            Path.Combine(Root, "data")];

    /// <summary>Whether a data set is named, and not a path given.</summary>
    internal static bool IsBareName(string name) => name is not ("" or "." or "..") && name.IndexOfAny(['/', '\\']) < 0;

    private static string? Up(string? folder)
    {
        while (folder is not null && !File.Exists(Path.Combine(folder, "C2FVL.Lib.csproj")))
            folder = Path.GetDirectoryName(folder);
        return folder;
    }
}

/// <summary>Which code this is, for a run's provenance.</summary>
public static class BuildInfo
{
    private static readonly string[] Informational =
        (typeof(BuildInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion ?? "").Split('+', 2);

    /// <summary>The library's version, such as 1.0.0.</summary>
    public static string Version => Informational[0];

    /// <summary>
    /// The first 12 digits of the git commit it was built from; empty if it was not built in a git checkout.
    /// </summary>
    public static string Commit =>
        Informational.Length > 1 ? Informational[1][..Math.Min(12, Informational[1].Length)] : "";

    /// <summary>
    /// 8 digits that differ wherever the compiled code differs, so that uncommitted changes show too.
    /// </summary>
    public static string Build => typeof(BuildInfo).Module.ModuleVersionId.ToString("n")[..8];
}

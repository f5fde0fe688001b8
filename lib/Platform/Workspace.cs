namespace C2FVL.Platform;

/// <summary>The folders the workbook reads and writes.</summary>
public static class Workspace
{
    private static readonly Lazy<string> Found = new(() =>
        Up(Directory.GetCurrentDirectory()) ?? Up(AppContext.BaseDirectory) ?? Up(Path.GetDirectoryName(typeof(Workspace).Assembly.Location)) ?? Directory.GetCurrentDirectory());

    /// <summary>The checkout: the folder with C2FVL.Lib.csproj at or above the current folder or the program's own.</summary>
    public static string Root => Found.Value;

    /// <summary>Where runs are kept: environment <c>C2FVL_RUNS</c>, else data/runs.</summary>
    public static string Runs => Environment.GetEnvironmentVariable("C2FVL_RUNS") is { Length: > 0 } runs ? Path.GetFullPath(runs) : Path.Combine(Root, "data", "runs");

    /// <summary>Where the small results of real runs are tracked.</summary>
    public static string Results => Path.Combine(Root, "data", "results");

    /// <summary>Where drawn phantoms are kept.</summary>
    public static string Phantoms => Path.Combine(Root, "data", "phantoms");

    /// <summary>The folder of a real data set: in environment <c>C2FVL_DATA</c> (one folder or several, as PATH is written), else in data/.</summary>
    /// <param name="name">The set's folder name, such as QaTa-COV19, or the path of any folder.</param>
    /// <returns>The folder, or null where there is none.</returns>
    public static string? FindData(string name)
    {
        string[] places = [.. (Environment.GetEnvironmentVariable("C2FVL_DATA") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries), Path.Combine(Root, "data")];
        return places.Select(place => Path.Combine(place, name)).FirstOrDefault(Directory.Exists);
    }

    private static string? Up(string? folder)
    {
        while (folder is not null && !File.Exists(Path.Combine(folder, "C2FVL.Lib.csproj")))
            folder = Path.GetDirectoryName(folder);
        return folder;
    }
}

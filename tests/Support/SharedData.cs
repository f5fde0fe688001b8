namespace C2FVL.Tests.Support;

/// <summary>The real data and reference figures beside the checkout; tests that need them skip, saying why, where they are absent.</summary>
public static class SharedData
{
    /// <summary>The checkout's root folder.</summary>
    public static string Repository { get; } = FindUp(AppContext.BaseDirectory, "C2FVL.Lib.csproj")
        ?? throw new InvalidOperationException("The tests run outside a checkout.");

    /// <summary>The shared folder, there or not.</summary>
    public static string Folder { get; } = Environment.GetEnvironmentVariable("C2FVL_SHARED") ?? Path.Combine(Repository, "..", "shared");

    /// <summary>A path under the shared folder; skips the calling test where it does not exist.</summary>
    /// <param name="path">Such as "data/QaTa-COV19" or "reference/parity".</param>
    public static string Require(string path)
    {
        string full = Path.GetFullPath(Path.Combine(Folder, path));
        Assert.SkipUnless(Directory.Exists(full) || File.Exists(full), $"needs the real data at {full}; set C2FVL_SHARED to the folder that holds {path}");
        return full;
    }

    private static string? FindUp(string? folder, string file)
    {
        while (folder is not null && !File.Exists(Path.Combine(folder, file)))
            folder = Path.GetDirectoryName(folder);
        return folder;
    }
}

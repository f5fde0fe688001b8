namespace C2FVL.Data;

/// <summary>
/// Lists folders, each once, and finds them by relative path without regard to capitals. A folder that cannot be read
/// is an error of its own and counts as empty.
/// </summary>
/// <param name="root">Where paths begin.</param>
/// <param name="faults">Receives the errors.</param>
internal sealed class FolderTree(string root, List<DataFault> faults)
{
    /// <summary>Deeper folders, and more, are not searched: a link may lead in a circle.</summary>
    private const int Deepest = 4, MostFolders = 2000;

    private readonly Dictionary<string, FolderFiles> seen = [];

    public string Root => root;

    /// <summary>
    /// The folder at a relative path; null where there is none. An exact match goes before one that differs in
    /// capitals.
    /// </summary>
    public string? Find(string path)
    {
        string? found = root;
        foreach (string step in path.Split('/', '\\', StringSplitOptions.RemoveEmptyEntries))
        {
            IReadOnlyList<string> inside = found is null ? [] : Files(found).Folders;
            found = inside.FirstOrDefault(folder => Path.GetFileName(folder) == step)
                ?? inside.FirstOrDefault(folder => ImageName.Comparer.Equals(Path.GetFileName(folder), step));
        }

        return found;
    }

    /// <summary>What lies in a folder.</summary>
    public FolderFiles Files(string folder)
    {
        if (seen.TryGetValue(folder, out FolderFiles? known))
            return known;
        string[] folders = [], files = [];
        try
        {
            folders = [.. Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal)];
            files = [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var fault = new DataFault(
                folder, null, $"The folder cannot be read: {e.Message}", "Allow reading it, or move it elsewhere.");
            if (!faults.Contains(fault))
                faults.Add(fault);
        }

        return seen[folder] = FolderFiles.From(folders, files);
    }

    /// <summary>
    /// The folder and those inside it, without hidden ones, to a depth and a number that no data set has.
    /// </summary>
    public IEnumerable<string> All()
    {
        var open = new Queue<(string Folder, int Depth)>([(root, 0)]);
        for (int seen = 0; seen < MostFolders && open.TryDequeue(out (string Folder, int Depth) next); seen++)
        {
            yield return next.Folder;
            if (next.Depth == Deepest)
                continue;
            foreach (string inside in Files(next.Folder).Folders.Where(f =>
                Path.GetFileName(f)[0] is not ('.' or '_' or '@') && new DirectoryInfo(f).LinkTarget is null))
                open.Enqueue((inside, next.Depth + 1));
        }
    }
}

/// <summary>What lies in one folder, sorted by what it is good for. Nothing is opened.</summary>
/// <param name="Folders">The folders in it, in ordinal order.</param>
/// <param name="Pictures">PNG, JPEG and BMP files, in ordinal order of their names.</param>
/// <param name="Sheets">Workbooks and CSV files.</param>
/// <param name="Others">The rest, without what systems leave behind.</param>
internal sealed record FolderFiles(IReadOnlyList<string> Folders, IReadOnlyList<string> Pictures,
    IReadOnlyList<string> Sheets, IReadOnlyList<string> Others)
{
    /// <summary>Sorts a folder's files.</summary>
    public static FolderFiles From(IReadOnlyList<string> folders, IEnumerable<string> files)
    {
        ILookup<string, string> sorted = files.Where(file => !IsLeftBehind(Path.GetFileName(file))).ToLookup(
            file => IsPicture(file) ? "picture" : HasExtension(file, ReportSheet.Extensions) ? "sheet" : "other");
        return new FolderFiles(folders, [.. sorted["picture"]], [.. sorted["sheet"]], [.. sorted["other"]]);
    }

    private static bool IsLeftBehind(string name) => name.StartsWith('.')
        || name.StartsWith("~$", StringComparison.Ordinal)
        || new[] { "Thumbs.db", "desktop.ini" }.Contains(name, ImageName.Comparer);

    private static bool HasExtension(string name, IEnumerable<string> extensions) =>
        extensions.Contains(Path.GetExtension(name), ImageName.Comparer);

    /// <summary>Whether a file's extension is one of an image that is read.</summary>
    public static bool IsPicture(string name) => IsJpeg(name) || HasExtension(name, [".png", ".bmp"]);

    /// <summary>Whether a file's extension is one of JPEG's.</summary>
    public static bool IsJpeg(string name) => HasExtension(name, [".jpg", ".jpeg"]);

    /// <summary>
    /// An image's name without folder and extension, however the path is written; other names keep what looks like an
    /// extension.
    /// </summary>
    public static string Stem(string name)
    {
        string file = name[(name.LastIndexOfAny(['/', '\\']) + 1)..].Trim();
        return IsPicture(file) ? Path.GetFileNameWithoutExtension(file) : file;
    }
}

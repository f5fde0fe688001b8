namespace C2FVL.Data;

/// <summary>
/// Lists folders, each once, and finds them by relative path without regard to capitals. A folder that cannot be read
/// is an error of its own and counts as empty.
/// </summary>
/// <param name="root">Where paths begin.</param>
/// <param name="faults">Receives the errors.</param>
internal sealed class FolderTree(string root, List<DataFault> faults)
{
    /// <summary>Deeper folders, and more, are not searched; nor are links, which may lead in a circle.</summary>
    private const int Deepest = 4, MostFolders = 2000;

    private static readonly EnumerationOptions Below = new()
    {
        RecurseSubdirectories = true, MaxRecursionDepth = Deepest - 1, IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.Hidden | FileAttributes.ReparsePoint,
    };

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

        ILookup<string, string> sorted = files.Where(file => !FolderFiles.IsLeftBehind(file)).ToLookup(
            file => FolderFiles.IsPicture(file) ? "picture" : FolderFiles.IsSheet(file) ? "sheet" : "other");
        return seen[folder] =
            new FolderFiles(folders, [.. sorted["picture"]], [.. sorted["sheet"]], [.. sorted["other"]]);
    }

    /// <summary>
    /// The folder and those inside it, without hidden ones, to a depth and a number that no data set has.
    /// </summary>
    public IEnumerable<string> All() => Directory.EnumerateDirectories(root, "*", Below)
        .Where(folder => !Path.GetRelativePath(root, folder).Split('/', '\\').Any(name => name[0] is '.' or '_' or '@'))
        .Take(MostFolders).Order(StringComparer.Ordinal).Prepend(root);
}

/// <summary>What lies in one folder, sorted by what it is good for. Nothing is opened.</summary>
/// <param name="Folders">The folders in it, in ordinal order.</param>
/// <param name="Pictures">PNG, JPEG and BMP files, in ordinal order of their names.</param>
/// <param name="Sheets">Workbooks and CSV files.</param>
/// <param name="Others">The rest, without what systems leave behind.</param>
internal sealed record FolderFiles(IReadOnlyList<string> Folders, IReadOnlyList<string> Pictures,
    IReadOnlyList<string> Sheets, IReadOnlyList<string> Others)
{
    /// <summary>Whether a system leaves such a file behind.</summary>
    public static bool IsLeftBehind(string file) => Path.GetFileName(file) is string name && (name.StartsWith('.')
        || name.StartsWith("~$", StringComparison.Ordinal)
        || new[] { "Thumbs.db", "desktop.ini" }.Contains(name, ImageName.Comparer));

    private static bool HasExtension(string name, IEnumerable<string> extensions) =>
        extensions.Contains(Path.GetExtension(name), ImageName.Comparer);

    /// <summary>Whether a file's extension is one of a sheet that is read.</summary>
    public static bool IsSheet(string name) => HasExtension(name, ReportSheet.Extensions);

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

namespace C2FVL.Data;

/// <summary>What lies in one folder, sorted by what it is good for. Nothing is opened.</summary>
/// <param name="Pictures">PNG, JPEG and BMP files, in ordinal order of their names.</param>
/// <param name="Sheets">Workbooks and CSV files.</param>
/// <param name="Others">The rest, without what systems leave behind.</param>
internal sealed record FolderFiles(IReadOnlyList<string> Pictures, IReadOnlyList<string> Sheets, IReadOnlyList<string> Others)
{
    private static readonly HashSet<string> PictureExtensions = new(StringComparer.OrdinalIgnoreCase) { ".png", ".jpg", ".jpeg", ".bmp" };

    private static readonly HashSet<string> LeftBehind = new(StringComparer.OrdinalIgnoreCase) { "Thumbs.db", "desktop.ini" };

    /// <summary>Sorts a folder's files.</summary>
    public static FolderFiles Of(IEnumerable<string> files)
    {
        List<string> pictures = [], sheets = [], others = [];
        foreach (string file in files)
        {
            string name = Path.GetFileName(file), extension = Path.GetExtension(file);
            if (name.StartsWith('.') || name.StartsWith("~$", StringComparison.Ordinal) || LeftBehind.Contains(name))
                continue;
            bool isSheet = ReportSheet.Extensions.Contains(extension, StringComparer.OrdinalIgnoreCase);
            (PictureExtensions.Contains(extension) ? pictures : isSheet ? sheets : others).Add(file);
        }

        return new FolderFiles(pictures, sheets, others);
    }

    /// <summary>Whether a file's extension is one of a picture that is read.</summary>
    public static bool IsPicture(string name) => PictureExtensions.Contains(Path.GetExtension(name));

    /// <summary>A picture's name without folder and extension, however the path is written; other names keep what looks like an extension.</summary>
    public static string Stem(string name)
    {
        string file = name[(name.LastIndexOfAny(['/', '\\']) + 1)..].Trim();
        return PictureExtensions.Contains(Path.GetExtension(file)) ? Path.GetFileNameWithoutExtension(file) : file;
    }
}

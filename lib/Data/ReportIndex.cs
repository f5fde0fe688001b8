namespace C2FVL.Data;

/// <summary>Finds for each image the row of the sheets that means it.</summary>
/// <param name="tree">The data set's folder.</param>
/// <param name="pairs">The images.</param>
/// <param name="without">Names of images without a mask, whose rows are no orphans.</param>
/// <param name="patientSides">Whether left in the sheets is the patient's left.</param>
/// <param name="faults">Receives what is wrong.</param>
internal sealed class ReportIndex(FolderTree tree, IReadOnlyList<ImagePair> pairs, IReadOnlySet<string> without,
    bool patientSides, List<DataFault> faults)
{
    private readonly NameIndex names = new(pairs);
    private readonly Dictionary<string, ReportRow> rows = [];

    /// <summary>The sheets that were read.</summary>
    public List<string> Sheets { get; } = [];

    /// <summary>The folders in which sheets were looked for.</summary>
    public HashSet<string> Folders { get; } = [];

    /// <summary>Why reports are missing.</summary>
    public List<DataFault> Faults { get; } = [];

    /// <summary>An image's report, in sides of the image; null where there is none.</summary>
    public LesionReport? Of(ImagePair pair)
    {
        LesionReport? written = rows.GetValueOrDefault(pair.Id)?.Report;
        return patientSides ? written?.FlipHorizontal() : written;
    }

    /// <summary>Reads the sheets: those given, or those that lie where the layout has them.</summary>
    /// <param name="parts">The parts that are there, with their folders of images.</param>
    /// <param name="given">A sheet or a folder of sheets; null for the layout's.</param>
    public void Read(IReadOnlyList<(LayoutPart Part, string Images)> parts, string? given)
    {
        if (given is not null)
        {
            ReadGiven(Path.GetFullPath(given));
            return;
        }

        ReadNamed([.. parts.Select(found => found.Part).Where(part => part.Sheets.Length > 0)]);
        ReadOthers([.. parts.Where(found => found.Part.Sheets.Length == 0)]);
    }

    private void ReadGiven(string path)
    {
        IReadOnlyList<string> found = Directory.Exists(path) ? new FolderTree(path, faults).Files(path).Sheets
            : File.Exists(path) ? [path]
            : throw new FileNotFoundException(
                $"{path}: there is no such sheet or folder of sheets. Check the path.", path);
        if (found.Count == 0)
            Tell(path, null, "There is no sheet (.xlsx or .csv) in this folder, so the images have no reports.",
                "Name the sheet, or the folder that contains it.");
        foreach (string sheet in found)
            ReadSheet(sheet, PartOf(sheet));
        TellMissing(_ => true);
    }

    /// <summary>Reads the sheets of a layout that says where they are, one for each of its parts.</summary>
    private void ReadNamed(IReadOnlyList<LayoutPart> parts)
    {
        var told = new HashSet<Part?>();
        foreach (LayoutPart part in parts)
        {
            if (part.Sheets.Select(FindFile).OfType<string>().FirstOrDefault() is not string found)
                Tell(Path.Combine(tree.Root, part.Sheets[0]), null, "This sheet is missing, so these images have no "
                    + "reports.", "Add the sheet, with the columns Image and Description.");
            else if (ReadSheet(found, part.Part))
                told.Add(part.Part);
        }

        TellMissing(pair => told.Contains(pair.Part));
    }

    /// <summary>Reads whatever sheets lie in the data set's folder, beside the images or beside their folder.</summary>
    private void ReadOthers(IReadOnlyList<(LayoutPart Part, string Images)> parts)
    {
        if (parts.Count == 0)
            return;
        (string Folder, Part? Part)[] places = [(tree.Root, null), .. parts
            .SelectMany(part => new[] { part.Images, Path.GetDirectoryName(part.Images)! },
                (part, folder) => (folder, part.Part.Part))
            .Where(place => place.folder.StartsWith(tree.Root, StringComparison.Ordinal) && place.folder != tree.Root)
            .DistinctBy(place => place.folder)];
        (string Sheet, Part? Part)[] found = [.. places.SelectMany(place => tree.Files(place.Folder).Sheets,
            (place, sheet) => (sheet, PartOf(sheet) ?? place.Part))];
        foreach (string other in places.SelectMany(place => tree.Files(place.Folder).Others)
            .Where(file => found.Length == 0 && IsOtherSheet(file)))
            Tell(other, null, "This type of sheet is not supported.", "Save it as .xlsx or .csv.");
        int read = found.Count(sheet => ReadSheet(sheet.Sheet, sheet.Part));
        if (read > 0 && read == found.Length)
            TellMissing(_ => true);
    }

    /// <summary>slices.tsv, which import-nifti writes, holds no reports.</summary>
    private static bool IsOtherSheet(string file) => Path.GetFileName(file) != "slices.tsv"
        && Path.GetExtension(file).ToLowerInvariant() is ".xls" or ".xlsm" or ".xlsb" or ".ods" or ".tsv" or ".numbers";

    private string? FindFile(string path)
    {
        FolderFiles? files = tree.Find(Path.GetDirectoryName(path) ?? "") is string folder ? tree.Files(folder) : null;
        return files?.Sheets.FirstOrDefault(
            file => ImageName.Comparer.Equals(Path.GetFileName(file), Path.GetFileName(path)));
    }

    /// <summary>Reads a sheet's reports and errors; false if the file cannot be read at all.</summary>
    private bool ReadSheet(string path, Part? part)
    {
        Folders.Add(Path.GetDirectoryName(path)!);
        ReportSheet sheet;
        try
        {
            sheet = ReportSheet.Read(path);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            Tell(path, null, e.Message.StartsWith(path, StringComparison.Ordinal) ? e.Message[(path.Length + 2)..]
                : e.Message, "Until then it gives no reports.");
            return false;
        }

        Sheets.Add(path);
        faults.AddRange(sheet.Faults);
        Faults.AddRange(sheet.Faults.Where(fault => sheet.Rows.Any(row => row.Row == fault.Row && row.Report is null)));
        foreach (ReportRow row in sheet.Rows)
        {
            (ImagePair? pair, string? problem) = names.Find(row.Image, part);
            if (pair is null && problem is null && without.Contains(MaskNames.ImageOf(ImageName.OfFile(row.Image))))
                continue;
            if (pair is null)
                Tell(path, row.Row, problem ?? $"There is no image {row.Image}.",
                    "Add the image with its mask, correct the name, or delete the row.");
            else if (!rows.TryAdd(pair.Id, row))
                Tell(path, row.Row, $"{row.Image} has a report in another row or sheet; this one is not used.",
                    "Keep one report per image.");
        }

        return true;
    }

    private void TellMissing(Func<ImagePair, bool> expected)
    {
        foreach (ImagePair pair in pairs.Where(pair => expected(pair) && !rows.ContainsKey(pair.Id)))
            Tell(pair.Image, null, "No row of the reports names it, so it has no report.",
                "Add a row with its report.");
    }

    private void Tell(string file, int? row, string problem, string cure)
    {
        Faults.Add(file, row, problem, cure);
        faults.Add(Faults[^1]);
    }

    /// <summary>The part that a sheet's name begins with, as in Train_text.xlsx; null for none.</summary>
    private static Part? PartOf(string sheet) => Enum.GetValues<Part>().Cast<Part?>().FirstOrDefault(
        part => Path.GetFileName(sheet).StartsWith($"{part}", StringComparison.OrdinalIgnoreCase));
}

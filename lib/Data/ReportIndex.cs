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

    /// <summary>Reads the sheets: those given, or those that lie in the set's folder or beside its images.</summary>
    /// <param name="parts">The parts that are there, with their folders of images.</param>
    /// <param name="given">A sheet or a folder of sheets; null for those of the set.</param>
    public void Read(IReadOnlyList<(LayoutPart Part, string Images)> parts, string? given)
    {
        (string Sheet, Part? Part)[] found = given is not null ? Given(Path.GetFullPath(given)) : Beside(parts);
        var read = found.ToLookup(sheet => ReadSheet(sheet.Sheet, sheet.Part), sheet => sheet.Part);
        foreach ((LayoutPart part, string images) in parts.Where(there => there.Part.Part is not null
            && found.Length > 0 && !Covers(found.Select(sheet => sheet.Part), there.Part.Part)))
            Tell(Path.Combine(Path.GetDirectoryName(images)!, $"{part.Part}_text.xlsx"), null, "This sheet is missing, "
                + "so these images have no reports.", "Add the sheet, with the columns Image and Description.");

        foreach (ImagePair pair in pairs.Where(pair =>
            Covers(read[true], pair.Part) && !Covers(read[false], pair.Part) && !rows.ContainsKey(pair.Id)))
            Tell(pair.Image, null, "No row of the reports names it, so it has no report.",
                "Add a row with its report.");

        // A sheet of no part is of all.
        static bool Covers(IEnumerable<Part?> sheets, Part? part) => sheets.Any(own => own is null || own == part);
    }

    private (string Sheet, Part? Part)[] Given(string path)
    {
        IReadOnlyList<string> found = Directory.Exists(path) ? new FolderTree(path, faults).Files(path).Sheets
            : File.Exists(path) ? [path]
            : throw new FileNotFoundException(
                $"{path}: there is no such sheet or folder of sheets. Check the path.", path);
        if (found.Count == 0)
            Tell(path, null, "There is no sheet (.xlsx or .csv) in this folder, so the images have no reports.",
                "Name the sheet, or the folder that contains it.");
        return [.. found.Select(sheet => (sheet, PartOf(sheet)))];
    }

    /// <summary>The sheets that lie in the data set's folder, beside the images or beside their folder.</summary>
    private (string Sheet, Part? Part)[] Beside(IReadOnlyList<(LayoutPart Part, string Images)> parts)
    {
        if (parts.Count == 0)
            return [];
        (string Folder, Part? Part)[] places = [(tree.Root, null), .. parts
            .SelectMany(part => new[] { part.Images, Path.GetDirectoryName(part.Images)! },
                (part, folder) => (folder, part.Part.Part))
            .Where(place => place.folder.StartsWith(tree.Root, StringComparison.Ordinal) && place.folder != tree.Root)
            .DistinctBy(place => place.folder)];
        // A sheet that is there as .csv and as .xlsx is read as .xlsx.
        (string Sheet, Part? Part)[] found = [.. places.SelectMany(place => tree.Files(place.Folder).Sheets
            .GroupBy(sheet => Path.ChangeExtension(sheet, null), ImageName.Comparer)
            .Select(same => same.MaxBy(sheet => Path.GetExtension(sheet), ImageName.Comparer)!),
            (place, sheet) => (sheet, PartOf(sheet) ?? place.Part))];
        foreach (string other in places.SelectMany(place => tree.Files(place.Folder).Others)
            .Where(file => found.Length == 0 && IsOtherSheet(file)))
            Tell(other, null, "This type of sheet is not supported.", "Save it as .xlsx or .csv.");

        // Where each set has a sheet of its name, other sheets hold something else, such as patients.
        var named = Array.FindAll(found, sheet => PartOf(sheet.Sheet) is not null);
        return parts.All(there => named.Any(sheet => sheet.Part == there.Part.Part)) ? named : found;
    }

    /// <summary>slices.tsv, which import-nifti writes, holds no reports.</summary>
    private static bool IsOtherSheet(string file) => Path.GetFileName(file) != "slices.tsv"
        && Path.GetExtension(file).ToLowerInvariant() is ".xls" or ".xlsm" or ".xlsb" or ".ods" or ".tsv" or ".numbers";

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

    private void Tell(string file, int? row, string problem, string cure)
    {
        Faults.Add(file, row, problem, cure);
        faults.Add(Faults[^1]);
    }

    /// <summary>The part that a sheet's name begins with, as in Train_text.xlsx; null for none.</summary>
    private static Part? PartOf(string sheet) => Enum.GetValues<Part>().Cast<Part?>().FirstOrDefault(
        part => Path.GetFileName(sheet).StartsWith($"{part}", StringComparison.OrdinalIgnoreCase));
}

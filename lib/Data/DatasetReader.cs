namespace C2FVL.Data;

/// <summary>
/// Finds out how a folder is laid out and lists its cases. Only names and sheets are read: whether a picture can be
/// decoded is for the data check to say.
/// </summary>
public sealed class DatasetReader
{
    private static readonly StringComparer AnyCase = StringComparer.OrdinalIgnoreCase;

    private readonly FolderTree tree;
    private readonly List<DataFault> faults = [];

    /// <summary>Image with mask, by the image's stem.</summary>
    private readonly Dictionary<string, Pair> pairs = new(AnyCase);

    /// <summary>The stems of images without a mask, so that their reports are not called orphans too.</summary>
    private readonly HashSet<string> unpaired = new(AnyCase);

    /// <summary>The rows of all sheets, by the image's stem.</summary>
    private readonly Dictionary<string, ReportRow> reports = new(AnyCase);

    private DatasetReader(FolderTree tree) => this.tree = tree;

    /// <summary>
    /// Reads a data set in the layout of the paper's authors, of Kaggle's QaTa-COV19-v2 or MosMedData+, of
    /// medseg-ct, or any folder of images and masks, with or without sheets of reports. Names are matched without
    /// regard to capitals. What does not fit is left out and listed in <see cref="Dataset.Faults"/>; a report that
    /// contradicts itself is kept, and says so in <see cref="LesionReport.Contradictions"/>.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="kind">What made the pictures; null to go by layout and names, X-ray where they tell nothing.</param>
    /// <param name="name">The data set's name; null for the folder's.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">The folder has no known layout; the message says what was looked for.</exception>
    public static Dataset Read(string folder, ImageKind? kind = null, string? name = null) =>
        Read(folder, new DatasetSettings { Kind = kind, Name = name });

    /// <param name="folder">The folder.</param>
    /// <param name="settings">What the folder itself does not tell.</param>
    /// <inheritdoc cref="Read(string, ImageKind?, string?)"/>
    public static Dataset Read(string folder, DatasetSettings settings)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{folder}: there is no such folder. Check the path.");

        (DatasetLayout layout, FolderTree tree) = FindLayout(folder);
        var reader = new DatasetReader(tree);
        reader.ReadParts(layout);

        Case[] cases = [.. reader.pairs.Values
            .Select(pair => new Case(
                pair.Id,
                pair.Image,
                pair.Mask,
                reader.reports.GetValueOrDefault(pair.Id)?.Report,
                PatientId.FromFileName(pair.Id),
                settings.Kind ?? layout.Kind ?? (MosMedPrefix.Of(pair.Id) is null ? ImageKind.XRay : ImageKind.CT),
                pair.Part) { LesionLabel = settings.LesionLabel })
            .OrderBy(found => found.Id, StringComparer.Ordinal)];
        return new Dataset(settings.Name ?? Path.GetFileName(folder), folder, cases, reader.faults);
    }

    private static (DatasetLayout Layout, FolderTree Tree) FindLayout(string folder)
    {
        var outer = new FolderTree(folder);
        foreach (DatasetLayout layout in DatasetLayout.Known)
        {
            foreach (string inside in layout.Roots)
            {
                if (outer.Find(inside) is not string root)
                    continue;
                FolderTree tree = root == folder ? outer : new FolderTree(root);
                if (layout.Parts.Any(part => IsThere(tree, part)))
                    return (layout, tree);
            }
        }

        string wanted = string.Concat(DatasetLayout.Known.Select(layout => $"\n  {layout.Name}: {layout.Wanted}"));
        throw new InvalidDataException($"{folder}: no data set of a known layout is here. Looked for:{wanted}\nGive the folder that holds one of these, with pictures in PNG, JPEG or BMP.");
    }

    private static bool IsThere(FolderTree tree, LayoutPart part) => part.IsFlat
        ? FolderFiles.Of(tree.Root).Pictures.Any(picture => MaskNames.IsMask(FolderFiles.Stem(picture)))
        : tree.Find(part.Images) is not null && tree.Find(part.Masks) is not null;

    private void ReadParts(DatasetLayout layout)
    {
        var used = new HashSet<string>();
        var there = new List<(LayoutPart Part, string Images, string Masks)>();
        foreach (LayoutPart part in layout.Parts)
        {
            if (this.tree.Find(part.Images) is string images && this.tree.Find(part.Masks) is string masks
                && !used.Contains(images) && !used.Contains(masks))
            {
                used.UnionWith([images, masks]);
                there.Add((part, images, masks));
            }
        }

        foreach (LayoutPart part in layout.Parts)
        {
            foreach ((string here, string other) in new[] { (part.Images, part.Masks), (part.Masks, part.Images) })
            {
                if (this.tree.Find(here) is string alone && this.tree.Find(other) is null && used.Add(alone))
                    Fault(alone, $"It has no folder {other} beside it; its pictures are left out.", $"Put the pictures that belong to them in {other}, or remove the folder.");
            }
        }

        foreach ((LayoutPart part, string images, string masks) in there)
            ReadPictures(part, images, masks);

        ReadNamedSheets([.. there.Select(found => found.Part).Where(part => part.Sheets.Length > 0)]);
        ReadOtherSheets([.. there.Where(found => found.Part.Sheets.Length == 0).Select(found => found.Images)]);
    }

    private void ReadPictures(LayoutPart part, string imageFolder, string maskFolder)
    {
        FolderFiles inImages = Files(imageFolder);
        IEnumerable<string> images = inImages.Pictures, masks;
        if (part.IsFlat)
        {
            masks = images.Where(picture => MaskNames.IsMask(FolderFiles.Stem(picture)));
            images = images.Except(masks);
        }
        else
        {
            masks = Files(maskFolder).Pictures;
        }

        var maskByStem = new Dictionary<string, string>(AnyCase);
        foreach (string mask in masks)
        {
            if (!maskByStem.TryAdd(FolderFiles.Stem(mask), mask))
                Fault(mask, $"{Path.GetFileName(maskByStem[FolderFiles.Stem(mask)])} has the same name; this mask is left out.", "Keep one of them.");
        }

        foreach (string image in images)
        {
            string id = FolderFiles.Stem(image);
            string? maskStem = MaskNames.Of(id).FirstOrDefault(maskByStem.ContainsKey);
            if (this.pairs.TryGetValue(id, out Pair? same))
            {
                Fault(image, $"{Path.GetRelativePath(this.tree.Root, same.Image)} has the same name; this image is left out.", "Give every image a name of its own; capitals, extension and folder do not tell them apart.");
                if (same.Part != part.Part && maskStem is not null)
                    maskByStem.Remove(maskStem);
                continue;
            }

            if (maskStem is null)
            {
                this.unpaired.Add(id);
                Fault(image, "It has no mask and is left out.", $"Put {id}.png or mask_{id}.png in {maskFolder}, or remove the image.");
                continue;
            }

            maskByStem.Remove(maskStem, out string? mask);
            this.pairs.Add(id, new Pair(id, image, mask!, part.Part));
        }

        foreach (string mask in maskByStem.Values.Order(StringComparer.Ordinal))
            Fault(mask, "It has no image and is left out.", $"Put {MaskNames.ImageOf(FolderFiles.Stem(mask))}.png in {imageFolder}, or remove the mask.");
    }

    /// <summary>What lies in a folder of pictures; files of other kinds are told once for each kind.</summary>
    private FolderFiles Files(string folder)
    {
        FolderFiles files = FolderFiles.Of(folder);
        if (folder == this.tree.Root)
            return files; // a read-me or a licence beside the pictures is no fault
        foreach (IGrouping<string, string> others in files.Others.GroupBy(Path.GetExtension, AnyCase)!)
        {
            string named = others.Key.Length > 0 ? others.Key : "no extension";
            Fault(others.First(), $"{others.Count()} file{(others.Count() == 1 ? "" : "s")} of a kind that is not read ({named}).", "Convert pictures to PNG, JPEG or BMP; move other files elsewhere.");
        }

        return files;
    }

    /// <summary>Reads the sheets of a layout that says where they are, one for each of its parts.</summary>
    private void ReadNamedSheets(IReadOnlyList<LayoutPart> parts)
    {
        var told = new HashSet<Part?>();
        foreach (LayoutPart part in parts)
        {
            string[] found = [.. part.Sheets.Select(FindFile).OfType<string>()];
            if (found.Length == 0)
                Fault(Path.Combine(this.tree.Root, part.Sheets[0]), "It is not there, so these images have no reports.", "Add the sheet, with the columns Image and Description.");
            else if (ReadSheet(found[0]))
                told.Add(part.Part);
        }

        TellMissingReports(pair => told.Contains(pair.Part));
    }

    /// <summary>Reads whatever sheets lie in the data set's folder, beside the images or beside their folder.</summary>
    private void ReadOtherSheets(IReadOnlyList<string> imageFolders)
    {
        if (imageFolders.Count == 0)
            return;
        string[] sheets = [.. imageFolders.SelectMany(images => new[] { images, Path.GetDirectoryName(images)! })
            .Where(folder => folder.StartsWith(this.tree.Root, StringComparison.Ordinal))
            .Prepend(this.tree.Root).Distinct().SelectMany(folder => FolderFiles.Of(folder).Sheets)];
        int read = sheets.Count(ReadSheet);
        if (read > 0 && read == sheets.Length)
            TellMissingReports(_ => true);
    }

    private string? FindFile(string path)
    {
        string? folder = this.tree.Find(Path.GetDirectoryName(path) ?? "");
        return folder is null ? null : Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)
            .FirstOrDefault(file => AnyCase.Equals(Path.GetFileName(file), Path.GetFileName(path)));
    }

    /// <summary>Takes in a sheet's reports and faults; false where the file cannot be read at all.</summary>
    private bool ReadSheet(string path)
    {
        ReportSheet sheet;
        try
        {
            sheet = ReportSheet.Read(path);
        }
        catch (InvalidDataException e)
        {
            Fault(path, e.Message[(path.Length + 2)..], "Until then it gives no reports.");
            return false;
        }

        this.faults.AddRange(sheet.Faults);
        foreach (ReportRow row in sheet.Rows)
        {
            string written = FolderFiles.Stem(row.Image);
            string? id = new[] { written, MaskNames.ImageOf(written) }.FirstOrDefault(name => this.pairs.ContainsKey(name) || this.unpaired.Contains(name));
            if (id is null)
                this.faults.Add(new DataFault(path, row.Row, $"There is no image {row.Image}.", "Add the image with its mask, correct the name, or delete the row."));
            else if (!this.reports.TryAdd(id, row))
                this.faults.Add(new DataFault(path, row.Row, $"{row.Image} has a report in another row or sheet; this one is not used.", "Keep one report an image."));
        }

        return true;
    }

    private void TellMissingReports(Func<Pair, bool> expected)
    {
        foreach (Pair pair in this.pairs.Values.Where(expected).Where(pair => !this.reports.ContainsKey(pair.Id)))
            Fault(pair.Image, "No row of the reports names it, so it has no report.", "Add a row with its report.");
    }

    private void Fault(string file, string problem, string cure) => this.faults.Add(new DataFault(file, null, problem, cure));

    private sealed record Pair(string Id, string Image, string Mask, Part? Part);
}

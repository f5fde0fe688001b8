using System.Diagnostics.CodeAnalysis;
using static C2FVL.Data.Wording;

namespace C2FVL.Data;

/// <summary>
/// Finds out how a folder is laid out and lists its cases. Only names and sheets are read: whether an image can be
/// decoded is for the data check to say.
/// </summary>
public sealed class DatasetReader
{
    private readonly FolderTree tree;
    private readonly DatasetLayout layout;
    private readonly List<DataFault> faults;
    private readonly List<DataFault> notes = [], leftOut = [];
    private readonly List<string> unlabelled = [], notRead = [];
    private readonly List<ImagePair> pairs = [];
    private readonly HashSet<string> read = [];
    private readonly HashSet<Part> parts = [];

    /// <summary>The names of images without a mask, so that their reports are not called orphans too.</summary>
    private readonly HashSet<string> without = new(ImageName.Comparer);

    private DatasetReader(FolderTree tree, DatasetLayout layout, List<DataFault> faults) =>
        (this.tree, this.layout, this.faults) = (tree, layout, faults);

    /// <summary>
    /// Reads a data set in the layout of the paper's authors, of Kaggle's QaTa-COV19-v2 or MosMedData+, of medseg-ct,
    /// of nnU-Net's raw data, or any folder of images and masks, with or without sheets of reports. Names are matched
    /// without regard to capitals and Unicode form. What does not fit is left out and listed in
    /// <see cref="Dataset.Faults"/>; a report that contradicts itself is kept, and says so in
    /// <see cref="LesionReport.Contradictions"/>.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="settings">What the folder itself does not say; null for nothing.</param>
    /// <param name="name">The data set's name; null for the folder's.</param>
    /// <exception cref="ArgumentException">A setting is outside its range.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">The folder has no known layout; the message says what was looked
    /// for.</exception>
    public static Dataset Read(string folder, DatasetSettings? settings = null, string? name = null)
    {
        settings ??= new DatasetSettings();
        if (settings.LesionLabel is < 1)
            throw new ArgumentException(
                $"--lesion-label {settings.LesionLabel}: a label must be 1 or more; 0 is background.");
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{folder}: there is no such folder. Check the path.");

        List<DataFault> faults = [];
        (DatasetLayout layout, FolderTree tree) = DatasetLayout.Find(folder, faults);
        return new DatasetReader(tree, layout, faults).Read(settings, folder, name ?? Path.GetFileName(folder));
    }

    private Dataset Read(DatasetSettings settings, string folder, string name)
    {
        IReadOnlyList<(LayoutPart Part, string Images)> there = ReadParts();
        ImageKind? channel = layout.HasChannels ? NnUNetFolder.ReadKind(tree.Root, faults, notes) : null;
        ImageKind? known = settings.Kind ?? layout.Kind ?? channel;
        IReadOnlyList<ImagePair> named =
            WithIds(dropParts: layout.HasChannels && pairs.TrueForAll(pair => pair.Part == Part.Train));
        var reports = new ReportIndex(tree, named, without, settings.PatientSides, faults);
        reports.Read(there, settings.Reports);
        if (settings.PatientSides && reports.Sheets.Count > 0)
            notes.Add(reports.Sheets[0], null, "Its sides are read as the patient's, so left and right are swapped.",
                "Leave --patient-sides out if they are the image's.");
        TellFoldersNotRead(folder, reports.Folders);
        TellEmptyParts(named);

        Func<ImagePair, string?> patient = Patients.Read(settings, named, faults, notes);
        Case[] cases = [.. named.OrderBy(pair => pair.Id, StringComparer.Ordinal).Select(pair => new Case(
            pair.Id, pair.Image, pair.Mask, reports.Of(pair), patient(pair),
            known ?? (DataSets.MosMedSource(pair.Name) is null ? ImageKind.XRay : ImageKind.CT), pair.Part)
            { LesionLabel = settings.LesionLabel, Orientation = layout.Orientation })];
        return new Dataset(name, folder, cases, faults)
        {
            Layout = layout.Name,
            KindSource = settings.Kind is not null ? "as you said" : known is not null ? "by the layout"
                : cases.Any(c => c.Kind == ImageKind.CT) ? "by the names" : "by default; --kind CT for CT slices",
            Notes = notes,
            LeftOut = leftOut,
            Unlabelled = unlabelled,
            FoldersNotRead = notRead,
            PartsSeen = [.. parts.Order()],
            Sheets = reports.Sheets,
            ReportFaults = reports.Faults,
        };
    }

    private IReadOnlyList<(LayoutPart Part, string Images)> ReadParts()
    {
        var there = new List<(LayoutPart, string)>();
        foreach (LayoutPart part in layout.Parts)
        {
            if (tree.Find(part.Images) is not string images || tree.Find(part.Masks) is not string masks
                || read.Overlaps([images, masks]))
                continue;
            read.UnionWith([images, masks]);
            there.Add((part, images));
            if (part.Part is Part seen)
                parts.Add(seen);
            ReadPictures(part, images, masks);
        }

        foreach (LayoutPart part in layout.Parts)
        {
            (string? images, string? masks) = (tree.Find(part.Images), tree.Find(part.Masks));
            if (masks is null && HasUnreadPictures(images))
                TellUnlabelled(part, images);
            if (images is null && HasUnreadPictures(masks) && read.Add(masks))
                Fault(masks, $"It has no folder {part.Images} beside it; its masks are left out.",
                    $"Put their images in {part.Images}, or remove the folder.");
        }

        return there;
    }

    private string CaseName(string image) =>
        layout.HasChannels ? NnUNetFolder.CaseName(ImageName.OfFile(image)) : ImageName.OfFile(image);

    private bool HasUnreadPictures([NotNullWhen(true)] string? folder) =>
        folder is not null && !read.Contains(folder) && tree.Files(folder).Pictures.Count > 0;

    private void TellUnlabelled(LayoutPart part, string folder)
    {
        read.Add(folder);
        IReadOnlyList<string> pictures = tree.Files(folder).Pictures;
        pictures = layout.HasChannels ? NnUNetFolder.FirstChannels(pictures, []) : pictures;
        unlabelled.AddRange(pictures);
        without.UnionWith(pictures.Select(CaseName));
        notes.Add(folder, null, $"{Counted(pictures.Count, "image")} without masks "
            + $"({Listed([.. pictures.Select(picture => Path.GetFileName(picture))])}): "
            + $"{(part.IsFlat ? "no mask is beside them" : $"no folder {part.Masks} is there")}.",
            "You can predict them. To train on them or score them, add their masks.");
        string[] masks = [.. pictures.Where(MaskNames.IsMask)];
        if (masks.Length > 0 && masks.Length < pictures.Count)
            Fault(masks[0], $"{CountedAre(masks.Length, "file", " of this folder")} named like a mask.",
                $"Name the folder itself, {folder}, or move the masks to a folder {part.Masks}.");
    }

    private void ReadPictures(LayoutPart part, string imageFolder, string maskFolder)
    {
        IReadOnlyList<string> images = Files(imageFolder).Pictures;
        IReadOnlyList<string> masks = part.IsFlat ? [.. images.Where(MaskNames.IsMask)] : Files(maskFolder).Pictures;
        images = part.IsFlat ? [.. images.Except(masks)] : images;
        if (part.IsFlat && masks.Count == 0 && images.Count > 0)
        {
            TellUnlabelled(part, imageFolder);
            return;
        }

        Dictionary<string, string> maskOf = ByName(masks, ImageName.OfFile, maskFolder, "mask", "Keep one of them.");
        Dictionary<string, string> imageOf = ByName(
            layout.HasChannels ? NnUNetFolder.FirstChannels(images, notes) : images, CaseName, tree.Root, "image",
            "Give every image a unique name; capitals, extension and Unicode form make no difference.");
        foreach (string name in imageOf.Keys.ToArray())
            Pair(name, MaskNames.Of(name).FirstOrDefault(maskOf.ContainsKey));
        // 1.png and 0001.png are a pair where no other image and mask that are left mean the same numbers.
        ILookup<string, string> byNumber = maskOf.Keys.ToLookup(
            mask => ImageName.AsNumbers(MaskNames.ImageOf(mask)), ImageName.Comparer);
        foreach (var same in imageOf.Keys.ToLookup(ImageName.AsNumbers, ImageName.Comparer))
        {
            if (same.Count() == 1 && byNumber[same.Key].Count() == 1)
                Pair(same.First(), byNumber[same.Key].First());
        }

        without.UnionWith(imageOf.Keys);
        foreach ((string name, string image) in imageOf)
            LeaveOut(image, "It has no mask and is left out.",
                $"Put {name}.png or mask_{name}.png in {maskFolder}, or remove the image.");
        foreach (string mask in maskOf.Values.Order(StringComparer.Ordinal))
            LeaveOut(mask, "It has no image and is left out.",
                $"Put {MaskNames.ImageOf(FolderFiles.Stem(mask))}.png in {imageFolder}, or remove the mask.");

        string[] jpeg = [.. masks.Where(FolderFiles.IsJpeg)];
        if (jpeg.Length > 0)
            notes.Add(jpeg[0], null, $"{CountedAre(jpeg.Length, "mask", " of this folder")} JPEG, which changes values "
                + "at the edges.", "Use the original masks as PNG if you have them.");

        void Pair(string name, string? mask)
        {
            if (mask is not null && imageOf.Remove(name, out string? image) && maskOf.Remove(mask, out string? file))
                pairs.Add(new ImagePair(name, name, image, file, part.Part));
        }
    }

    /// <summary>The files by their names; of two files of one name the second is left out.</summary>
    private Dictionary<string, string> ByName(
        IEnumerable<string> files, Func<string, string> name, string folder, string what, string cure)
    {
        var byName = new Dictionary<string, string>(ImageName.Comparer);
        foreach (string file in files.Where(file => !byName.TryAdd(name(file), file)))
            LeaveOut(file, $"{Path.GetRelativePath(folder, byName[name(file)])} has the same name; this {what} is left "
                + "out.", cure);
        return byName;
    }

    /// <summary>The pairs with unique ids: a name that several parts have gets its part before it.</summary>
    private IReadOnlyList<ImagePair> WithIds(bool dropParts)
    {
        if (dropParts)
            parts.Clear();
        HashSet<string> repeated = pairs.CountBy(pair => pair.Name, ImageName.Comparer).Where(n => n.Value > 1)
            .Select(n => n.Key).ToHashSet(ImageName.Comparer);
        ImagePair[] named = [.. pairs.Select(pair => pair with
        {
            Part = dropParts ? null : pair.Part,
            Id = repeated.Contains(pair.Name)
                ? $"{pair.Part?.ToString() ?? Path.GetFileName(Path.GetDirectoryName(pair.Image))}/{pair.Name}"
                : pair.Name,
        })];
        if (repeated.Count > 0)
        {
            ImagePair first = named.First(pair => repeated.Contains(pair.Name));
            notes.Add(tree.Root, null, $"{CountedAre(repeated.Count, "name", $" (such as {first.Name})")} in more than "
                + $"one set, so the case ids include the set, such as {first.Id}.",
                "Nothing needs to be done if these are different images.");
        }

        return named;
    }

    /// <summary>What lies in a folder of images; files of other kinds are reported once per kind.</summary>
    private FolderFiles Files(string folder)
    {
        FolderFiles files = tree.Files(folder);
        if (folder == tree.Root)
            return files; // a read-me or a licence beside the pictures is no fault
        foreach (var others in files.Others.GroupBy(file => Path.GetExtension(file), ImageName.Comparer))
            Fault(others.First(), $"{Counted(others.Count(), "file")} of an unsupported type "
                + $"({(others.Key.Length > 0 ? others.Key : "no extension")}).",
                "Convert images to PNG, JPEG or BMP; move other files elsewhere.");
        return files;
    }

    private void TellFoldersNotRead(string folder, IReadOnlySet<string> withSheets)
    {
        foreach (string seen in new FolderTree(folder, faults).All()
            .Where(seen => seen != tree.Root && !read.Contains(seen)))
        {
            FolderFiles files = tree.Files(seen);
            if (files.Pictures.Count == 0 && (files.Sheets.Count == 0 || withSheets.Contains(seen)))
                continue;
            notRead.Add(seen);
            Fault(seen, $"This folder with {(files.Pictures.Count > 0 ? Counted(files.Pictures.Count, "picture")
                : Counted(files.Sheets.Count, "sheet"))} was not read: it does not fit the layout \"{layout.Name}\".",
                "Give it a name from the layout (data/README.md lists them), or move it elsewhere.");
        }
    }

    private void TellEmptyParts(IReadOnlyList<ImagePair> named)
    {
        foreach (Part empty in parts.Where(part => !named.Any(pair => pair.Part == part)).Order())
            Fault(tree.Root, $"The set {empty} has no usable case.",
                "Add images and masks with the same names, or remove its folders.");
        if (named.Count == 0 && unlabelled.Count == 0 && parts.Count == 0)
            Fault(tree.Root, "There is no case in it: its folders have no image with a mask.",
                "Add images (PNG, JPEG or BMP) and masks with the same names.");
    }

    private void LeaveOut(string file, string problem, string cure)
    {
        Fault(file, problem, cure);
        leftOut.Add(faults[^1]);
    }

    private void Fault(string file, string problem, string cure) => faults.Add(file, null, problem, cure);
}

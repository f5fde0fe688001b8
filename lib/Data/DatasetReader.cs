namespace C2FVL.Data;

/// <summary>
/// Finds out how a folder is laid out and lists its cases. Only names and sheets are read: whether a picture can be
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
    /// Reads a data set in the layout of the paper's authors, of Kaggle's QaTa-COV19-v2 or MosMedData+, of medseg-ct, of
    /// nnU-Net's raw data, or any folder of images and masks, with or without sheets of reports. Names are matched
    /// without regard to capitals and Unicode form. What does not fit is left out and listed in
    /// <see cref="Dataset.Faults"/>; a report that contradicts itself is kept, and says so in
    /// <see cref="LesionReport.Contradictions"/>.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="kind">What made the images; null to go by layout and names, X-ray where they tell nothing.</param>
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
        settings.Validate();
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{folder}: there is no such folder. Check the path.");

        List<DataFault> faults = [];
        (DatasetLayout layout, FolderTree tree) = LayoutFinder.Find(folder, faults);
        return new DatasetReader(tree, layout, faults).Read(settings, settings.Name ?? Path.GetFileName(folder), folder);
    }

    private Dataset Read(DatasetSettings settings, string name, string folder)
    {
        IReadOnlyList<(LayoutPart Part, string Images)> there = this.ReadParts();
        NnUNetFolder? nnUNet = this.layout.HasChannels ? NnUNetFolder.Read(this.tree.Root, this.faults, this.notes) : null;
        IReadOnlyList<ImagePair> named = this.WithIds(dropParts: nnUNet is not null && this.pairs.TrueForAll(pair => pair.Part == Part.Train));
        var reports = new ReportIndex(this.tree, named, this.without, settings.PatientSides, this.faults);
        reports.Read(there, settings.Reports);
        if (settings.PatientSides && reports.Sheets.Count > 0)
            this.notes.Add(new DataFault(reports.Sheets[0], null, "Its sides are read as the patient's: left and right have changed places.", "Leave --patient-sides out if they are the image's."));
        this.TellFoldersNotRead(folder, reports.Folders);
        this.TellEmptyParts(named);

        Func<ImagePair, string?> patient = Patients.Of(settings, named, this.faults, this.notes);
        ImageKind? known = settings.Kind ?? this.layout.Kind ?? nnUNet?.Kind;
        Case[] cases = [.. named
            .Select(pair => new Case(
                pair.Id,
                pair.Image,
                pair.Mask,
                reports.Of(pair),
                patient(pair),
                known ?? (MosMedPrefix.Of(pair.Name) is null ? ImageKind.XRay : ImageKind.CT),
                pair.Part) { LesionLabel = settings.LesionLabel, Orientation = this.layout.Orientation })
            .OrderBy(found => found.Id, StringComparer.Ordinal)];
        return new Dataset(name, folder, cases, this.faults)
        {
            Layout = this.layout.Name,
            KindSource = settings.Kind is not null ? "as you said" : known is not null ? "by the layout"
                : cases.Any(c => c.Kind == ImageKind.CT) ? "by the names" : "by default; --kind CT for CT slices",
            Notes = this.notes,
            LeftOut = this.leftOut,
            Unlabelled = this.unlabelled,
            FoldersNotRead = this.notRead,
            PartsSeen = [.. this.parts.Order()],
            Sheets = reports.Sheets,
            ReportFaults = reports.Faults,
        };
    }

    private IReadOnlyList<(LayoutPart Part, string Images)> ReadParts()
    {
        var there = new List<(LayoutPart, string)>();
        foreach (LayoutPart part in this.layout.Parts)
        {
            if (this.tree.Find(part.Images) is not string images || this.tree.Find(part.Masks) is not string masks
                || this.read.Contains(images) || this.read.Contains(masks))
                continue;
            if (LayoutFinder.HoldsPartsOnly(this.tree, images))
                continue;
            this.read.UnionWith([images, masks]);
            there.Add((part, images));
            if (part.Part is Part seen)
                this.parts.Add(seen);
            this.ReadPictures(part, images, masks);
        }

        foreach (LayoutPart part in this.layout.Parts)
        {
            if (this.tree.Find(part.Images) is string images && this.tree.Find(part.Masks) is null && !this.read.Contains(images) && this.HasPictures(images))
                this.TellUnlabelled(part, images);
            if (this.tree.Find(part.Masks) is string masks && this.tree.Find(part.Images) is null && !this.read.Contains(masks) && this.HasPictures(masks))
            {
                this.read.Add(masks);
                this.Fault(masks, $"It has no folder {part.Images} beside it; its masks are left out.", $"Put their images in {part.Images}, or remove the folder.");
            }
        }

        return there;
    }

    private string CaseName(string stem) => this.layout.HasChannels ? NnUNetFolder.CaseName(stem) : stem;

    private bool HasPictures(string folder) => this.tree.Files(folder).Pictures.Count > 0;

    private void TellUnlabelled(LayoutPart part, string folder)
    {
        this.read.Add(folder);
        IReadOnlyList<string> pictures = this.tree.Files(folder).Pictures;
        if (this.layout.HasChannels)
            pictures = NnUNetFolder.FirstChannels(pictures, []);
        this.unlabelled.AddRange(pictures);
        this.without.UnionWith(pictures.Select(picture => this.CaseName(ImageName.Composed(FolderFiles.Stem(picture)))));
        string named = string.Join(", ", pictures.Take(5).Select(Path.GetFileName)) + (pictures.Count > 5 ? ", …" : "");
        this.notes.Add(new DataFault(
            folder, null, $"{Counted(pictures.Count, "image")} without masks ({named}): {(part.IsFlat ? "no mask is beside them" : $"no folder {part.Masks} is there")}.",
            "They can be predicted; to train on them or score them, add their masks."));
    }

    private void ReadPictures(LayoutPart part, string imageFolder, string maskFolder)
    {
        IReadOnlyList<string> images = this.Files(imageFolder).Pictures, masks;
        if (part.IsFlat)
        {
            masks = [.. images.Where(picture => MaskNames.IsMask(FolderFiles.Stem(picture)))];
            images = [.. images.Except(masks)];
            if (masks.Count == 0 && images.Count > 0)
            {
                this.TellUnlabelled(part, imageFolder);
                return;
            }
        }
        else
        {
            masks = this.Files(maskFolder).Pictures;
        }

        var maskByName = new Dictionary<string, string>(ImageName.Comparer);
        foreach (string mask in masks)
        {
            string name = ImageName.Composed(FolderFiles.Stem(mask));
            if (!maskByName.TryAdd(name, mask))
                this.LeaveOut(mask, $"{Path.GetFileName(maskByName[name])} has the same name; this mask is left out.", "Keep one of them.");
        }

        var taken = new Dictionary<string, string>(ImageName.Comparer);
        var lonely = new List<(string Image, string Name)>();
        foreach (string image in this.layout.HasChannels ? NnUNetFolder.FirstChannels(images, this.notes) : images)
        {
            string stem = ImageName.Composed(FolderFiles.Stem(image));
            string name = this.CaseName(stem);
            if (!taken.TryAdd(name, image))
            {
                this.LeaveOut(image, $"{Path.GetRelativePath(this.tree.Root, taken[name])} has the same name; this image is left out.", "Give every image a name of its own; capitals, extension and Unicode form do not tell them apart.");
                continue;
            }

            if (MaskNames.Of(name).FirstOrDefault(maskByName.ContainsKey) is not string maskName)
                lonely.Add((image, name));
            else if (maskByName.Remove(maskName, out string? mask))
                this.pairs.Add(new ImagePair(name, name, image, mask, part.Part));
        }

        this.PairAsNumbers(part, lonely, maskByName);
        this.without.UnionWith(lonely.Select(image => image.Name));
        foreach ((string image, string name) in lonely)
            this.LeaveOut(image, "It has no mask and is left out.", $"Put {name}.png or mask_{name}.png in {maskFolder}, or remove the image.");
        foreach (string mask in maskByName.Values.Order(StringComparer.Ordinal))
            this.LeaveOut(mask, "It has no image and is left out.", $"Put {MaskNames.ImageOf(FolderFiles.Stem(mask))}.png in {imageFolder}, or remove the mask.");

        string[] jpeg = [.. masks.Where(mask => Path.GetExtension(mask).StartsWith(".jp", StringComparison.OrdinalIgnoreCase))];
        if (jpeg.Length > 0)
            this.notes.Add(new DataFault(jpeg[0], null, $"{Counted(jpeg.Length, "mask")} of this folder {(jpeg.Length == 1 ? "is a JPEG file" : "are JPEG files")}, which changes values at the edges.", "Use the original masks as PNG if you have them."));
    }

    /// <summary>Pairs 1.png with 0001.png where exactly one image and one mask are left that mean the same numbers.</summary>
    private void PairAsNumbers(LayoutPart part, List<(string Image, string Name)> images, Dictionary<string, string> masks)
    {
        ILookup<string, string> byNumber = masks.Keys.ToLookup(mask => ImageName.AsNumbers(MaskNames.ImageOf(mask)), ImageName.Comparer);
        foreach (var same in images.GroupBy(image => ImageName.AsNumbers(image.Name), ImageName.Comparer).ToArray())
        {
            if (same.Count() != 1 || byNumber[same.Key].Count() != 1)
                continue;
            (string image, string name) = same.First();
            masks.Remove(byNumber[same.Key].First(), out string? mask);
            this.pairs.Add(new ImagePair(name, name, image, mask!, part.Part));
            images.Remove((image, name));
        }
    }

    /// <summary>The pairs with unique ids: a name that several parts have gets its part before it.</summary>
    private IReadOnlyList<ImagePair> WithIds(bool dropParts)
    {
        if (dropParts)
            this.parts.Clear();
        HashSet<string> repeated = [.. this.pairs.CountBy(pair => pair.Name, ImageName.Comparer).Where(n => n.Value > 1).Select(n => n.Key)];
        repeated = new HashSet<string>(repeated, ImageName.Comparer);
        ImagePair[] named = [.. this.pairs.Select(pair => pair with
        {
            Part = dropParts ? null : pair.Part,
            Id = repeated.Contains(pair.Name) ? $"{pair.Part?.ToString() ?? Path.GetFileName(Path.GetDirectoryName(pair.Image))}/{pair.Name}" : pair.Name,
        })];
        if (repeated.Count > 0)
        {
            string first = this.pairs.First(pair => repeated.Contains(pair.Name)).Name;
            this.notes.Add(new DataFault(this.tree.Root, null, $"{Counted(repeated.Count, "name")} (such as {first}) {(repeated.Count == 1 ? "stands" : "stand")} in more than one part; the cases' ids carry their part, such as {named.First(pair => pair.Name == first).Id}.", "Nothing needs to be done if these are different images."));
        }

        return named;
    }

    /// <summary>What lies in a folder of pictures; files of other kinds are told once for each kind.</summary>
    private FolderFiles Files(string folder)
    {
        FolderFiles files = this.tree.Files(folder);
        if (folder == this.tree.Root)
            return files; // a read-me or a licence beside the pictures is no fault
        foreach (IGrouping<string, string> others in files.Others.GroupBy(file => Path.GetExtension(file), ImageName.Comparer))
        {
            string named = others.Key.Length > 0 ? others.Key : "no extension";
            this.Fault(others.First(), $"{Counted(others.Count(), "file")} of a kind that is not read ({named}).", "Convert pictures to PNG, JPEG or BMP; move other files elsewhere.");
        }

        return files;
    }

    private void TellFoldersNotRead(string folder, IReadOnlySet<string> withSheets)
    {
        foreach (string seen in new FolderTree(folder, this.faults).All().Where(seen => seen != this.tree.Root && !this.read.Contains(seen)))
        {
            FolderFiles files = this.tree.Files(seen);
            if (files.Pictures.Count == 0 && (files.Sheets.Count == 0 || withSheets.Contains(seen)))
                continue;
            this.notRead.Add(seen);
            string what = files.Pictures.Count > 0 ? Counted(files.Pictures.Count, "picture") : Counted(files.Sheets.Count, "sheet");
            this.Fault(seen, $"This folder with {what} was seen and not read: it has no place in the layout \"{this.layout.Name}\".", "Give it a name of the layout (data/README.md lists them), or move it elsewhere.");
        }
    }

    private void TellEmptyParts(IReadOnlyList<ImagePair> named)
    {
        foreach (Part empty in this.parts.Where(part => !named.Any(pair => pair.Part == part)).Order())
            this.Fault(this.tree.Root, $"The part {empty} has no usable case.", "Add images with masks of equal names, or remove its folders.");
        if (named.Count == 0 && this.unlabelled.Count == 0 && this.parts.Count == 0)
            this.Fault(this.tree.Root, "There is no case in it: its folders have no image with a mask.", "Add images (PNG, JPEG or BMP) and masks of equal names.");
    }

    private void LeaveOut(string file, string problem, string cure)
    {
        this.Fault(file, problem, cure);
        this.leftOut.Add(this.faults[^1]);
    }

    private void Fault(string file, string problem, string cure) => this.faults.Add(new DataFault(file, null, problem, cure));

    private static string Counted(int count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";
}

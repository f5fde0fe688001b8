using System.Text.Json;
using System.Text.RegularExpressions;
using static C2FVL.Data.Wording;

namespace C2FVL.Data;

/// <summary>
/// How a data set lies on disk. The list of known ones is data: <see cref="DatasetReader"/> has one way to read them
/// all.
/// </summary>
/// <param name="Name">What it is called in messages.</param>
/// <param name="Wanted">What makes a folder one of these, in words.</param>
/// <param name="Kind">What made its images; null if the layout does not say.</param>
/// <param name="Roots">Where in the user's folder it may begin: "" is the folder itself.</param>
/// <param name="Parts">Its pairs of folders; those that are there are read.</param>
internal sealed record DatasetLayout(
    string Name, string Wanted, ImageKind? Kind, IReadOnlyList<string> Roots, IReadOnlyList<LayoutPart> Parts)
{
    private static readonly string[] ImageFolders = ["images", "image", "imgs", "img", "frames", "pictures", "scans"];

    private static readonly string[] MaskFolders = [
        "masks", "mask", "labels", "label", "labelcol", "ground-truths", "ground-truth", "groundtruth", "ground_truth",
        "gt", "segmentations", "annotations"];

    /// <summary>Folders named after a part.</summary>
    public static IReadOnlyList<(string Folder, Part? Part)> PartFolders { get; } = [
        ("train", Part.Train), ("training", Part.Train), ("val", Part.Val), ("valid", Part.Val),
        ("validation", Part.Val), ("test", Part.Test), ("testing", Part.Test)];

    /// <summary>What turns image and mask upright, for a set whose images lie on their side.</summary>
    public ImageOrientation Orientation { get; init; } = ImageOrientation.Upright;

    /// <summary>
    /// Cases in each part by which the set is told from others of equal folders, its names being numbers; null where
    /// the folders are enough.
    /// </summary>
    public IReadOnlyDictionary<Part, int>? Numbered { get; init; }

    /// <summary>Whether images have the channel's number after their name, "_0000" being the first.</summary>
    public bool HasChannels { get; init; }

    /// <summary>The layouts. The one that explains most folders is taken; among equals, the first.</summary>
    public static IReadOnlyList<DatasetLayout> Known { get; } =
    [new("the paper's authors'",
            "Train_Folder, Val_Folder, Test_Folder, each with img, labelcol and Train_text.xlsx and so on", null, [""],
            [Authors("Train", Part.Train), Authors("Val", Part.Val), Authors("Test", Part.Test)]),
        new($"Kaggle {DataSets.QaTa}-v2", "Train Set and Test Set, each with Images and Ground-truths", ImageKind.XRay,
            ["", $"{DataSets.QaTa}-v2", $"{DataSets.QaTa}/{DataSets.QaTa}-v2"], [
                new("Train Set/Images", "Train Set/Ground-truths", Part.Train),
                new("Test Set/Images", "Test Set/Ground-truths", Part.Test)]),
        new($"Kaggle {DataSets.MosMed}", "frames and masks", ImageKind.CT, [""], [new("frames", "masks")]),

        // Its slices are stored with rows and columns exchanged: the patient's front is at the left, the right side on
        // top. Transposed they look as a radiologist's do: front up, the patient's right on the left.
        new(DataSets.MedSeg, "train and test, each with img and mask, 50 and 48 numbered slices", ImageKind.CT, [""],
            [new("train/img", "train/mask", Part.Train), new("test/img", "test/mask", Part.Test)])
        {
            Orientation = ImageOrientation.Transposed,
            Numbered = new Dictionary<Part, int> { [Part.Train] = 50, [Part.Test] = 48 },
        },
        new("nnU-Net's raw data", "imagesTr with names such as case_001_0000.png, labelsTr with case_001.png", null,
            [""], [new("imagesTr", "labelsTr", Part.Train), new("imagesTs", "labelsTs", Part.Test)])
            { HasChannels = true },
        new("images and masks", "a folder such as images beside one such as masks (in train, val and test, if you "
            + "like), with the same names or mask_ before or _mask after the image's name", null, [""], [
            .. from part in PartFolders.Prepend(("", null)) from images in ImageFolders from masks in MaskFolders
               select new LayoutPart(Path.Combine(part.Folder, images), Path.Combine(part.Folder, masks), part.Part),
            .. from part in PartFolders from images in ImageFolders from masks in MaskFolders
               select new LayoutPart(Path.Combine(images, part.Folder), Path.Combine(masks, part.Folder), part.Part)]),
        new("images and masks in one folder", "images with their masks beside them, named mask_X or X_mask", null,
            [""], [new("", "")]),];

    private static LayoutPart Authors(string name, Part part) =>
        new($"{name}_Folder/img", $"{name}_Folder/labelcol", part, $"{name}_Folder/{name}_text.xlsx",
            $"{name}_Folder/{name}_text.csv", $"{name}_text.xlsx", $"{name}_text.csv");
}

/// <summary>A pair of folders in a layout: images, and the masks that belong to them.</summary>
/// <param name="Images">The folder of images, relative to the data set's; "" is the data set's own.</param>
/// <param name="Masks">The folder of masks; the same as <paramref name="Images"/> where masks are told by their names
/// alone.</param>
/// <param name="Part">The part that the folder stands for; null for none.</param>
/// <param name="Sheets">Files of reports that the layout names, relative to the data set's folder; those that are there
/// are read.</param>
internal sealed record LayoutPart(string Images, string Masks, Part? Part = null, params string[] Sheets)
{
    /// <summary>Whether images and masks lie in one folder.</summary>
    public bool IsFlat => Images == Masks;
}

/// <summary>An image and its mask, found by their names.</summary>
/// <param name="Name">The image's name without extension, composed; unique in its part.</param>
/// <param name="Id">The name that is unique in the data set.</param>
/// <param name="Image">The image file.</param>
/// <param name="Mask">The mask file.</param>
/// <param name="Part">The part that the folder gives; null for none.</param>
internal sealed record ImagePair(string Name, string Id, string Image, string Mask, Part? Part);

/// <summary>Chooses the layout that explains most of a folder's folders.</summary>
internal static class LayoutFinder
{
    /// <summary>The layout, and the tree from the folder in which it begins.</summary>
    /// <exception cref="InvalidDataException">The folder has no known layout; the message says what was looked
    /// for.</exception>
    public static (DatasetLayout Layout, FolderTree Tree) Find(string folder, List<DataFault> faults)
    {
        var outer = new FolderTree(folder, faults);
        var best = (from layout in DatasetLayout.Known from inside in layout.Roots let root = outer.Find(inside)
                    where root is not null
                    let tree = root == folder ? outer : new FolderTree(root, faults)
                    select (Layout: layout, Tree: tree, Explained: Explained(tree, layout)))
            .MaxBy(candidate => candidate.Explained);
        if (best.Explained > 0)
            return (best.Layout, best.Tree);
        string wanted = string.Concat(DatasetLayout.Known.Select(layout => $"\n  {layout.Name}: {layout.Wanted}"));
        string unread = faults.Count > 0 ? $"{faults[0]}\n" : "";
        throw new InvalidDataException(
            $"{unread}{folder}: this folder has no known layout. Known layouts:{wanted}\nGive the folder that contains "
                + "one of these, with images in PNG, JPEG or BMP.");
    }

    /// <summary>
    /// Whether a folder of images holds no image but folders named after parts, which are read instead.
    /// </summary>
    public static bool HoldsPartsOnly(FolderTree tree, string images) =>
        tree.Files(images).Pictures.Count == 0 && DatasetLayout.PartFolders.Any(part =>
            tree.Find(Path.Combine(Path.GetRelativePath(tree.Root, images), part.Folder)) is string inside
            && tree.Files(inside).Pictures.Count > 0);

    /// <summary>
    /// Folders with a place in the layout: two for images with masks, one for images that have no folder of masks.
    /// </summary>
    private static int Explained(FolderTree tree, DatasetLayout layout)
    {
        if (layout.Numbered is not null && !IsNumbered(tree, layout))
            return 0;
        if (layout.Parts[0].IsFlat)
            return IsFlat(tree) ? 1 : 0;
        HashSet<string> pairs = [], alone = [];
        foreach (LayoutPart part in layout.Parts)
        {
            string? images = tree.Find(part.Images), masks = tree.Find(part.Masks);
            if (images is not null && masks is not null && !pairs.Overlaps([images, masks]))
                pairs.UnionWith([images, masks]);
            else if (images is not null && tree.Files(images).Pictures.Count > 0)
                alone.Add(images);
        }

        return pairs.Count + alone.Except(pairs).Count();
    }

    /// <summary>Whether masks lie beside their images, or nothing but images without masks is there.</summary>
    private static bool IsFlat(FolderTree tree)
    {
        IReadOnlyList<string> pictures = tree.Files(tree.Root).Pictures;
        return pictures.Any(MaskNames.IsMask)
            || (pictures.Count > 0 && tree.All().Skip(1).All(inside => tree.Files(inside).Pictures.Count == 0));
    }

    /// <summary>
    /// Whether all images are numbered and the set is the one meant: by its folder's name, or by its counts.
    /// </summary>
    private static bool IsNumbered(FolderTree tree, DatasetLayout layout)
    {
        bool isNamed = Path.GetFileName(tree.Root).Equals(layout.Name, StringComparison.OrdinalIgnoreCase);
        return layout.Parts.All(part => tree.Find(part.Images) is string images
            && tree.Files(images).Pictures is { Count: > 0 } pictures
            && pictures.All(picture => int.TryParse(FolderFiles.Stem(picture), out _))
            && (isNamed || pictures.Count == layout.Numbered![part.Part!.Value]));
    }
}

/// <summary>
/// What nnU-Net's dataset.json and file names tell: the kind of image, the labels' names, the channels.
/// </summary>
internal static partial class NnUNetFolder
{
    /// <summary>
    /// Reads dataset.json: X-ray or CT, as the first channel's name says. Null where it does not, or without the file.
    /// </summary>
    public static ImageKind? ReadKind(string root, List<DataFault> faults, List<DataFault> notes)
    {
        string path = Path.Combine(root, "dataset.json");
        if (!File.Exists(path))
        {
            notes.Add(
                path, null, "This file is missing, so labels and channels have no names.", "Add it if you have it.");
            return null;
        }

        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement top = json.RootElement;
            if (top.TryGetProperty("file_ending", out JsonElement ending) && ending.GetString() is string kind
                && !FolderFiles.IsPicture("x" + kind))
                faults.Add(path, null, $"Its images are {kind} files, which are not supported.",
                    "Convert images and labels to PNG, slice by slice.");
            if (top.TryGetProperty("labels", out JsonElement labels) && labels.EnumerateObject().Count() > 2)
                notes.Add(path, null, $"It names the labels {string.Join(", ", labels.EnumerateObject()
                    .Select(l => $"{l.Name} {l.Value.GetRawText()}"))}.", "Choose the lesion with --lesion-label.");

            string channel = top.TryGetProperty("channel_names", out JsonElement channels)
                || top.TryGetProperty("modality", out channels)
                ? channels.EnumerateObject().FirstOrDefault().Value.ToString() : "";
            return channel.Equals("CT", StringComparison.OrdinalIgnoreCase) ? ImageKind.CT
                : channel.Contains("ray", StringComparison.OrdinalIgnoreCase) ? ImageKind.XRay : null;
        }
        catch (Exception e) when (
            e is JsonException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            faults.Add(path, null, $"It cannot be read: {e.Message}", "Write it in nnU-Net's format, or remove it.");
            return null;
        }
    }

    /// <summary>The case's name in an image's: without the channel's four digits.</summary>
    public static string CaseName(string stem) => Channel().IsMatch(stem) ? stem[..^5] : stem;

    /// <summary>
    /// Each case's image of the first channel; the network reads one, so the others are named and not read.
    /// </summary>
    public static IReadOnlyList<string> FirstChannels(IReadOnlyList<string> images, List<DataFault> notes)
    {
        string[] others = [
            .. images.Where(image => Channel().Match(FolderFiles.Stem(image)).Value is not ("" or "_0000"))];
        if (others.Length > 0)
            notes.Add(others[0], null, $"{CountedAre(others.Length, "image", " of further channels")} not read: the "
                + "network takes one grey image, and _0000 is used.",
                "If another channel is meant, give its images the ending _0000.");
        return [.. images.Except(others)];
    }

    [GeneratedRegex("_[0-9]{4}$")]
    private static partial Regex Channel();
}

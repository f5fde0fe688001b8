using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using C2FVL.Platform;
using static C2FVL.Data.Wording;

namespace C2FVL.Data;

/// <summary>
/// How a data set lies on disk. The list of known ones is data, lib/Data/DatasetLayouts.json:
/// <see cref="DatasetReader"/> has one way to read them all.
/// </summary>
/// <param name="Name">What it is called in messages.</param>
/// <param name="Wanted">What makes a folder one of these, in words.</param>
/// <param name="Parts">Its pairs of folders; those that are there are read.</param>
internal sealed record DatasetLayout(string Name, string Wanted, IReadOnlyList<LayoutPart> Parts)
{
    /// <summary>The layouts. The one that explains most folders is taken; among equals, the first.</summary>
    public static IReadOnlyList<DatasetLayout> Known { get; } = ReadKnown();

    /// <summary>What made its images; null if the layout does not say.</summary>
    public ImageKind? Kind { get; init; }

    /// <summary>Where in the user's folder it may begin: "" is the folder itself.</summary>
    public IReadOnlyList<string> Roots { get; init; } = [""];

    /// <summary>The names that {images} stands for in a part.</summary>
    public IReadOnlyList<string> ImageFolders { get; init; } = [""];

    /// <summary>The names that {masks} stands for in a part.</summary>
    public IReadOnlyList<string> MaskFolders { get; init; } = [""];

    /// <summary>
    /// What turns image and mask upright, for a set whose images lie on their side. medseg-ct stores its slices with
    /// rows and columns exchanged: the patient's front is at the left, the right side on top. Transposed they look as a
    /// radiologist's do: front up, the patient's right on the left.
    /// </summary>
    public ImageOrientation Orientation { get; init; } = ImageOrientation.Upright;

    /// <summary>Whether images have the channel's number after their name, "_0000" being the first.</summary>
    public bool HasChannels { get; init; }

    private static IReadOnlyList<DatasetLayout> ReadKnown()
    {
        using Stream json = typeof(DatasetLayout).Assembly.GetManifestResourceStream("C2FVL.Lib.DatasetLayouts.json")!;
        return [.. JsonSerializer.Deserialize<DatasetLayout[]>(json, JsonFormat.Strict)!.Select(layout => layout with
        {
            Parts = [.. from part in layout.Parts from images in layout.ImageFolders from masks in layout.MaskFolders
                        select part with { Images = part.Images.Replace("{images}", images),
                            Masks = part.Masks.Replace("{masks}", masks) }],
        })];
    }

    /// <summary>The layout that explains most of a folder's folders, and the tree in which it begins.</summary>
    /// <exception cref="InvalidDataException">The folder has no known layout; the message says what was looked
    /// for.</exception>
    public static (DatasetLayout Layout, FolderTree Tree) Find(string folder, List<DataFault> faults)
    {
        var outer = new FolderTree(folder, faults);
        var best = (from layout in Known from inside in layout.Roots let root = outer.Find(inside)
                    where root is not null
                    let tree = root == folder ? outer : new FolderTree(root, faults)
                    select (Layout: layout, Tree: tree, Explained: Explained(tree, layout)))
            .MaxBy(candidate => candidate.Explained);
        if (best.Explained > 0)
            return (best.Layout, best.Tree);
        string wanted = string.Concat(Known.Select(layout => $"\n  {layout.Name}: {layout.Wanted}"));
        string unread = faults.Count > 0 ? $"{faults[0]}\n" : "";
        throw new InvalidDataException(
            $"{unread}{folder}: this folder has no known layout. Known layouts:{wanted}\nGive the folder that contains "
                + "one of these, with images in PNG, JPEG or BMP.");
    }

    /// <summary>
    /// Folders with a place in the layout: two for images with masks, one for images that have no folder of masks.
    /// </summary>
    private static int Explained(FolderTree tree, DatasetLayout layout)
    {
        if (!IsNumbered(tree, layout))
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
    /// Whether the images are numbered where the layout has it so, and the set is the one meant: by its folder's name,
    /// or by its counts.
    /// </summary>
    private static bool IsNumbered(FolderTree tree, DatasetLayout layout)
    {
        bool isNamed = Path.GetFileName(tree.Root).Equals(layout.Name, StringComparison.OrdinalIgnoreCase);
        return layout.Parts.All(part => part.Numbered is not int count || (tree.Find(part.Images) is string images
            && tree.Files(images).Pictures is { Count: > 0 } pictures
            && pictures.All(picture => int.TryParse(FolderFiles.Stem(picture), out _))
            && (isNamed || pictures.Count == count)));
    }
}

/// <summary>A pair of folders in a layout: images, and the masks that belong to them.</summary>
/// <param name="Images">The folder of images, relative to the data set's; "" is the data set's own.</param>
/// <param name="Masks">The folder of masks; the same as <paramref name="Images"/> where masks are told by their names
/// alone.</param>
/// <param name="Part">The part that the folder stands for; null for none.</param>
/// <param name="Numbered">
/// How many numbered images tell the set from others of equal folders; null where the folders are enough.
/// </param>
internal sealed record LayoutPart(string Images, string Masks, Part? Part = null, int? Numbered = null)
{
    /// <summary>Whether images and masks lie in one folder.</summary>
    [JsonIgnore]
    public bool IsFlat => Images == Masks;
}

/// <summary>An image and its mask, found by their names.</summary>
/// <param name="Name">The image's name without extension, composed; unique in its part.</param>
/// <param name="Id">The name that is unique in the data set.</param>
/// <param name="Image">The image file.</param>
/// <param name="Mask">The mask file.</param>
/// <param name="Part">The part that the folder gives; null for none.</param>
internal sealed record ImagePair(string Name, string Id, string Image, string Mask, Part? Part);

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
            JsonNode top = JsonNode.Parse(File.ReadAllBytes(path)) ?? throw new JsonException("It contains only null.");
            if ((string?)top["file_ending"] is string kind && !FolderFiles.IsPicture("x" + kind))
                faults.Add(path, null, $"Its images are {kind} files, which are not supported.",
                    "Convert images and labels to PNG, slice by slice.");
            if (top["labels"] is JsonObject { Count: > 2 } labels)
                notes.Add(path, null, $"It names the labels {string.Join(", ", labels
                    .Select(l => $"{l.Key} {l.Value?.ToJsonString()}"))}.", "Choose the lesion with --lesion-label.");

            string channel = $"{(top["channel_names"] ?? top["modality"])?.AsObject().FirstOrDefault().Value}";
            return channel.Equals("CT", StringComparison.OrdinalIgnoreCase) ? ImageKind.CT
                : channel.Contains("ray", StringComparison.OrdinalIgnoreCase) ? ImageKind.XRay : null;
        }
        catch (Exception e) when (
            e is JsonException or InvalidOperationException or ArgumentException or IOException
                or UnauthorizedAccessException)
        {
            faults.Add(path, null, $"It cannot be read. {e.Message}", "Write it in nnU-Net's format, or remove it.");
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

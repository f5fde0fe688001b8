namespace C2FVL.Data;

/// <summary>How a data set lies on disk. The list of known ones is data: <see cref="DatasetReader"/> has one way to read them all.</summary>
/// <param name="Name">What it is called in messages.</param>
/// <param name="Wanted">What makes a folder one of these, in words.</param>
/// <param name="Kind">What made its images; null where the layout does not tell.</param>
/// <param name="Roots">Where in the user's folder it may begin: "" is the folder itself.</param>
/// <param name="Parts">Its pairs of folders; those that are there are read.</param>
internal sealed record DatasetLayout(string Name, string Wanted, ImageKind? Kind, IReadOnlyList<string> Roots, IReadOnlyList<LayoutPart> Parts)
{
    private static readonly string[] ImageFolders = ["images", "image", "imgs", "img", "frames", "pictures", "scans"];

    private static readonly string[] MaskFolders =
        ["masks", "mask", "labels", "label", "labelcol", "ground-truths", "ground-truth", "groundtruth", "ground_truth", "gt", "segmentations", "annotations"];

    private static readonly (string Folder, Part? Part)[] PartFolders =
    [
        ("", null), ("train", Part.Train), ("training", Part.Train), ("val", Part.Val), ("valid", Part.Val), ("validation", Part.Val),
        ("test", Part.Test), ("testing", Part.Test),
    ];

    /// <summary>What stands image and mask upright, for a set whose images lie on their side.</summary>
    public ImageOrientation Orientation { get; init; } = ImageOrientation.Upright;

    /// <summary>
    /// Cases in each part by which the set is told from others of equal folders, its names being numbers; null where the
    /// folders are enough.
    /// </summary>
    public IReadOnlyDictionary<Part, int>? Numbered { get; init; }

    /// <summary>Whether images have the channel's number after their name, "_0000" being the first.</summary>
    public bool HasChannels { get; init; }

    /// <summary>The layouts. The one that explains most folders is taken; among equals, the first.</summary>
    public static IReadOnlyList<DatasetLayout> Known { get; } =
    [
        new("the paper's authors'", "Train_Folder, Val_Folder, Test_Folder, each with img, labelcol and Train_text.xlsx and so on", null, [""],
        [
            Authors("Train", Part.Train),
            Authors("Val", Part.Val),
            Authors("Test", Part.Test),
        ]),
        new("Kaggle QaTa-COV19-v2", "Train Set and Test Set, each with Images and Ground-truths", ImageKind.XRay,
            ["", "QaTa-COV19-v2", "QaTa-COV19/QaTa-COV19-v2"],
        [
            new("Train Set/Images", "Train Set/Ground-truths", Part.Train),
            new("Test Set/Images", "Test Set/Ground-truths", Part.Test),
        ]),
        new("Kaggle MosMedData+", "frames and masks", ImageKind.CT, [""], [new("frames", "masks")]),

        // Its slices are stored with rows and columns exchanged: the patient's front is at the left, the right side on
        // top. Transposed they look as a radiologist's do: front up, the patient's right on the left.
        new("medseg-ct", "train and test, each with img and mask, 50 and 48 numbered slices", ImageKind.CT, [""],
        [
            new("train/img", "train/mask", Part.Train),
            new("test/img", "test/mask", Part.Test),
        ])
        {
            Orientation = ImageOrientation.Transposed,
            Numbered = new Dictionary<Part, int> { [Part.Train] = 50, [Part.Test] = 48 },
        },
        new("nnU-Net's raw data", "imagesTr with names such as case_001_0000.png, labelsTr with case_001.png", null, [""],
        [
            new("imagesTr", "labelsTr", Part.Train),
            new("imagesTs", "labelsTs", Part.Test),
        ]) { HasChannels = true },
        new("images and masks",
            "a folder such as images beside one such as masks (in train, val and test, if you like), with equal names or mask_ before or _mask after the image's name", null, [""],
            [.. from part in PartFolders from images in ImageFolders from masks in MaskFolders
                select new LayoutPart(Path.Combine(part.Folder, images), Path.Combine(part.Folder, masks), part.Part),
             .. from part in PartFolders.Skip(1) from images in ImageFolders from masks in MaskFolders
                select new LayoutPart(Path.Combine(images, part.Folder), Path.Combine(masks, part.Folder), part.Part)]),
        new("images and masks in one folder", "images with their masks beside them, named mask_X or X_mask", null, [""], [new("", "")]),
    ];

    private static LayoutPart Authors(string name, Part part) =>
        new($"{name}_Folder/img", $"{name}_Folder/labelcol", part,
            $"{name}_Folder/{name}_text.xlsx", $"{name}_Folder/{name}_text.csv", $"{name}_text.xlsx", $"{name}_text.csv");
}

namespace C2FVL.Data;

/// <summary>One image with what belongs to it.</summary>
/// <param name="Id">
/// The name that is unique in its data set: the image's file name without extension, composed (Unicode NFC). Where the
/// training, validation and test set share a name, the set stands before it: "Test/slice_1".
/// </param>
/// <param name="ImagePath">The image file.</param>
/// <param name="MaskPath">The lesion mask's file; null where only a prediction is wanted.</param>
/// <param name="Report">The report; null where there is none.</param>
/// <param name="Patient">The patient's or study's id as file name, pattern or list tells it; null where none
/// does.</param>
/// <param name="Kind">X-ray or CT.</param>
/// <param name="GivenPart">The part the folder itself puts the case in; null where it gives none.</param>
public sealed record Case(string Id, string ImagePath, string? MaskPath, LesionReport? Report, string? Patient,
    ImageKind Kind, Part? GivenPart = null)
{
    /// <summary>
    /// The value that means lesion in a mask of several labels; null where everything but background is lesion.
    /// </summary>
    public int? LesionLabel { get; init; }

    /// <summary>
    /// What turns image and mask upright. The layout declares it for sets whose images lie on their side; it comes on
    /// top of the orientation that a file itself gives.
    /// </summary>
    public ImageOrientation Orientation { get; init; } = ImageOrientation.Upright;

    /// <summary>
    /// What a split by patient keeps together: the patient, or the case alone where the patient is unknown.
    /// </summary>
    public string Group => Patient ?? Id;

    /// <summary>Reads the image, upright.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file cannot be decoded; the message names it.</exception>
    public GrayImage ReadImage() => ImageFile.Read(ImagePath).Upright(Orientation);

    /// <summary>Reads the mask, upright.</summary>
    /// <exception cref="InvalidOperationException">The case has no mask.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file cannot be decoded or its meaning is unclear; the message names
    /// it.</exception>
    public BinaryMask ReadMask() => ImageFile.ReadMask(
        MaskPath ?? throw new InvalidOperationException($"Case {Id} has no mask."), LesionLabel).Upright(Orientation);
}

/// <summary>A part of a split.</summary>
public enum Part
{
    Train,
    Val,
    Test,
}

namespace C2FVL.Data;

/// <summary>One image with what belongs to it.</summary>
/// <param name="Id">The name that is unique in its data set: the image's file name without extension.</param>
/// <param name="ImagePath">The image file.</param>
/// <param name="MaskPath">The lesion mask's file; null where only a prediction is wanted.</param>
/// <param name="Report">The report; null where there is none.</param>
/// <param name="Patient">The patient's or study's id as the file name tells it; null where it tells none.</param>
/// <param name="Kind">X-ray or CT.</param>
/// <param name="GivenPart">The part the folder itself puts the case in; null where it gives none.</param>
public sealed record Case(
    string Id,
    string ImagePath,
    string? MaskPath,
    LesionReport? Report,
    string? Patient,
    ImageKind Kind,
    Part? GivenPart = null)
{
    /// <summary>What a split by patient keeps together: the patient, or the case alone where the patient is unknown.</summary>
    public string Group => this.Patient ?? this.Id;
}

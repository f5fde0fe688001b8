namespace C2FVL.Data;

/// <summary>Writes the report of a lesion mask, for pictures that come without one.</summary>
public static partial class MaskReporter
{
    /// <summary>The report of a mask; of an empty one, "No pulmonary infection."</summary>
    /// <param name="mask">The lesions at the mask file's own size: areas that touch after shrinking are counted as one.</param>
    /// <param name="kind">X-ray or CT: each has its own convention.</param>
    public static LesionReport Write(BinaryMask mask, ImageKind kind) => SliceReport.Write(mask);

    /// <summary>
    /// The data set with every report written from the case's mask, whatever the folder's sheets say; a case without a
    /// mask keeps the report that it has.
    /// </summary>
    /// <exception cref="FileNotFoundException">A mask is not there.</exception>
    /// <exception cref="InvalidDataException">A mask cannot be read; the message names it.</exception>
    public static Dataset WriteAll(Dataset dataset) => dataset with
    {
        Cases = [.. dataset.Cases.Select(c => c.MaskPath is null ? c : c with { Report = Write(ImageFile.ReadMask(c.MaskPath), c.Kind) })],
    };
}

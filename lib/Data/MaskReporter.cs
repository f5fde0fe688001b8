namespace C2FVL.Data;

/// <summary>
/// Writes the report of a lesion mask, for pictures that come without one. X-rays follow the conventions of the
/// QaTa-COV19 annotations: picture-side left and right, 8-connected areas, and zones of the lung as
/// <see cref="MaskReporterFit"/> learned them. CT slices, for which no such annotations exist, follow a plain rule of
/// this project's own: halves and thirds of the picture, areas of at least 1/2000 of it.
/// </summary>
public static partial class MaskReporter
{
    /// <summary>The report of a mask; of an empty one, "No pulmonary infection."</summary>
    /// <param name="mask">The lesions at the mask file's own size: areas that touch after shrinking are counted as one.</param>
    /// <param name="kind">X-ray or CT: each has its own convention.</param>
    public static LesionReport Write(BinaryMask mask, ImageKind kind) =>
        kind == ImageKind.CT ? SliceReport.Write(mask) : XRayReport.Write(mask);

    /// <summary>
    /// The data set with every report written from the case's mask, whatever the folder's sheets say; a case without a
    /// mask keeps the report that it has.
    /// </summary>
    /// <exception cref="FileNotFoundException">A mask is not there.</exception>
    /// <exception cref="InvalidDataException">A mask cannot be read, or none has the lesion label; the message says which.</exception>
    public static Dataset WriteAll(Dataset dataset)
    {
        Case[] cases = [.. dataset.Cases.Select(c => c.MaskPath is null ? c : c with { Report = Write(c.ReadMask(), c.Kind) })];
        Case[] drawn = [.. cases.Where(c => c.MaskPath is not null)];
        if (Array.TrueForAll(drawn, c => c.Report!.Areas == 0) && LesionValues.AbsentFault(dataset.Root, drawn) is DataFault fault)
            throw new InvalidDataException(fault.ToString());
        return dataset with { Cases = cases };
    }
}

namespace C2FVL.Data;

/// <summary>
/// Writes the report of a lesion mask, for images that come without one. X-rays follow the conventions of the
/// QaTa-COV19 annotations: image-side left and right, 8-connected areas, and zones of the lung as
/// <c>workbook report --fit</c> learned them. CT slices, for which no such annotations exist, follow a plain rule of
/// this project's own: halves and thirds of the image, areas of at least 1/2000 of it. The slices of medseg-ct end at
/// the lungs, so that the image's thirds are about the lungs'; a search for dark regions finds too little of lungs that
/// are full of lesions. In a slice as radiologists view it, the image's left is the patient's right, upper is the
/// patient's front, and lower the back.
/// </summary>
public static class MaskReporter
{
    /// <summary>
    /// The share of a slice below which a component is a speck. Slices have many small lesions and some strays of a few
    /// pixels from drawing; 1/2000 of the image is 25 pixels at 224 x 224.
    /// </summary>
    public const double SmallestArea = 1.0 / 2000;

    /// <summary>
    /// The share of an area that must lie in a slice's zone for the zone to be named. Below 1/6, so every area is named
    /// somewhere.
    /// </summary>
    public const double FairShare = 0.1;

    /// <summary>The report of a mask; of an empty one, "No pulmonary infection."</summary>
    /// <param name="mask">The lesions at the mask file's own size: areas that touch after shrinking are counted as
    /// one.</param>
    /// <param name="kind">X-ray or CT: each has its own convention.</param>
    public static LesionReport Write(BinaryMask mask, ImageKind kind) =>
        kind == ImageKind.CT ? WriteSlice(mask) : WriteXRay(mask);

    /// <summary>
    /// The data set with every report written from the case's mask, whatever the folder's sheets say; a case without a
    /// mask keeps the report that it has.
    /// </summary>
    /// <exception cref="FileNotFoundException">A mask is not there.</exception>
    /// <exception cref="InvalidDataException">A mask cannot be read, or none has the lesion label; the message says
    /// which.</exception>
    public static Dataset WriteAll(Dataset dataset)
    {
        Case[] cases = [
            .. dataset.Cases.Select(c => c.MaskPath is null ? c : c with { Report = Write(c.ReadMask(), c.Kind) })];
        Case[] drawn = [.. cases.Where(c => c.MaskPath is not null)];
        if (Array.TrueForAll(drawn, c => c.Report!.Areas == 0)
            && LesionValues.AbsentFault(dataset.Root, drawn) is DataFault fault)
            throw fault.AsException();
        return dataset with { Cases = cases };
    }

    /// <summary>
    /// Areas are the 8-connected components that are no specks; where all are specks, the largest counts. A zone is
    /// named when at least a tenth of one counted area lies in it, and the report is bilateral when zones of both
    /// halves are named.
    /// </summary>
    private static LesionReport WriteSlice(BinaryMask mask)
    {
        IReadOnlyList<int[]> components = mask.Components();
        int[][] areas = [.. components.Where(area => area.Length >= SmallestArea * mask.Pixels.Length)];
        if (areas.Length == 0 && components.Count > 0)
            areas = [components.MaxBy(area => area.Length)!];
        return ReportGeometry.Report(mask, areas, FairShare, 0, mask.Height - 1);
    }

    /// <summary>
    /// The share of an area on the far side of the image's middle from which the area belongs to both lungs. Below
    /// it, an area belongs to the side with more of it. Chosen on the training and validation parts: from 0.15 to 0.25
    /// the sides agree with the annotators' on 98.9 % of images, at 0 or 0.5 on 98.3 to 98.6 %.
    /// </summary>
    public const double SharedArea = 0.2;

    /// <summary>An X-ray's report, by the conventions of the QaTa-COV19 annotations.</summary>
    private static LesionReport WriteXRay(BinaryMask mask)
    {
        (int areas, int[] left, int[] right) = Lungs(mask);
        int leftZones = Named(false, left, right), rightZones = Named(true, right, left);
        return new LesionReport(leftZones != 0 && rightZones != 0, areas, (Zones)(leftZones | (rightZones << 3)));

        int Named(bool isRight, int[] own, int[] other) => own.All(pixels => pixels == 0)
            ? 0 : ZoneModel.QaTa.Tell(LungFeatures.Of(isRight, own, other, mask.Width, areas));
    }

    /// <summary>The number of areas, and each lung's lesion pixels in every row of the mask.</summary>
    internal static (int Areas, int[] Left, int[] Right) Lungs(BinaryMask mask)
    {
        int[] left = new int[mask.Height], right = new int[mask.Height];
        IReadOnlyList<int[]> areas = mask.Components();
        foreach (int[] area in areas)
        {
            int onLeft = area.Count(IsLeft), onRight = area.Length - onLeft;
            bool both = Math.Min(onLeft, onRight) >= SharedArea * area.Length;
            foreach (int pixel in area)
                ((both ? IsLeft(pixel) : onLeft >= onRight) ? left : right)[pixel / mask.Width]++;
        }

        return (areas.Count, left, right);

        bool IsLeft(int pixel) => 2 * (pixel % mask.Width) < mask.Width;
    }
}

/// <summary>
/// The six lung zones a report can name, in the order of the paper's text vector. Left and right are the sides of
/// the image, not of the patient: that is how the QaTa-COV19 annotations use the words.
/// </summary>
[Flags]
public enum Zones
{
    None = 0,
    LeftUpper = 1,
    LeftMiddle = 2,
    LeftLower = 4,
    RightUpper = 8,
    RightMiddle = 16,
    RightLower = 32,
    Left = LeftUpper | LeftMiddle | LeftLower,
    Right = RightUpper | RightMiddle | RightLower,
    All = Left | Right,
}

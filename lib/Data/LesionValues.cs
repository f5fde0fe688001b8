using static C2FVL.Data.Wording;

namespace C2FVL.Data;

/// <summary>Compares the masks of a split: each alone may be clear and all together not.</summary>
internal static class LesionValues
{
    /// <summary>
    /// Smaller values are labels' numbers; larger ones are shades that mean "lesion" in one program or another.
    /// </summary>
    private const int LeastShade = 32;

    /// <summary>Stands for a mask with values between 0 and its highest, taken as soft edges.</summary>
    public const int Soft = -1;

    /// <summary>Of lungs, no lesion fills more of an image; a mask with black and white exchanged does.</summary>
    private const double MostShare = 0.8;

    /// <summary>
    /// What is lesion in a mask as it was read: its value, 0 for none, or <see cref="Soft"/>; null for a JPEG file.
    /// </summary>
    public static int? Lesion(string path, BinaryMask mask, IReadOnlyList<int> values, int? lesionLabel) =>
        mask.Area == 0 ? 0
        : lesionLabel is int label ? label
        : values.Count <= 2 ? values[^1]
        : FolderFiles.IsJpeg(path) ? null : Soft;

    /// <summary>
    /// Finds a lesion label that no mask holds, masks that hold different labels, and masks that look exchanged.
    /// </summary>
    /// <param name="dataset">The cases.</param>
    /// <param name="split">Their sets.</param>
    /// <param name="looks">What their files say.</param>
    /// <returns>Why the masks cannot be right, or null; and what the user should know of the rest.</returns>
    public static (DataFault? Fault, IReadOnlyList<string> Notes) Check(
        Dataset dataset, Split split, IEnumerable<CaseLook> looks)
    {
        Dictionary<string, FileRecord?> masks = looks.ToDictionary(look => look.Case.Id, look => look.Mask);
        Case[] cases = [.. split.Placed(dataset).Select(placed => placed.Case)];
        Case[] read = [.. cases.Where(c => masks[c.Id]?.Lesion is not null)];
        if (read.All(c => masks[c.Id]?.Lesion == 0) && AbsentFault(dataset.Root, read) is DataFault fault)
            return (fault, []);

        IGrouping<int, Case>[] values = [.. read.Where(c => masks[c.Id]?.Lesion > 0)
            .GroupBy(c => masks[c.Id]!.Lesion!.Value).OrderBy(same => same.Key)];
        string several = string.Join(", ", values.Take(5).Select(same => $"{same.Key} in {SuchAs(same)}"));
        if (values.Count(same => same.Key < LeastShade) > 1)
            return (new DataFault(dataset.Root, null, $"the masks contain different labels: {several}.",
                $"Name the lesion's label, for example --lesion-label {values[0].Key} (LesionLabel in a spec or in "
                    + "the library); if all of them are lesion, save the masks as 0 and 255."), []);

        List<string> notes = [
            .. Enum.GetValues<Part>()
                .Where(part => split[part].Count > 0 && split[part].All(id => masks[id]?.Lesion == 0))
                .Select(part => $"No mask of the {Word(part)} set shows a lesion.")];
        if (values.Length > 1)
            notes.Add($"The masks mark the lesion by different values: {several}. All of them count as lesion.");
        Note(c => masks[c.Id]?.Lesion == Soft, "has", "have", "values between 0 and the highest. They count as soft "
            + "edges; the upper half is lesion. If they are labels, name the lesion's: --lesion-label.");
        Note(c => masks[c.Id]?.Share > MostShare, "marks", "mark", FormattableString.Invariant(
            $"more than {100 * MostShare:0} % of the image as lesion. Swap their values if 0 is the lesion there."));
        return (null, notes);

        void Note(Func<Case, bool> holds, string one, string many, string what)
        {
            Case[] found = [.. cases.Where(holds)];
            if (found.Length > 0)
                notes.Add($"{SuchAs(found)} {(found.Length == 1 ? one : many)} {what}");
        }
    }

    private static string SuchAs(IEnumerable<Case> cases) =>
        $"{Counted(cases.Count(), "mask")} (such as {cases.First().MaskPath})";

    /// <summary>The error of cases of which no mask holds their lesion label; null where none is given.</summary>
    /// <param name="root">The data set's folder.</param>
    /// <param name="cases">Cases with masks, all of them without lesion.</param>
    public static DataFault? AbsentFault(string root, IReadOnlyList<Case> cases)
    {
        if (cases.Count == 0 || cases[0].LesionLabel is not int label)
            return null;
        string path = cases[0].MaskPath!;
        ImageFile.ReadMask(path, ImageFile.ReadBytes(path), label, out IReadOnlyList<int> values);
        return new DataFault(root, null, $"none of the {cases.Count} masks contains the lesion label {label}, so every "
            + $"case would count as healthy. {path} contains {string.Join(", ", values.Take(12))}.",
            "Choose a label that the masks contain, or leave --lesion-label out.");
    }
}

/// <summary>How a mask is brought to the network's size.</summary>
public enum MaskRule
{
    /// <summary>A pixel is lesion where lesion covers at least half of its area. Keeps a lesion's area.</summary>
    AreaHalf,

    /// <summary>
    /// What the authors' released code does: bilinear between pixel centres, then lesion wherever anything is left
    /// above 0. Makes lesions grow by a rim when it upsamples.
    /// </summary>
    Authors,
}

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

    /// <summary>Whether a mask marks so much of its image that it looks exchanged.</summary>
    public static bool IsFull(double share) => share > MostShare;

    /// <summary>What to say of masks that look exchanged; nothing of none.</summary>
    public static IEnumerable<string> FullNotes(IReadOnlyList<Case> full)
    {
        if (full.Count > 0)
            yield return $"{SuchAs(full)} mark{(full.Count == 1 ? "s" : "")} more than "
                + FormattableString.Invariant($"{100 * MostShare:0} % of the image as lesion. ")
                + "Swap their values if 0 is the lesion there.";
    }

    /// <summary>
    /// What is lesion in a mask as it was read: its value, 0 for none, or <see cref="Soft"/>; null for a JPEG file.
    /// </summary>
    public static int? Of(string path, BinaryMask mask, IReadOnlyList<int> values, int? lesionLabel) =>
        mask.Area == 0 ? 0
        : lesionLabel is int label ? label
        : values.Count <= 2 ? values[^1]
        : FolderFiles.IsJpeg(path) ? null : Soft;

    /// <summary>Finds a lesion label that no mask holds, and masks that hold different labels.</summary>
    /// <param name="dataset">The cases.</param>
    /// <param name="split">Their sets.</param>
    /// <param name="lesions">By case id, as <see cref="Of"/> gives it.</param>
    /// <returns>Why the masks cannot be right, or null; and what the user should know of the rest.</returns>
    public static (DataFault? Fault, IReadOnlyList<string> Notes) Check(
        Dataset dataset, Split split, IReadOnlyDictionary<string, int?> lesions)
    {
        Case[] cases = [.. split.Placed(dataset).Select(placed => placed.Case)];
        Case[] read = [.. cases.Where(c => lesions[c.Id] is not null)];
        if (read.All(c => lesions[c.Id] == 0) && AbsentFault(dataset.Root, read) is DataFault fault)
            return (fault, []);

        (int Value, Case[] Cases)[] values = [
            .. cases.Where(c => lesions[c.Id] is > 0).GroupBy(c => lesions[c.Id]!.Value).OrderBy(same => same.Key)
                .Select(same => (same.Key, same.ToArray()))];
        string several = string.Join(", ", values.Take(5).Select(same => $"{same.Value} in {SuchAs(same.Cases)}"));
        if (values.Count(same => same.Value < LeastShade) > 1)
            return (new DataFault(dataset.Root, null, $"the masks contain different labels: {several}.",
                $"Name the lesion's label, for example --lesion-label {values[0].Value} (LesionLabel in a spec or in "
                    + "the library); if all of them are lesion, save the masks as 0 and 255."), []);

        List<string> notes = [
            .. Enum.GetValues<Part>().Where(part => split[part].Count > 0 && split[part].All(id => lesions[id] == 0))
                .Select(part => $"No mask of the {Word(part)} set shows a lesion.")];
        if (values.Length > 1)
            notes.Add($"The masks mark the lesion by different values: {several}. All of them count as lesion.");
        Case[] soft = [.. cases.Where(c => lesions[c.Id] == Soft)];
        if (soft.Length > 0)
            notes.Add($"{SuchAs(soft)} {(soft.Length == 1 ? "has" : "have")} values between 0 and the highest. They "
                + "count as soft edges; the upper half is lesion. If they are labels, name the lesion's: "
                + "--lesion-label.");
        return (null, notes);
    }

    private static string SuchAs(IReadOnlyList<Case> cases) =>
        $"{Counted(cases.Count, "mask")} (such as {cases[0].MaskPath})";

    /// <summary>The error of cases of which no mask holds their lesion label; null where none is given.</summary>
    /// <param name="root">The data set's folder.</param>
    /// <param name="cases">Cases with masks, all of them without lesion.</param>
    public static DataFault? AbsentFault(string root, IReadOnlyList<Case> cases) =>
        cases.Count == 0 || cases[0].LesionLabel is not int label ? null : new DataFault(root, null,
            $"none of the {cases.Count} masks contains the lesion label {label}, so every case would count as healthy. "
                + $"{Held(cases[0], label)}", "Choose a label that the masks contain, or leave --lesion-label out.");

    private static string Held(Case item, int label)
    {
        ImageFile.ReadMask(item.MaskPath!, label, out IReadOnlyList<int> values);
        return $"{item.MaskPath} contains {string.Join(", ", values.Take(12))}.";
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

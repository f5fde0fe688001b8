using System.CommandLine;
using System.Globalization;
using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Platform;
using C2FVL.Workbook.Prediction;

namespace C2FVL.Workbook.Commands;

/// <summary>
/// <c>workbook score PREDICTIONS</c>: scores masks that any program made, and compares two folders of them.
/// </summary>
internal static class ScoreCommand
{
    public static Command Create()
    {
        var predictions = new Argument<string>("PREDICTIONS")
        {
            Description = "A folder of masks, each at its image's own size, named NAME.png, NAME-mask.png, "
                + "NAME_mask.png or mask_NAME.png.",
        };
        var data = new Option<string>("--data") { Description = DataFolder.Description, Required = true };
        var against = new Option<string?>("--against")
        {
            Description = "Another folder of masks for the same cases. Both are scored, and their difference is shown "
                + "with its interval and p value.",
        };
        var part = new Option<Part?>("--part")
        {
            Description = "Train, Val or Test. The default is Test, or all cases if the data have no sets.",
        };
        var label = new Option<int?>("--prediction-label")
        {
            Description = "The mask value that means lesion, for predicted masks with several labels.",
        }.Within(1);
        var output = new Option<FileInfo?>("--out") { Description = "Write the scores of each case to this CSV file." };
        var command = new Command(
            "score", "Scores masks from any program as evaluate scores a network's. Compares two folders of masks.")
        {
            predictions, data, against, part, label, output,
        };
        var reading = new DataOptions(command);
        var json = new JsonOption(command);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                using JsonOutput result = json.Begin(parsed);
                DataSpec spec = reading.Of(parsed, DataFolder.Find(parsed.GetValue(data)!));
                (Dataset dataset, Split split, Part scored) =
                    Cases(spec, reading.HasSplit(parsed), parsed.GetValue(part));
                CaseProgress.Show("checking the files", progress =>
                    DataGate.Check(dataset, split, progress, cancellation));
                IReadOnlyList<Case> cases = split.Cases(dataset, scored);

                string folder = Path.GetFullPath(parsed.GetValue(predictions)!);
                IReadOnlyList<CaseScore> own = Score(folder);
                Console.WriteLine($"{cases.Count} cases of {dataset.Name} ({dataset.Root}), {split.Name}, each at "
                    + "its image's own size");
                ScoreDisplay.Show(folder, own);
                if (parsed.GetValue(output) is FileInfo file)
                    CaseScoreFile.Write(file.FullName, own);
                if (parsed.GetValue(against) is not string other)
                {
                    result.Write(() => new
                    {
                        Predictions = folder,
                        Data = dataset.Root,
                        Split = split.Name,
                        Scores = JsonOutput.Of(own),
                    });
                    return 0;
                }

                other = Path.GetFullPath(other);
                IReadOnlyList<CaseScore> others = Score(other);
                ScoreDisplay.Show(other, others);
                PairedComparison difference = PairedComparison.Of(others, own);
                Console.WriteLine(Text(difference, folder, other));
                result.Write(() => new
                {
                    Predictions = folder,
                    Against = other,
                    Data = dataset.Root,
                    Split = split.Name,
                    Scores = JsonOutput.Of(own),
                    ScoresAgainst = JsonOutput.Of(others),
                    Difference = difference,
                });
                return 0;

                IReadOnlyList<CaseScore> Score(string masks) =>
                    CaseProgress.Show($"scoring {Path.GetFileName(masks)}", progress =>
                    MaskScores.Of(
                        masks, cases, parsed.GetValue(label), progress, note =>
                            Console.Error.WriteLine($"note: {note}"), cancellation));
            },
            CancellationToken.None));
        return command;
    }

    /// <summary>The cases to score, as a split that has them alone.</summary>
    private static (Dataset Dataset, Split Split, Part Part) Cases(DataSpec spec, bool isSplit, Part? part)
    {
        Dataset dataset = DatasetReader.Read(spec.Set, spec, spec.Name);
        if (dataset.Cases.Count == 0)
            throw new InvalidDataException(
                $"{dataset.Root}: there is no image with a mask, so there is nothing to score against.");
        bool hasSets = isSplit || dataset.Cases.Any(c => c.GivenPart is not null);
        if (!hasSets && part is Part none)
            throw new ArgumentException($"--part {none}: {dataset.Root} has no training, validation and test set. "
                + "Leave the option out, or add --split.");
        Split split = hasSets ? RunData.Divide(spec, dataset) : Split.Undivided(dataset);
        Part scored = part ?? (hasSets ? Part.Test : Part.Train);
        if (split[scored].Count == 0)
            throw new InvalidDataException(
                $"{dataset.Root}: the set {scored} is empty ({split.Name}). Choose another with --part.");
        string name = hasSets ? $"{scored} of {split.Name}" : split.Name;
        return (dataset, scored switch
        {
            Part.Train => new Split(name, split.Train, [], []),
            Part.Val => new Split(name, [], split.Val, []),
            _ => new Split(name, [], [], split.Test),
        }, scored);
    }

    private static string Text(PairedComparison difference, string folder, string other) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        {folder} minus {other}, points with 95 % intervals:
          mean Dice {Points(difference.MeanDiceDifference)}
          p = {difference.PValue:0.0000} (sign flips of patients), Cohen's d_z {difference.CohensDz:0.00}
          pooled Dice {Points(difference.PooledDiceDifference)}
          {difference.Cases} images of {difference.Patients} patients; an image of an unknown patient counts as one
        """).ReplaceLineEndings("\n");

    private static string Points(Estimate e) => string.Create(
        CultureInfo.InvariantCulture, $"{100 * e.Value:+0.00;-0.00;0.00} [{100 * e.Low:0.00}, {100 * e.High:0.00}]");
}

using System.Diagnostics;
using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Training;
using C2FVL.Workbook.Runs;
using C2FVL.Workbook.Sweeps;

namespace C2FVL.Workbook.Commands;

/// <summary>
/// train --fast: one batch of each set through everything that a run does, in a folder that is deleted: a training
/// step,
/// validation, weights and checkpoint written and read, the test, other texts, the event file and the report page.
/// </summary>
internal static class FastTrial
{
    /// <summary>Scoring takes batches of 8.</summary>
    private static readonly int ScoredCases = BatchSettings.ForScoring().BatchSize;

    public static void Run(RunSpec spec, double leastReports, IReadOnlyList<TextMode> texts,
        CancellationToken cancellation)
    {
        RunSpec fast = Shortened(spec);
        string folder = Path.Combine(Path.GetTempPath(), $"c2fvl-fast-{Guid.NewGuid():n}");
        try
        {
            var clock = Stopwatch.StartNew();
            string stage = "";
            Console.WriteLine($"{fast.Model.Name} on {fast.Data.Set}, one batch of each set:");
            var store = new RunStore(folder) { LeastReports = leastReports, OnEpoch = new TensorBoardLog().Write };
            RunData data = store.OpenData(fast, cancellation);
            Say($"data: {string.Join("; ", data.Gate.Sets.Select(RunDataText.ToText))}");
            Run run = store.GetOrTrain(
                fast,
                progress =>
                {
                    if (progress.Stage != stage)
                        Say(stage = progress.Stage);
                },
                cancellation);
            Require(run, TensorBoardLog.In(run.Folder).Length == 1, "an event file");
            foreach (string file in new[] { Trainer.BestName, Trainer.LastName, Trainer.HistoryName, Trainer.LogName,
                Provenance.FileName })
                Require(run, File.Exists(Path.Combine(run.Folder, file)), file);
            Say("weights, checkpoint, history, events");
            foreach (TextMode text in texts)
            {
                RunStore.Score(run, [text], cancellation: cancellation);
                Say($"test with text {text}");
            }

            RunPage.Write(Path.Combine(run.Folder, RunPage.FileName), run, worst: 2);
            Say("report page");
            Console.WriteLine("All stages ran. No run was kept, and its scores mean nothing. Leave out --fast to "
                + "train a run.");

            void Say(string what)
            {
                Console.WriteLine(FormattableString.Invariant($"  {clock.Elapsed.TotalSeconds,6:0.0} s  {what}"));
                cancellation.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The same run on one batch of each set, for one epoch of each stage.</summary>
    internal static RunSpec Shortened(RunSpec spec) => spec with
    {
        Data = spec.Data with { Train = Least(spec.Data.Train, spec.Training.BatchSize),
            Val = Least(spec.Data.Val, ScoredCases), Test = Least(spec.Data.Test, ScoredCases) },
        Training = spec.Training with { Epochs = 1, PretrainingEpochs = Math.Min(1, spec.Training.PretrainingEpochs) },
    };

    private static int Least(int? given, int batch) => Math.Min(given ?? batch, batch);

    private static void Require(Run run, bool isThere, string what)
    {
        if (!isThere)
            throw new IOException($"The trial wrote no {what} into {run.Folder}.");
    }
}

using System.CommandLine;
using System.Globalization;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Platform;
using C2FVL.Workbook.Sweeps;
using Spectre.Console;

namespace C2FVL.Workbook.Commands;

/// <summary><c>workbook sweep</c>: brings the runs of one of the paper's tables to their end, here or on a cluster.</summary>
internal static class SweepCommand
{
    private const int Failed = 1;

    public static Command Create()
    {
        var list = new Argument<string>("list")
        {
            Description = string.Join(", ", SweepLists.Names) + ".",
            Arity = ArgumentArity.ZeroOrOne, // a child has its list from its input
        };
        list.AcceptOnlyFromAmong([.. SweepLists.Names]);
        var scale = new Option<Scale>("--scale")
        {
            Description = "The preset for data, network and budget: phantom, mini, full or paper.",
            DefaultValueFactory = _ => Scale.Phantom,
        };
        var jobs = new Option<int?>("--jobs")
        {
            Description = "The number of runs at once. By default, as many as cores and memory allow.",
        }.Within(1);
        var track = new Option<bool>("--track") { Description = "Copy each finished run's small files to data/results." };
        var slurm = new Option<bool>("--slurm")
        {
            Description = "Run nothing. Write a Slurm array job for the list to the run store, and print the command "
                + "that submits it.",
        };
        var dryRun = new Option<bool>("--dry-run")
        {
            Description = "Run nothing. Check the data, and list the runs and their states. It fails for the same "
                + "reasons as the sweep would.",
        };
        var seed = new Option<int?>("--seed") { Description = "The seed for every run." };
        var threads = new Option<int?>("--threads")
        {
            Description = "The number of libtorch threads in every run. It affects only rounding.",
        }.Within(1, Devices.MostThreads);
        var device = new Option<string?>("--device") { Description = "cpu, cuda or cuda:N, for every run." };
        var folds = new Option<int?>("--folds")
        {
            Description = "Train every run of the list as this many folds of a cross-validation, and show the folds "
                + "with their spread.",
        }.Within(2, 100);
        var child = new Option<bool>("--child") { Hidden = true };
        var needWeights = new Option<bool>("--need-weights") { Hidden = true };
        var checkpoint = new Option<double>("--checkpoint-seconds") { Hidden = true, DefaultValueFactory = _ => 300 };
        const string what = "Trains all runs of a table, several at once. Resumes stopped runs and skips finished "
            + "ones.";
        var command = new Command("sweep", what)
        {
            list, scale, jobs, track, slurm, dryRun, seed, threads, device, folds, child, needWeights,
            checkpoint,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(list) is null or { Tokens.Count: 0 } && !result.GetValue(child))
                result.AddError("Required argument missing for command: 'sweep'.");
        });
        var accept = new StoreOptions(command);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                if (parsed.GetValue(child))
                    return RunAsChild(
                        accept.Read(parsed, parsed.GetValue(checkpoint)), parsed.GetValue(needWeights), cancellation);
                string name = $"{parsed.GetValue(list)}-{RunStore.ScaleName(parsed.GetValue(scale))}"
                    + (parsed.GetValue(folds) is int n ? $"-{n}-folds" : "");
                IReadOnlyList<ExperimentRow> rows = [.. SweepLists.Get(parsed.GetValue(list)!, parsed.GetValue(scale)).Select(row => row with
                {
                    Spec = row.Spec with
                    {
                        Seed = parsed.GetValue(seed) ?? row.Spec.Seed,
                        Threads = parsed.GetValue(threads) ?? row.Spec.Threads,
                        Device = parsed.GetValue(device) ?? row.Spec.Device,
                    },
                }).SelectMany(row => Folds(row, parsed.GetValue(folds)))];
                RunStore store = accept.Read(parsed);
                if (parsed.GetValue(slurm))
                    return WriteJob(name, rows, store);
                if (!parsed.GetValue(dryRun))
                    Devices.Use(rows[0].Spec.Device, rows[0].Spec.Threads); // once, not in each of its processes
                List<ExperimentRow> accepted = Accepted(rows, store, cancellation);
                var sweep = new Sweep(accepted, store) { Jobs = parsed.GetValue(jobs), Track = parsed.GetValue(track) };
                bool ran = parsed.GetValue(dryRun) || Run(sweep, cancellation);
                Show(name, rows, store);
                return accepted.Count == rows.Count && ran ? 0 : Failed;
            },
            CancellationToken.None));
        return command;
    }

    /// <summary>
    /// As a notebook's <see cref="ManyRuns.TrainAll"/> starts it: a run per line of the input up to an empty line. It
    /// tells its progress as lines, and it ends, resumable, when the input is closed, be it by the notebook's end.
    /// </summary>
    private static int RunAsChild(RunStore store, bool needWeights, CancellationToken cancellation)
    {
        var rows = new List<ExperimentRow>();
        while (Console.In.ReadLine() is { Length: > 0 } line)
            rows.Add(TrainProcess.ReadOrder(line).ToRow("the notebook's list"));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        new Thread(() =>
        {
            while (Console.In.ReadLine() is not null)
            {
                // nothing more is asked
            }

            stop.Cancel();
        }) { IsBackground = true }.Start();

        try
        {
            new Sweep(rows, store) { NeedWeights = needWeights }.Run(
                p => Console.WriteLine($"{ManyRuns.ProgressMark} {p.Done} {p.Total} {p}"), stop.Token);
            return 0;
        }
        catch (SweepException e)
        {
            Console.WriteLine(e.Message);
            return Failed;
        }
    }

    /// <summary>Shows the data of the rows that still have to be trained, and what the gate refuses, once each.</summary>
    /// <returns>The rows that the gate lets through.</returns>
    private static List<ExperimentRow> Accepted(
        IReadOnlyList<ExperimentRow> rows, RunStore store, CancellationToken cancellation)
    {
        var accepted = new List<ExperimentRow>();
        var errors = new HashSet<string>();
        foreach (IGrouping<DataSpec, ExperimentRow> same in rows.GroupBy(row => row.Spec.Data))
        {
            RunData? data = null;
            foreach (ExperimentRow row in same)
            {
                try
                {
                    if (store.Find(row.Spec) is null)
                    {
                        data ??= TrainCommand.ShowData(same.Key, store, cancellation)
                            ?? RunData.Open(same.Key);
                        data.Require(row.Spec, leastReports: store.LeastReports);
                    }

                    accepted.Add(row);
                }
                catch (Exception e) when (e is InvalidDataException or IOException)
                {
                    if (errors.Add(e.Message.Replace(row.Spec.Model.Name, "")))
                        Console.Error.WriteLine("error: " + e.Message);
                }
            }
        }

        return accepted;
    }

    private static int WriteJob(string name, IReadOnlyList<ExperimentRow> rows, RunStore store)
    {
        string file = SlurmScript.Write(name, rows, store);
        Console.WriteLine($"{rows.DistinctBy(row => row.Spec.Name).Count()} tasks. Start them with:");
        bool isPlain = file.All(c => char.IsAsciiLetterOrDigit(c) || "/._-+".Contains(c));
        Console.WriteLine($"sbatch {(isPlain ? file : SlurmScript.Quote(file))}");
        return 0;
    }

    private static bool Run(Sweep sweep, CancellationToken cancellation)
    {
        try
        {
            SweepDisplay.Show(report => sweep.Run(report, cancellation));
            return true;
        }
        catch (SweepException e)
        {
            Console.Error.WriteLine("error: " + e.Message);
            return false;
        }
    }

    /// <summary>A row, or its folds.</summary>
    private static IEnumerable<ExperimentRow> Folds(ExperimentRow row, int? folds) => folds is not int count
        ? [row]
        : FoldTable.Expand(row.Spec with { Data = row.Spec.Data with { Folds = count, Fold = null } })
            .Select(spec =>
                row with { Label = $"{row.Label}, fold {spec.Data.Fold} of {count}", Spec = spec });

    /// <summary>Every row with its run and its scores, as far as they are there.</summary>
    private static void Show(string name, IReadOnlyList<ExperimentRow> rows, RunStore store)
    {
        var table = new Table { Title = new TableTitle(Markup.Escape(name + TrainCommand.Demonstration(rows[0].Spec.Data))), Border = TableBorder.Simple };
        table.AddColumns("", "validation Dice", "mean Dice, % [[95 %]]", "IoU", "pooled", "paper's Dice");
        var shown = new List<Run>();
        foreach (ExperimentRow row in rows)
        {
            Run? run = FindOrTell(row.Spec, store);
            if (run is not null)
                shown.Add(run);
            ScoreSummary? scores = run is null ? null : ScoreSummary.Of(run.Cases);
            table.AddRow(
                Markup.Escape($"{row.Group}: {row.Label}"),
                Percent(run?.History.Select(epoch => epoch.ValMeanDice).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Max()),
                scores is null ? "not finished" : string.Create(CultureInfo.InvariantCulture, $"{100 * scores.MeanDice.Value:0.00} [[{100 * scores.MeanDice.Low:0.00}, {100 * scores.MeanDice.High:0.00}]]"),
                Percent(scores?.MeanIoU.Value),
                Percent(scores?.PooledDice.Value),
                row.Spec.Scale == Scale.Phantom ? "" : row.Quoted?.Dice.ToString("0.00", CultureInfo.InvariantCulture) ?? ""); // none beside a phantom's
        }

        AnsiConsole.Write(table);
        foreach (Run[] folds in shown.Where(run => run.Spec.Data.Folds is not null)
            .GroupBy(run => (run.Spec with { Data = run.Spec.Data with { Fold = null } }).ToJson())
                .Select(same => same.ToArray()))
            FoldTable.Show($"{folds[0].Spec.Model.Name}: {folds.Length} of {folds[0].Spec.Data.Folds} folds",
                [.. folds.DistinctBy(run => run.Folder)]);
        if (Provenance.Mixture(shown) is { Length: > 0 } mixture)
            AnsiConsole.WriteLine(mixture.Trim());
    }

    /// <summary>A run whose data are refused has said why before; its row stays without numbers.</summary>
    private static Run? FindOrTell(RunSpec spec, RunStore store)
    {
        try
        {
            return store.Find(spec);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static string Percent(double? score) => score is double value ? (100 * value).ToString("0.00", CultureInfo.InvariantCulture) : "";
}

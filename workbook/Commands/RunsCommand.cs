using System.CommandLine;
using System.Globalization;
using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Training;

namespace C2FVL.Workbook.Commands;

/// <summary><c>workbook runs</c>: a scale's runs, what each differs in from its preset, its score, date and data.</summary>
internal static class RunsCommand
{
    public static Command Create()
    {
        var scale = new Option<Scale>("--scale")
        {
            Description = "The preset: phantom, mini, full or paper.",
            DefaultValueFactory = _ => Scale.Phantom,
        };
        var tracked = new Option<bool>("--tracked") { Description = "Also list the tracked results." };
        var command = new Command("runs", "Lists a preset's runs: how each differs from the preset, scores, date, and "
            + "whether the data are unchanged.") { scale, tracked };
        command.SetAction((parsed, _) => Task.Run(() => List(new RunStore(), parsed.GetValue(scale), parsed.GetValue(tracked), Console.Out), CancellationToken.None));
        return command;
    }

    internal static int List(RunStore store, Scale scale, bool tracked, TextWriter output)
    {
        string[][] rows = [.. store.Folders(scale).Select(folder => Row(store, folder)), .. tracked ? store.Tracked(scale).Select(run => Row(run, "tracked", DataText(store, run.Spec, run.Folder))) : []];
        if (rows.Length == 0)
        {
            output.WriteLine($"There are no runs of the {RunStore.ScaleName(scale)} preset in {store.Folder}.");
            return 0;
        }

        string[] header = ["run", "differs from the preset in", "test Dice, %", "state", "data"];
        int[] widths = [.. header.Select((name, column) => rows.Max(row => row[column].Length) is int longest && longest > name.Length ? longest : name.Length)];
        foreach (string[] row in rows.Prepend(header))
            output.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        output.WriteLine($"{rows.Length} runs in {store.Folder}");
        return 0;
    }

    private static string[] Row(RunStore store, string folder)
    {
        string name = Path.GetFileName(folder);
        try
        {
            RunSpec spec = RunSpec.Load(Path.Combine(folder, "spec.json"));
            string data = DataText(store, spec, folder);
            if (File.Exists(Path.Combine(folder, "cases.csv")))
            {
                Run run = RunStore.Load(folder);
                return Row(run, string.Create(CultureInfo.InvariantCulture, $"finished {run.Finished:yyyy-MM-dd HH:mm}"), data);
            }

            string history = Path.Combine(folder, Trainer.HistoryName);
            int epochs = File.Exists(history) ? HistoryFile.Read(history).Count : 0;
            string state = $"epoch {epochs} of {spec.Training.PretrainingEpochs + spec.Training.Epochs}{(RunStore.IsLocked(folder) ? ", locked (running)" : "")}";
            return [name, Differs(spec), "", state, data];
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return [name, "", "", "damaged: " + e.Message.Split('\n')[0], ""];
        }
    }

    private static string[] Row(Run run, string state, string data) =>
        [Path.GetFileName(run.Folder), Differs(run.Spec), (100 * run.Cases.Average(c => c.Dice)).ToString("0.00", CultureInfo.InvariantCulture), state, data];

    private static string Differs(RunSpec spec) => SpecDifference.FromPreset(spec) is { Length: > 0 } what ? what : "nothing";

    private static string DataText(RunStore store, RunSpec spec, string folder)
    {
        if (Provenance.Find(folder)?.Data is null)
            return "not recorded";
        if (!RunData.IsHere(spec.Data))
            return "not on this machine";
        try
        {
            return Provenance.Change(folder, RunData.Open(spec.Data).Gate.Digest) is string change ? $"changed ({change})" : "unchanged";
        }
        catch (InvalidDataException)
        {
            return "refused by the gate";
        }
    }
}

using System.CommandLine;
using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Training;
using C2FVL.Workbook.Prediction;
using TorchSharp;

namespace C2FVL.Workbook.Commands;

/// <summary><c>workbook evaluate</c>: scores weights on a part of a data set, with any text.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var command = new Command("evaluate", "Scores a run's best weights, or a weights file, on a data set.");
        var spec = new SpecOptions(command);
        var accept = new StoreOptions(command);
        var weights = new Option<FileInfo[]>("--weights")
        {
            Description = "A safetensors file, which names its network, text and preset, or a PyTorch .pt or .pth "
                + "file. By default, the best weights of the run that the other options describe. With several files, "
                + "or all folds of --folds, the mean of the probabilities is scored.",
            AllowMultipleArgumentsPerToken = true,
        };
        var part = new Option<Part>("--part") { Description = "Train, Val or Test.", DefaultValueFactory = _ => Part.Test };
        var given = new Option<TextMode?>("--given-text")
        {
            Description = "The text at scoring, if it differs from "
                + "training: " + string.Join(", ", Enum.GetNames<TextMode>()) + ".",
        };
        var output = new Option<FileInfo?>("--out") { Description = "Write the scores of each case to this CSV file." };
        foreach (Option option in new Option[] { weights, part, given, output })
            command.Options.Add(option);
        var json = new JsonOption(command);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                using JsonOutput result = json.Begin(parsed);
                TorchLibrary.EnsureLoaded();
                RunStore store = accept.Read(parsed);
                string[] files = [.. (parsed.GetValue(weights) ?? []).Select(file => file.FullName)];
                if (files.FirstOrDefault(file => !Path.Exists(file)) is string gone)
                    throw new FileNotFoundException($"{gone}: there is no such file. --weights takes a run's "
                        + "best.safetensors or weights converted from PyTorch.");
                RunSpec run = files.Length > 0 && RunSpec.FromWeights(files[0]) is RunSpec own
                    ? spec.Read(parsed, own with { Device = Devices.HereOrCpu(own.Device) }, files[0])
                    : spec.Read(parsed);
                if (files.Length == 0)
                    files = [.. FoldTable.Expand(run).Select(fold => FindWeights(store, fold))];
                if (run.Data is { Folds: not null, Fold: null })
                    run = run with { Data = run.Data with { Folds = null } }; // what all folds test

                TrainedWeights[] networks = [.. files.Select((file, i) => NetworkOf(file, i == 0, run))];
                Evaluate(
                    store,
                    run,
                    networks,
                    parsed.GetValue(part),
                    parsed.GetValue(given) ?? run.Text,
                    parsed.GetValue(output)?.FullName,
                    result,
                    cancellation);
                return 0;
            },
            CancellationToken.None));
        return command;
    }

    /// <summary>A file's network: its own, with what the options say of scoring.</summary>
    private static TrainedWeights NetworkOf(string file, bool isFirst, RunSpec run)
    {
        RunSpec? own = RunSpec.FromWeights(file);
        ModelSettings settings = isFirst || own is null ? run.Model : own.Model;
        if (settings is NnUNetSettings plain && run.Model is NnUNetSettings asked)
            settings = plain with { MirrorAtTest = asked.MirrorAtTest };
        return new TrainedWeights(file, own, settings);
    }

    private static string FindWeights(RunStore store, RunSpec run)
    {
        if (store.FindFile(run, Trainer.BestName) is string found)
            return found;
        string own = store.FolderOf(run);
        string why = File.Exists(Path.Combine(own, Trainer.BestName)) && Provenance.Change(own, RunData.Open(run.Data).Gate.Digest) is string change
            ? $"the data have changed since this run ({change}). Run 'workbook train' with the same options to train "
                + "it again, or add --accept-changed-data."
            : File.Exists(Path.Combine(own, "cases.csv")) ? $"the run is finished, but its weights are gone. Delete the folder {own} and run 'workbook train' with the same options."
            : "this run is not trained yet. Run 'workbook train' with the same options first.";
        throw new FileNotFoundException($"{Path.Combine(own, Trainer.BestName)}: {why}");
    }

    private static void Evaluate(
        RunStore store,
        RunSpec run,
        TrainedWeights[] weights,
        Part part,
        TextMode text,
        string? output,
        JsonOutput result,
        CancellationToken cancellation)
    {
        torch.Device device = Devices.Use(run.Device, run.Threads);
        using TrainedModel model = TrainedModel.Load(weights, device, Console.Error.WriteLine);
        RunData data = TrainCommand.ShowData(run.Data, store, cancellation) ?? RunData.Open(run.Data);
        data.Require(run, [part], text, store.LeastReports);
        bool readsText = weights.Any(one => one.Settings.ReadsText);
        foreach (string note in Notes(run, weights, data, part, text))
            Console.WriteLine($"note: {note}");
        BatchSource batches = data.Batches(run, part, text);
        int done = 0;
        IReadOnlyList<CaseScore> cases = CaseProgress.Show("scoring", progress => Scorer.Score(
            model.Model,
            batches,
            device,
            n => progress.Report(new DatasetCheckProgress(done += n, batches.CaseCount)),
            cancellation,
            run.FlipAtTest));
        string? reports = readsText && text != TextMode.Missing
            ? Run.ReportsText(data.Gate.Sets.Where(set => set.Part == part)) : null;
        ScoreDisplay.Show($"{model.Name}, {part} cases of {data.Dataset.Name}, text "
            + $"{text}{TrainCommand.Demonstration(run.Data)}", cases, reports);
        if (output is not null)
            CaseScoreFile.Write(output, cases);
        result.Write(() => new
        {
            Network = model.Name,
            Weights = weights.Select(one => one.Path),
            Data = data.Dataset.Name,
            data.Dataset.Root,
            Split = data.Split.Name,
            Part = part,
            Text = text,
            run.FlipAtTest,
            Scores = JsonOutput.Of(cases),
            CasesFile = output,
        });
    }

    /// <summary>What the user should know of weights and cases before the scores.</summary>
    private static IEnumerable<string> Notes(
        RunSpec run, TrainedWeights[] weights, RunData data, Part part, TextMode text)
    {
        HashSet<string> scored = [.. data.Split[part]];
        foreach (TrainedWeights one in weights)
        {
            IReadOnlyDictionary<string, string> metadata = WeightsFile.ReadMetadata(one.Path);
            RunSpec? own = RunSpec.FromWeights(one.Path);
            if (metadata.TryGetValue("data", out string? trained)
                && own?.Data == run.Data && trained != data.Gate.Digest.Value)
                yield return $"the data have changed since {one.Path} was trained; these are scores on the data as "
                    + "they are now.";
            if (part == Part.Train || own is null || own.Data == run.Data || own.Data.Set != run.Data.Set)
                continue;
            int seen = RunData.SplitOf(own.Data, data.Dataset).Train.Count(scored.Contains);
            if (seen > 0)
                yield return $"{one.Path} was trained on {seen} of these {scored.Count} cases, so the scores are too "
                    + "optimistic.";
        }

        if (text == TextMode.Missing)
            yield break;
        if (weights.Length == 1 && run.Model.ReadsText && run.Text == TextMode.Missing)
            yield return $"this {run.Model.Name} was trained without reports (text Missing) and gets text {text}, "
                + "which it never saw. These scores say nothing about a network trained with reports.";
        if (weights.Length > 1 && weights
            .Count(one => one.Settings.ReadsText && !one.ReadsReports) is > 0 and int without)
            yield return $"{without} of {weights.Length} networks were trained without reports and get none.";
    }
}

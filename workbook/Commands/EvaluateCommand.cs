using System.CommandLine;
using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Training;
using TorchSharp;

namespace C2FVL.Workbook.Commands;

/// <summary><c>workbook evaluate</c>: scores weights on a part of a data set, with any text.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var command = new Command("evaluate", "Scores a trained run's best weights, or a weights file, on its cases.");
        var spec = new SpecOptions(command);
        var accept = new StoreOptions(command);
        var weights = new Option<FileInfo?>("--weights") { Description = "A safetensors file, which says network, text and preset by itself, or a .pt or .pth file of PyTorch; without it, the best weights of the run that the other options name." };
        var part = new Option<Part>("--part") { Description = "Train, Val or Test.", DefaultValueFactory = _ => Part.Test };
        var given = new Option<TextMode?>("--given-text") { Description = "The text at scoring, where it is another than in training: " + string.Join(", ", Enum.GetNames<TextMode>()) + "." };
        var output = new Option<FileInfo?>("--out") { Description = "Write the scores of each case to this CSV file." };
        foreach (Option option in new Option[] { weights, part, given, output })
            command.Options.Add(option);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                TorchLibrary.EnsureLoaded();
                RunStore store = accept.Read(parsed);
                RunSpec run;
                string path;
                if (parsed.GetValue(weights) is FileInfo file)
                {
                    path = file.FullName;
                    if (!Path.Exists(path))
                        throw new FileNotFoundException($"{path} is not there; --weights takes a run's best.safetensors or weights converted from PyTorch.");
                    run = RunSpec.OfWeights(path) is RunSpec own ? spec.Read(parsed, own, path) : spec.Read(parsed);
                }
                else
                {
                    run = spec.Read(parsed);
                    path = FindWeights(store, run);
                }

                Evaluate(store, run, path, parsed.GetValue(part), parsed.GetValue(given) ?? run.Text, parsed.GetValue(output)?.FullName, cancellation);
                return 0;
            },
            CancellationToken.None));
        return command;
    }

    private static string FindWeights(RunStore store, RunSpec run)
    {
        if (store.FindFile(run, Trainer.BestName) is string found)
            return found;
        string own = store.FolderOf(run);
        string why = File.Exists(Path.Combine(own, Trainer.BestName)) && Provenance.Change(own, RunData.Open(run.Data, store.Folder).Gate.Digest) is string change
            ? $"the data changed since this run ({change}). Run 'workbook train' with the same options to train it again, or add --accept-changed-data."
            : File.Exists(Path.Combine(own, "cases.csv")) ? $"the run is finished, but its weights are gone. Delete the folder {own} and run 'workbook train' with the same options."
            : "this run is not trained yet. Run 'workbook train' with the same options first.";
        throw new FileNotFoundException($"{Path.Combine(own, Trainer.BestName)}: {why}");
    }

    private static void Evaluate(RunStore store, RunSpec run, string weights, Part part, TextMode text, string? output, CancellationToken cancellation)
    {
        TorchSharp.torch.Device device = Devices.Use(run.Device, run.Threads);
        using SegmentationModel model = run.Model.Create();
        WeightsReport report = Weights.Load(model, weights);
        if (report.Note.Length > 0)
            Console.Error.WriteLine(report.Note);
        model.to(device);

        RunData data = TrainCommand.ShowData(run.Data, store, cancellation) ?? RunData.Open(run.Data, store.Folder);
        data.Require(run, [part], text, store.LeastReports);
        if (report.Metadata.TryGetValue("data", out string? trained) && RunSpec.OfWeights(weights)?.Data == run.Data && trained != data.Gate.Digest.Value)
            Console.WriteLine($"note: the data changed since {weights} was trained; these are scores on the data as they are now.");
        if (run.Model.ReadsText && run.Text == TextMode.Missing && text != TextMode.Missing)
            Console.WriteLine($"note: this {run.Model.Name} was trained without reports (text Missing) and is given text {text}, which it never saw: these scores say nothing of a network trained with reports.");
        BatchSource batches = data.Batches(run, part, text);
        int done = 0;
        IReadOnlyList<CaseScore> cases = CaseProgress.Show("scoring", progress =>
            Scorer.Score(model, batches, device, n => progress.Report(new DatasetCheckProgress(done += n, batches.CaseCount)), cancellation, run.FlipAtTest));
        string? reports = run.Model.ReadsText && text != TextMode.Missing ? Run.ReportsText(data.Gate.Sets.Where(set => set.Part == part)) : null;
        ScoreDisplay.Show($"{run.Model.Name}, {part} cases of {data.Dataset.Name}, text {text}{TrainCommand.Demonstration(run.Data)}", cases, reports);
        if (output is not null)
            CaseScoreFile.Write(output, cases);
    }
}

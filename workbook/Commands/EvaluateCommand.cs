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
        var weights = new Option<FileInfo?>("--weights") { Description = "A safetensors file, or a .pt or .pth file of PyTorch; without it, the best weights of the run that the other options name." };
        var part = new Option<Part>("--part") { Description = "Train, Val or Test.", DefaultValueFactory = _ => Part.Test };
        var given = new Option<TextMode?>("--given-text") { Description = "The text at scoring, where it is another than in training: " + string.Join(", ", Enum.GetNames<TextMode>()) + "." };
        var output = new Option<FileInfo?>("--out") { Description = "Write the scores of each case to this CSV file." };
        command.Options.Add(weights);
        command.Options.Add(part);
        command.Options.Add(given);
        command.Options.Add(output);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                TorchLibrary.EnsureLoaded();
                RunSpec run = spec.Read(parsed);
                FileInfo? file = parsed.GetValue(weights);
                string path = file?.FullName ?? Path.Combine(new RunStore().FolderOf(run), Trainer.BestName);
                if (!File.Exists(path))
                    throw new FileNotFoundException(file is null ? $"{path} is not there: this run is not trained yet. Run 'workbook train' with the same options first." : $"{path} is not there; --weights takes a run's best.safetensors or weights converted from PyTorch.");

                TorchSharp.torch.Device device = Devices.Use(run.Device, run.Threads);
                using SegmentationModel model = run.Model.Create();
                if (Weights.Load(model, path).Note is { Length: > 0 } note)
                    Console.Error.WriteLine(note);
                model.to(device);
                BatchSource batches = RunData.Open(run.Data).Batches(run, parsed.GetValue(part), parsed.GetValue(given));
                int done = 0;
                IReadOnlyList<CaseScore> cases = Scorer.Score(model, batches, device, n => Console.Error.Write($"\r{done += n} of {batches.CaseCount} cases"), cancellation, run.FlipAtTest);
                Console.Error.WriteLine();
                ScoreDisplay.Show($"{run.Model.Name}, {parsed.GetValue(part)} cases, text {parsed.GetValue(given) ?? run.Text}{TrainCommand.Demonstration(run.Scale)}", cases);
                if (parsed.GetValue(output) is FileInfo csv)
                    CaseScoreFile.Write(csv.FullName, cases);
                return 0;
            },
            CancellationToken.None));
        return command;
    }
}

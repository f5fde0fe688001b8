using System.CommandLine;
using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Platform;
using C2FVL.Training;
using C2FVL.Workbook.Demo;

namespace C2FVL.Workbook.Commands;

/// <summary><c>workbook demo</c>: a page on this machine to try sentences on.</summary>
internal static class DemoCommand
{
    private const int DefaultPort = 5080;

    public static Command Create()
    {
        var port = new Option<int>("--port")
        {
            Description = $"The page's port on 127.0.0.1; 0 chooses a free port. The default is {DefaultPort}.",
            DefaultValueFactory = _ => DefaultPort,
        }.Within(0, 65535);
        var weights = new Option<FileInfo?>("--weights")
        {
            Description = "A run's best.safetensors. By default, the tracked weights in data/weights, or else a "
                + "phantom network that is trained in seconds.",
        };
        var command = new Command("demo", "Serves a local web page: change the report and see how mask, probability "
            + "and CAMs change. Press Ctrl+C to stop.") { port, weights };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Serve(parsed.GetValue(weights)?.FullName, parsed.GetValue(port), cancellation),
                CancellationToken.None));
        return command;
    }

    private static async Task<int> Serve(string? weights, int port, CancellationToken cancellation)
    {
        TorchLibrary.EnsureLoaded();
        using DemoModel model = Open(weights, Workspace.Weights, cancellation);
        if (model.Images.Count > 0)
            await model.Ask(model.Images[0], model.Images[0].Report, cancellation); // the first question is the slowest
        await using DemoServer server = await DemoServer.Start(model, port);
        Console.WriteLine(model.About);
        Console.WriteLine($"{server.Address}  (press Ctrl+C to stop)");
        try
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine("closed");
        }

        return 0;
    }

    /// <summary>The network: of the file that is given, else of the tracked weights, else one of phantoms.</summary>
    /// <param name="weights">A weights file; null for none.</param>
    /// <param name="tracked">The folder of tracked weights, there or not.</param>
    /// <param name="cancellation">Ends a training.</param>
    internal static DemoModel Open(string? weights, string tracked, CancellationToken cancellation)
    {
        if (weights is not null)
        {
            if (!File.Exists(weights))
                throw new FileNotFoundException($"{weights}: there is no such file. --weights takes a run's "
                    + "best.safetensors.");
            RunSpec spec = RunSpec.FromWeights(weights) ?? throw new InvalidDataException(
                $"{weights} does not name its network. Give a run's best.safetensors.");
            return Open(spec, weights, $"Weights {weights}.");
        }

        if (Tracked(tracked) is (RunSpec found, string file))
            return Open(found, file, $"Tracked weights {Path.GetRelativePath(Workspace.Root, file)}.");
        RunSpec phantom = Presets.For(Scale.Phantom);
        Console.WriteLine($"There are no tracked weights in {tracked}, so a phantom network is used.");
        Run run = TrainingDisplay.Show(report => new RunStore().GetOrTrain(phantom, report, cancellation));
        string best = Path.Combine(run.Folder, Trainer.BestName);
        return new DemoModel(phantom, best, "A tiny network, trained here in seconds on drawn images.",
            DemoModel.ExamplesOf(phantom));
    }

    /// <summary>Images of the weights' own test set where it is on this machine, else drawn ones.</summary>
    private static DemoModel Open(RunSpec spec, string weights, string about)
    {
        if (RunData.IsHere(spec.Data))
            return new DemoModel(spec, weights, about, DemoModel.ExamplesOf(spec));
        string set = spec.Data.Kind == ImageKind.CT ? "phantom-ct" : "phantom-xray";
        RunSpec drawn = spec with { Data = new DataSpec { Set = set } };
        about += $" {spec.Data.Set} is not on this machine, so these images are drawn. You can also drop one of your "
            + "own.";
        return new DemoModel(spec, weights, about, DemoModel.ExamplesOf(drawn));
    }

    /// <summary>Of the tracked weights that read reports, the largest network's; by name among equals.</summary>
    private static (RunSpec Spec, string File)? Tracked(string folder)
    {
        if (!Directory.Exists(folder))
            return null;
        var found = Directory.EnumerateFiles(folder, "*.safetensors", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(file => (Spec: RunSpec.FromWeights(file), File: file))
            .Where(weights => weights.Spec is { Text: not TextMode.Missing, Model.ReadsText: true })
            .OrderByDescending(weights => weights.Spec!.Model.ImageSize)
                .ThenByDescending(weights => new FileInfo(weights.File).Length)
            .ToArray();
        return found.Length > 0 ? (found[0].Spec!, found[0].File) : null;
    }
}

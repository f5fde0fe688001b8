using System.CommandLine;
using System.Globalization;
using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Figures;
using C2FVL.Interpretation;
using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Workbook.Runs;
using C2FVL.Workbook.Sweeps;
using Spectre.Console;

namespace C2FVL.Workbook.Commands;

/// <summary><c>workbook explain</c>: measures the CAMs of a scale's runs on all test cases and draws Figure 4.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var scale = new Option<Scale>("--scale")
        {
            Description = "The preset: phantom, mini, full or paper.",
            DefaultValueFactory = _ => Scale.Phantom,
        };
        var kind = new Option<ImageKind>("--kind")
        {
            Description = "The preset's X-ray set or its CT set.",
            DefaultValueFactory = _ => ImageKind.XRay,
        };
        var specs = new Option<string[]>("--spec")
        {
            Description = "The spec.json files of the runs to explain, in place of the preset's runs.",
            AllowMultipleArgumentsPerToken = true,
        };
        var pixels = new Option<CamPixels>("--pixels") { Description = "What the CAMs explain: PredictedLesion or TrueLesion.", DefaultValueFactory = _ => CamPixels.PredictedLesion };
        var train = new Option<bool>("--train") { Description = "First train the runs that have no weights." };
        var track = new Option<bool>("--track") { Description = "Copy the measures and Figure 4 to data/results." };
        var cases = new Option<string[]>("--cases")
        {
            Description = "Case ids for Figure 4. By default, two cases chosen by their Dice.",
            AllowMultipleArgumentsPerToken = true,
        };
        var command = new Command("explain", "Measures Grad-CAM of C2FVL with and without the cosine loss, and of "
            + "UNet: energy, pointing game, agreement, deletion and insertion. Stored measures are "
            + "reused.") { scale, kind, specs, pixels, train, track, cases };
        var accept = new StoreOptions(command);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                (Scale size, ImageKind which) = (parsed.GetValue(scale), parsed.GetValue(kind));
                IReadOnlyList<(string Name, RunSpec Spec)> runs = CamStudy.Runs(size, which);
                if (parsed.GetValue(specs) is { Length: > 0 } given)
                {
                    runs = Given(given);
                    (size, which) = (runs[0].Spec.Scale, SpecDifference.KindOf(runs[0].Spec));
                }

                bool keep = parsed.GetValue(track);
                string tracked = FigurePath(size, which);
                string figure = keep ? tracked : Path.Combine(Workspace.Root, "data", "out", RunStore.ScaleName(size), Path.GetFileName(tracked));
                return Explain(accept.Read(parsed), runs, parsed.GetValue(pixels), parsed.GetValue(train), keep, parsed.GetValue(cases) ?? [], figure, cancellation);
            },
            CancellationToken.None));
        return command;
    }

    /// <summary>The runs of spec files, by their methods' names; by their own where two have one method.</summary>
    private static (string Name, RunSpec Spec)[] Given(string[] files)
    {
        if (files.FirstOrDefault(file => !Path.Exists(file)) is string gone)
            throw new FileNotFoundException($"{gone}: there is no such file. --spec takes the spec.json of a run.");
        RunSpec[] specs = [.. files.Select(RunSpec.Load)];
        if (specs.Select(spec => (spec.Scale, SpecDifference.KindOf(spec))).Distinct().Count() > 1)
            throw new ArgumentException("The files of --spec are of several presets, or of X-rays and CT. Name those of one.");
        return [.. specs.Select(spec => (specs.Count(s => s.Model.Name == spec.Model.Name) > 1 ? spec.Name : spec.Model.Name, spec))];
    }

    /// <param name="store">Where the runs are, or are trained.</param>
    /// <param name="wanted">The runs; the first is asked about other sentences too, and chooses the figure's cases.</param>
    /// <param name="pixels">What the CAMs explain.</param>
    /// <param name="train">Whether runs without weights are trained.</param>
    /// <param name="track">Whether the measures are copied to the tracked results.</param>
    /// <param name="cases">Case ids for the figure; none for two by the order of Dice.</param>
    /// <param name="figure">Where the figure is written.</param>
    /// <param name="cancellation">Ends it; measures that are finished are kept.</param>
    /// <returns>The exit code: 1 where a run has no weights; the figure then shows the others.</returns>
    internal static int Explain(RunStore store, IReadOnlyList<(string Name, RunSpec Spec)> wanted, CamPixels pixels, bool train, bool track, string[] cases, string figure, CancellationToken cancellation)
    {
        TorchLibrary.EnsureLoaded();
        foreach (DataSpec data in wanted.Select(run => run.Spec.Data).Distinct())
            TrainCommand.ShowData(data, store, cancellation);
        var explained = new List<(string Name, Run Run)>();
        foreach ((string name, RunSpec spec) in wanted)
        {
            Run? run = train || store.IsReady(spec)
                ? TrainingDisplay.Show(report => store.GetOrTrain(spec, report, cancellation)) : store.Find(spec);
            if (run is not { HasWeights: true })
            {
                string cure = run is null ? ""
                    : run.Folder != store.FolderOf(spec) ? "The repository has this run's scores, but not its weights. "
                    : "Delete this folder, because its run is finished and its weights are gone. ";
                Console.WriteLine(
                    $"{name}: there are no weights in {store.FolderOf(spec)}. {cure}Add --train to train it.");
                continue;
            }

            if (run.Provenance?.Data is null)
                Console.WriteLine($"{name}: {TrainCommand.Loaded(run)}");

            explained.Add((name, run));
        }

        if (explained.Count == 0)
            return 1;
        AtomicFile.WriteBytes(figure, CamFigure.Draw(
            "Figure 4: decoder CAMs from coarse to fine",
            from id in cases.Length > 0 ? cases : CamFigure.ChooseCases(explained[0].Run, 2)
            from run in explained
            select (run.Name, run.Run, id, run.Run.Spec.Text)).ToWebp());
        Console.WriteLine($"Figure 4: {figure}"); // before the measures, which at full size take hours
        foreach ((string name, Run run) in explained)
        {
            // Other sentences are a question to the paper's network alone.
            bool isFirst = run.Spec.Portable == wanted[0].Spec.Portable;
            Measure(name, run, isFirst ? Texts(run.Spec) : [run.Spec.Text], pixels, cancellation);
            if (track)
                Console.WriteLine($"copied to {store.Track(run)}");
        }

        return explained.Count < wanted.Count ? 1 : 0;
    }

    /// <summary>Where a preset's Figure 4 is tracked, for machines without the data.</summary>
    private static string FigurePath(Scale scale, ImageKind kind) => Path.Combine(
        Workspace.Results, RunStore.ScaleName(scale),
        kind == ImageKind.XRay ? "figure-4.webp" : "figure-4-ct.webp");

    /// <summary>
    /// The texts under which a run's CAMs are measured: its own, and for a model that reads it none and the mirrored
    /// one.
    /// </summary>
    internal static IReadOnlyList<TextMode> Texts(RunSpec spec)
    {
        using SegmentationModel model = spec.Model.Create();
        return model.UsesText ? [.. new[] { spec.Text, TextMode.Missing, TextMode.Mirrored }.Distinct()] : [spec.Text];
    }

    private static void Measure(string name, Run run, IReadOnlyList<TextMode> texts, CamPixels pixels, CancellationToken cancellation)
    {
        string pixelSet = pixels == CamPixels.TrueLesion ? "true" : "predicted";
        foreach (TextMode text in texts)
        {
            CamSummary s = CamSummary.Of(CaseProgress.Show($"{name}, text {text}, CAMs", progress => CamStudy.GetOrMeasureScores(run, text, pixels, Count(progress), cancellation)));
            var table = new Spectre.Console.Table { Title = new TableTitle(Markup.Escape($"{name}, Grad-CAM of the {pixelSet} lesion, text {text}, percent [95 %]{TrainCommand.Demonstration(run.Spec.Data)}")), Border = TableBorder.Simple };
            table.AddColumns(
                "layer", "energy in the lesion", "peak in the lesion", "in the named half", "all-zero maps");
            foreach ((string layer, int i) in CamStudy.LayerNames(s.Energy.Count).Select((layer, i) => (layer, i)))
                table.AddRow(layer, Percent(s.Energy[i]), Percent(s.Pointing[i]), Percent(s.OnNamedSide[i]), s.ZeroMaps[i].ToString(CultureInfo.InvariantCulture));
            AnsiConsole.Write(table);
            if (run.ReportsText() is string reports)
                Console.WriteLine(reports);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"refinement {s.Refinement}, agreement {s.Agreement}; a uniform map has "
                + $"{100 * s.Uniform:0.0} % of its energy in the lesion; {s.Cases} cases with a lesion from "
                + $"{s.Patients} patients, {s.OneSided} one-sided"));
        }

        foreach (PerturbationSummary layer in PerturbationSummary.Of(CaseProgress.Show($"{name}, deletion and insertion", progress => CamStudy.GetOrMeasureCurves(run, pixels, Count(progress), cancellation))))
            Console.WriteLine($"{name}, {layer.Layer}: deletion {layer.Deletion}, insertion {layer.Insertion}, gap {layer.Gap}; {layer.Cases} cases");
    }

    private static Action<int, int> Count(IProgress<DatasetCheckProgress> progress) => (done, total) => progress.Report(new DatasetCheckProgress(done, total));

    private static string Percent(Estimate e) => Markup.Escape(string.Create(CultureInfo.InvariantCulture, $"{100 * e.Value:0.0} [{100 * e.Low:0.0}, {100 * e.High:0.0}]"));
}

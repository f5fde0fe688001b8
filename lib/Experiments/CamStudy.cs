using C2FVL.Data;
using C2FVL.Figures;
using C2FVL.Interpretation;
using C2FVL.Training;

namespace C2FVL.Experiments;

/// <summary>
/// The interpretability measures of finished runs: Grad-CAM of the model's own layers, on the test cases. Each measure
/// is a CSV file in the run's folder. It is written once and read afterwards; delete it to measure again.
/// </summary>
public static class CamStudy
{
    /// <summary>
    /// The runs that Figure 4 shows: with the cosine loss, without it, and a network that has neither the loss nor
    /// text.
    /// </summary>
    public static IReadOnlyList<(string Name, RunSpec Spec)> Runs(Scale scale, ImageKind kind = ImageKind.XRay)
    {
        RunSpec with = Presets.For(scale, kind);
        return
        [
            ("C2FVL", with),
            ("C2FVL without cosine loss", with with { Loss = with.Loss with { Cosine = CosineAlignment.None } }),
            ("UNet", Presets.For(scale, kind, "UNet")),
        ];
    }

    /// <summary>The paper's names of a decoder's layers, coarse to fine: CNN4, CNN3, CNN2, CNN1 for four.</summary>
    public static IReadOnlyList<string> LayerNames(int layers) =>
        [.. Enumerable.Range(0, layers).Select(i => $"CNN{layers - i}")];

    /// <summary>
    /// The measures of a run, from here or from the tracked results; null if there are none.
    /// </summary>
    /// <param name="store">Where runs are kept.</param>
    /// <param name="spec">The run.</param>
    /// <param name="text">The text that the model was given; null for the run's own.</param>
    /// <param name="pixels">The pixel set.</param>
    public static IReadOnlyList<CamScore>? FindScores(
        RunStore store, RunSpec spec, TextMode? text = null, CamPixels pixels = CamPixels.PredictedLesion) =>
        store.FindFile(spec, Name("cams", pixels, text ?? spec.Text)) is string path ? CamScoreFile.Read(path) : null;

    /// <summary>
    /// The curves of a run, with its own text, where they have been measured, here or in the tracked results; null
    /// elsewhere.
    /// </summary>
    public static IReadOnlyList<PerturbationCurve>? FindCurves(
        RunStore store, RunSpec spec, CamPixels pixels = CamPixels.PredictedLesion) =>
        store.FindFile(spec, Name("curves", pixels, spec.Text)) is string path ? PerturbationFile.Read(path) : null;

    /// <summary>The measures of all test cases' CAMs: read if they exist, else measured now.</summary>
    /// <param name="run">A finished run.</param>
    /// <param name="text">The text that the model is given; null for the run's own.</param>
    /// <param name="pixels">The pixel set.</param>
    /// <param name="onProgress">Called with the cases done and their total; null shows the progress below the notebook
    /// cell.</param>
    /// <param name="cancellation">Ends it, and nothing is written then; the default is the notebook cell's
    /// interruption.</param>
    /// <exception cref="FileNotFoundException">They have to be taken and the run's weights are not here.</exception>
    public static IReadOnlyList<CamScore> GetOrMeasureScores(
        Run run, TextMode? text = null, CamPixels pixels = CamPixels.PredictedLesion,
        Action<int, int>? onProgress = null, CancellationToken cancellation = default)
    {
        string name = Name("cams", pixels, text ?? run.Spec.Text);
        var live = new LiveProgress("Measuring CAMs");
        run.Measure(name, cancellation, (model, data, device, stop) =>
        {
            BatchSource batches = data.Batches(run.Spec, Part.Test, text, withGradients: true);
            Action<int> onBatch = Count(run, batches, onProgress, live);
            IReadOnlyList<CamScore> scores =
                CamScorer.Score(model, batches, device, new CamSettings { Pixels = pixels }, onBatch, stop);
            return path => CamScoreFile.Write(path, model.CamLayers, scores);
        });
        return Shown(CamScoreFile.Read(Path.Combine(run.Folder, name)), name, live);
    }

    /// <summary>
    /// The deletion and insertion curves of the run's own text on a seeded list of 12 phantoms or 200 test cases: read
    /// where they have been measured, else measured now.
    /// </summary>
    /// <param name="run">A finished run.</param>
    /// <param name="pixels">The pixel set.</param>
    /// <param name="onProgress">Called with the cases done and their total; null shows the progress below the notebook
    /// cell.</param>
    /// <param name="cancellation">Ends it, and nothing is written then; the default is the notebook cell's
    /// interruption.</param>
    /// <exception cref="FileNotFoundException">They have to be measured and the run's weights are not here.</exception>
    public static IReadOnlyList<PerturbationCurve> GetOrMeasureCurves(
        Run run, CamPixels pixels = CamPixels.PredictedLesion, Action<int, int>? onProgress = null,
        CancellationToken cancellation = default)
    {
        string name = Name("curves", pixels, run.Spec.Text);
        var live = new LiveProgress("Measuring deletion and insertion curves");
        run.Measure(name, cancellation, (model, data, device, stop) =>
        {
            int count = Math.Min(run.Spec.Scale == Scale.Phantom ? 12 : 200, data.Split.Test.Count);
            RunData some = data with { Split = data.Split.Subset(Part.Test, count, run.Spec.Data.Seed) };
            BatchSource batches = some.Batches(run.Spec, Part.Test, withGradients: true);
            IReadOnlyList<PerturbationCurve> curves = PerturbationCurves.Measure(
                model, batches, device, new CamSettings { Pixels = pixels }, PerturbationCurves.DefaultSteps,
                run.Spec.Seed, Count(run, batches, onProgress, live), stop);
            return path => PerturbationFile.Write(path, PerturbationCurves.DefaultSteps, curves);
        });
        return Shown(PerturbationFile.Read(Path.Combine(run.Folder, name)), name, live);
    }

    /// <summary>Counts the cases of batches, for the caller or below the notebook cell.</summary>
    private static Action<int> Count(Run run, BatchSource batches, Action<int, int>? onProgress, LiveProgress live)
    {
        int done = 0;
        onProgress ??= (n, total) => live.Report(n, total + 1, $"{run.Spec.Model.Name}, {n} of {total} cases");
        return cases => onProgress(done += cases, batches.CaseCount);
    }

    private static IReadOnlyList<T> Shown<T>(IReadOnlyList<T> rows, string name, LiveProgress live)
    {
        live.Report(1, 1, $"{rows.Count} rows in {name}");
        return rows;
    }

    private static string Name(string what, CamPixels pixels, TextMode text) =>
        $"{what}-{(pixels == CamPixels.TrueLesion ? "true" : "predicted")}-{text.ToString().ToLowerInvariant()}.csv";
}

using C2FVL.Data;
using C2FVL.Figures;
using C2FVL.Interpretation;
using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Training;
using static TorchSharp.torch;

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

    /// <summary>How many seeded test cases the deletion and insertion curves take: 12 phantoms, else 200.</summary>
    public static int CurveCases(Scale scale) => scale == Scale.Phantom ? 12 : 200;

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
        Action<int, int>? onProgress = null, CancellationToken cancellation = default) => GetOrMeasure(
        run, Name("cams", pixels, text ?? run.Spec.Text), "Measuring CAMs",
        data => data.Batches(run.Spec, Part.Test, text, withGradients: true),
        (model, batches, device, onBatch, stop) => CamScorer.Score(
            model, batches, device, new CamSettings { Pixels = pixels }, onBatch, stop),
        (path, model, scores) => CamScoreFile.Write(path, model.CamLayers, scores), CamScoreFile.Read,
        onProgress, cancellation);

    /// <summary>
    /// The deletion and insertion curves of the run's own text on a seeded list of test cases: read where they have
    /// been measured, else measured now.
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
        CancellationToken cancellation = default) => GetOrMeasure(
        run, Name("curves", pixels, run.Spec.Text), "Measuring deletion and insertion curves",
        data =>
        {
            int count = Math.Min(CurveCases(run.Spec.Scale), data.Split.Test.Count);
            RunData some = data with { Split = data.Split.Subset(Part.Test, count, run.Spec.Data.Seed) };
            return some.Batches(run.Spec, Part.Test, withGradients: true);
        },
        (model, batches, device, onBatch, stop) => PerturbationCurves.Measure(
            model, batches, device, new CamSettings { Pixels = pixels }, PerturbationCurves.DefaultSteps,
            run.Spec.Seed, onBatch, stop),
        (path, _, curves) => PerturbationFile.Write(path, PerturbationCurves.DefaultSteps, curves),
        PerturbationFile.Read, onProgress, cancellation);

    /// <summary>Measures where the run has no such file, then reads it.</summary>
    private static IReadOnlyList<T> GetOrMeasure<T>(
        Run run, string name, string title, Func<RunData, BatchSource> choose,
        Func<SegmentationModel, BatchSource, Device, Action<int>, CancellationToken, IReadOnlyList<T>> measure,
        Action<string, SegmentationModel, IReadOnlyList<T>> write, Func<string, IReadOnlyList<T>> read,
        Action<int, int>? onProgress, CancellationToken cancellation)
    {
        cancellation = NotebookCell.Interrupt(cancellation);
        LiveProgress? live = onProgress is null ? new LiveProgress(title) : null;
        onProgress ??= (done, total) =>
            live!.Report(done, total + 1, $"{run.Spec.Model.Name}, {done} of {total} cases");
        string path = Path.Combine(run.Folder, name);
        if (!run.Has(name))
        {
            RunData data = run.OpenData(cancellation);
            using SegmentationModel model = run.LoadModelToScore(out Device device);
            BatchSource batches = choose(data);
            int done = 0;
            IReadOnlyList<T> measured = measure(
                model, batches, device, n => onProgress(done += n, batches.CaseCount), cancellation);
            run.Made(name, data);
            write(path, model, measured);
        }

        IReadOnlyList<T> found = read(path);
        live?.Report(1, 1, $"{found.Count} rows in {name}");
        return found;
    }

    private static string Name(string what, CamPixels pixels, TextMode text) =>
        $"{what}-{(pixels == CamPixels.TrueLesion ? "true" : "predicted")}-{text.ToString().ToLowerInvariant()}.csv";
}

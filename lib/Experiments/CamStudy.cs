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

    /// <summary>Where a preset's Figure 4 is tracked, for machines without the data.</summary>
    public static string FigurePath(Scale scale, ImageKind kind = ImageKind.XRay) =>
        Path.Combine(
            Workspace.Results, RunStore.ScaleName(scale),
            kind == ImageKind.XRay ? "figure-4.webp" : "figure-4-ct.webp");

    /// <summary>
    /// The measures of a run, from here or from the tracked results; null if there are none.
    /// </summary>
    /// <param name="store">Where runs are kept.</param>
    /// <param name="spec">The run.</param>
    /// <param name="text">The text that the model was given; null for the run's own.</param>
    /// <param name="pixels">The pixel set.</param>
    public static IReadOnlyList<CamScore>? FindScores(
        RunStore store, RunSpec spec, TextMode? text = null, CamPixels pixels = CamPixels.PredictedLesion) =>
        store.FindFile(spec, ScoresName(text ?? spec.Text, pixels)) is string path
            ? CamScoreFile.Read(path).Scores
            : null;

    /// <summary>
    /// The curves of a run, with its own text, where they have been measured, here or in the tracked results; null
    /// elsewhere.
    /// </summary>
    public static IReadOnlyList<PerturbationCurve>? FindCurves(
        RunStore store, RunSpec spec, CamPixels pixels = CamPixels.PredictedLesion) =>
        store.FindFile(spec, CurvesName(spec.Text, pixels)) is string path ? PerturbationFile.Read(path) : null;

    /// <summary>The measures of all test cases' CAMs: read if they exist, else measured now.</summary>
    /// <param name="run">A finished run.</param>
    /// <param name="text">The text that the model is given; null for the run's own.</param>
    /// <param name="pixels">The pixel set.</param>
    /// <param name="onProgress">Called with the cases done and their total; null shows the progress below the notebook
    /// cell or in the terminal.</param>
    /// <param name="cancellation">Ends it, and nothing is written then; the default is the notebook cell's
    /// interruption.</param>
    /// <exception cref="FileNotFoundException">They have to be taken and the run's weights are not here.</exception>
    public static IReadOnlyList<CamScore> GetOrMeasureScores(
        Run run, TextMode? text = null, CamPixels pixels = CamPixels.PredictedLesion,
        Action<int, int>? onProgress = null, CancellationToken cancellation = default)
    {
        string name = ScoresName(text ?? run.Spec.Text, pixels);
        return GetOrMeasure(
            run, name, "Measuring CAMs", Measure, path => CamScoreFile.Read(path).Scores, score => score.CaseId,
            onProgress, cancellation);

        void Measure(Measuring on)
        {
            BatchSource batches = on.Data.Batches(run.Spec, Part.Test, text, withGradients: true);
            int done = 0;
            IReadOnlyList<CamScore> measured = CamScorer.Score(
                on.Model, batches, on.Device, new CamSettings { Pixels = pixels },
                n => on.Report(done += n, batches.CaseCount), on.Cancellation);
            run.Made(name, on.Data);
            CamScoreFile.Write(on.Path, on.Model.CamLayers, measured);
        }
    }

    /// <summary>
    /// The deletion and insertion curves of the run's own text on a seeded list of test cases: read where they have
    /// been measured, else measured now.
    /// </summary>
    /// <param name="run">A finished run.</param>
    /// <param name="pixels">The pixel set.</param>
    /// <param name="onProgress">Called with the cases done and their total; null shows the progress below the notebook
    /// cell or in the terminal.</param>
    /// <param name="cancellation">Ends it, and nothing is written then; the default is the notebook cell's
    /// interruption.</param>
    /// <exception cref="FileNotFoundException">They have to be measured and the run's weights are not here.</exception>
    public static IReadOnlyList<PerturbationCurve> GetOrMeasureCurves(
        Run run, CamPixels pixels = CamPixels.PredictedLesion, Action<int, int>? onProgress = null,
        CancellationToken cancellation = default)
    {
        string name = CurvesName(run.Spec.Text, pixels);
        return GetOrMeasure(
            run, name, "Measuring deletion and insertion curves", Measure, PerturbationFile.Read, curve => curve.CaseId,
            onProgress, cancellation);

        void Measure(Measuring on)
        {
            int count = Math.Min(CurveCases(run.Spec.Scale), on.Data.Split.Test.Count), done = 0;
            RunData some = on.Data with { Split = on.Data.Split.Subset(Part.Test, count, run.Spec.Data.Seed) };
            IReadOnlyList<PerturbationCurve> measured = PerturbationCurves.Measure(
                on.Model, some.Batches(run.Spec, Part.Test, withGradients: true), on.Device,
                new CamSettings { Pixels = pixels }, PerturbationCurves.DefaultSteps, run.Spec.Seed,
                () => on.Report(++done, count), on.Cancellation);
            run.Made(name, on.Data);
            PerturbationFile.Write(on.Path, PerturbationCurves.DefaultSteps, measured);
        }
    }

    /// <summary>Measures where the run has no such file, then reads it.</summary>
    private static IReadOnlyList<T> GetOrMeasure<T>(
        Run run, string name, string title, Action<Measuring> measure, Func<string, IReadOnlyList<T>> read,
        Func<T, string> caseId, Action<int, int>? onProgress, CancellationToken cancellation)
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
            measure(new Measuring(data, model, device, path, onProgress, cancellation));
        }

        IReadOnlyList<T> found = read(path);
        live?.Report(1, 1, $"{found.Select(caseId).Distinct().Count()} cases");
        return found;
    }

    private static string ScoresName(TextMode text, CamPixels pixels) =>
        $"cams-{Name(pixels)}-{text.ToString().ToLowerInvariant()}.csv";

    private static string CurvesName(TextMode text, CamPixels pixels) =>
        $"curves-{Name(pixels)}-{text.ToString().ToLowerInvariant()}.csv";

    private static string Name(CamPixels pixels) => pixels == CamPixels.TrueLesion ? "true" : "predicted";

    /// <summary>What a measure works with, and where its file goes.</summary>
    private sealed record Measuring(
        RunData Data, SegmentationModel Model, Device Device, string Path, Action<int, int> Report,
        CancellationToken Cancellation);
}

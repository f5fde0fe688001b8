using System.Collections.Concurrent;
using System.Diagnostics;
using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Interpretation;
using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Workbook.Demo;

/// <summary>An image that sentences are tried on, at the network's size.</summary>
/// <param name="Id">Its name in requests.</param>
/// <param name="Caption">What the page calls it.</param>
/// <param name="Image">The image.</param>
/// <param name="Truth">The annotated lesion; null for a picture of the user's own.</param>
/// <param name="Report">Its report; null where there is none.</param>
internal sealed record DemoImage(string Id, string Caption, GrayImage Image, BinaryMask? Truth, LesionReport? Report);

/// <summary>What the network says of an image with a report and without. Maps are row-major, 0 to 1.</summary>
/// <param name="With">The lesion's probability with the report.</param>
/// <param name="Without">The same without a report.</param>
/// <param name="Cams">The decoder's CAMs with the report, coarse to fine, each from 0 to its greatest value.</param>
/// <param name="Seconds">How long it took, waiting not counted.</param>
internal sealed record DemoAnswer(GrayImage With, GrayImage Without, IReadOnlyList<GrayImage> Cams, double Seconds);

/// <summary>
/// The page's one network. Questions are answered one after the other; one that its asker gave up is passed over.
/// </summary>
internal sealed class DemoModel : IDisposable
{
    /// <summary>Images to choose from.</summary>
    private const int Examples = 8;

    private readonly SegmentationModel model;
    private readonly SemaphoreSlim turn = new(1);
    private readonly ConcurrentDictionary<string, GrayImage> withoutReport = new();

    /// <param name="spec">The network's run.</param>
    /// <param name="weights">Its weights, a file.</param>
    /// <param name="about">Where the network comes from, in one sentence.</param>
    /// <param name="images">Images to choose from.</param>
    public DemoModel(RunSpec spec, string weights, string about, IReadOnlyList<DemoImage> images)
    {
        if (!spec.Model.ReadsText || spec.Text == TextMode.Missing)
        {
            string why = spec.Model.ReadsText ? "was trained without reports (text Missing)" : "does not read reports";
            throw new ArgumentException(
                $"{weights}: this {spec.Model.Name} {why}, so no report changes its masks. Give weights of a C2FVL "
                    + "that was trained with reports.");
        }

        (Spec, About, Images) = (spec, about, images);
        Devices.Use("cpu", Math.Min(Environment.ProcessorCount, Devices.MostThreads));
        model = spec.Model.Create();
        Weights.Load(model, weights);
        model.eval();
        foreach (TorchSharp.Modules.Parameter parameter in model.parameters())
            parameter.requires_grad_(false); // a CAM needs no gradient of a weight
    }

    public RunSpec Spec { get; }

    public string About { get; }

    public IReadOnlyList<DemoImage> Images { get; }

    public int Side => Spec.Model.ImageSize;

    public IReadOnlyList<string> LayerNames => CamStudy.LayerNames(model.CamLayers.Count);

    /// <summary>
    /// Test images of a run, with a report and a lesion, spread over the set; those that cannot be read are passed
    /// over.
    /// </summary>
    public static IReadOnlyList<DemoImage> ExamplesOf(RunSpec spec)
    {
        DataSpec few = spec.Data with { Train = 1, Val = 1, Test = 6 * Examples };
        RunData data = RunData.Open(few);
        Sample[] samples =
        [
            .. data.Split.Cases(data.Dataset, Part.Test).Where(item => item.Report is not null)
                .Select(item => SampleReader.Read(item, spec.Model.ImageSize, spec.Data.MaskRule))
                .Where(sample => sample.Mask.Area > 0),
        ];
        int count = Math.Min(Examples, samples.Length);
        return
        [
            .. Enumerable.Range(0, count).Select(i => samples[i * samples.Length / count]).Select((sample, i) =>
                new DemoImage($"{i + 1}", $"Image {i + 1}", sample.Image, sample.Mask, sample.Report)),
        ];
    }

    /// <summary>Asks the network when its turn comes.</summary>
    /// <exception cref="OperationCanceledException">The asker gave up before.</exception>
    public async Task<DemoAnswer> Ask(DemoImage image, LesionReport? report, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            cancellation.ThrowIfCancellationRequested();
            return await Task.Run(() => Answer(image, report), CancellationToken.None);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Forgets what was kept of an image.</summary>
    public void Forget(string id) => withoutReport.TryRemove(id, out _);

    public void Dispose()
    {
        turn.Dispose();
        model.Dispose();
    }

    private DemoAnswer Answer(DemoImage image, LesionReport? report)
    {
        var clock = Stopwatch.StartNew();
        using IDisposable pause = CollectorPause.Begin();
        GrayImage without = withoutReport.GetOrAdd(image.Id, _ => Predictor.Predict(model, image.Image, null, Side));
        using DisposeScope scope = NewDisposeScope();
        Tensor input = tensor(image.Image.Pixels, [1, 1, Side, Side]).repeat(1, 3, 1, 1);
        Tensor text = tensor(report?.ToVector() ?? TextVector.Missing, [1, TextVector.Length]);
        using CamMaps maps = GradCam.Explain(model, input, text);
        var with = new GrayImage(Side, Side, maps.Logits.sigmoid().to(ScalarType.Float32).data<float>().ToArray());
        return new DemoAnswer(
            with, without, [.. maps.Layers.Select(layer => maps.Heat(layer, 0))], clock.Elapsed.TotalSeconds);
    }
}

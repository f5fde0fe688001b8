using C2FVL.Data;
using C2FVL.Models;
using C2FVL.Platform;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Interpretation;

/// <summary>
/// Deletion and insertion curves (Petsiuk, Das and Saenko, "RISE: Randomized Input Sampling for Explanation of
/// Black-box Models", BMVC 2018): do the pixels that a CAM calls important carry the prediction?
/// </summary>
/// <remarks>
/// Two departures from RISE. The score is the mean probability over the CAM's pixel set, fixed on the whole image,
/// because a segmentation has no class score. And removed pixels are filled from the remaining pixels around them:
/// <code>
/// fill = (blur(x * kept) + e mean(x)) / (blur(kept) + e) blur: Gaussian, sigma a sixteenth of the side; e = 0.0001
/// </code>
/// A constant would be wrong here: a hole of mean grey in a dark lung looks like the opacity that was removed. The idea
/// that a removed pixel must not show that it was removed comes from ROAD (Rong et al., "A Consistent and Efficient
/// Evaluation Strategy for Attribution Methods", ICML 2022), which fills by a linear system and noise. Without any
/// pixels the image is its own mean grey, so both curves have the same two ends.
/// </remarks>
public static class PerturbationCurves
{
    public const int DefaultSteps = 10;

    /// <summary>The name of the control: smooth seeded noise instead of a CAM. Every CAM should beat it.</summary>
    public const string Control = "random";

    /// <summary>The weight of the image's mean in a fill; it matters only if no pixel is left nearby.</summary>
    private const double Trace = 1e-4;

    /// <summary>Cells per side of the control's noise, as coarse as a coarse layer.</summary>
    private const int ControlSide = 8;

    /// <summary>Measures both curves of each layer of each case; cases with an empty pixel set have none.</summary>
    /// <param name="model">The model; it is not changed.</param>
    /// <param name="batches">The cases.</param>
    /// <param name="device">Where the model is.</param>
    /// <param name="settings">Layers, method and pixel set; null for the defaults.</param>
    /// <param name="steps">The number of steps from none to all pixels, at least 2. The default value is 10.</param>
    /// <param name="seed">The seed of the control and of the order of equal values.</param>
    /// <param name="onBatch">Called after each batch with its number of cases.</param>
    /// <param name="cancellation">Ends the work after the batch under way.</param>
    public static IReadOnlyList<PerturbationCurve> Measure(
        SegmentationModel model, BatchSource batches, Device device, CamSettings? settings = null,
        int steps = DefaultSteps, int seed = 0, Action<int>? onBatch = null, CancellationToken cancellation = default)
    {
        if (steps < 2)
            throw new ArgumentException($"steps is {steps}; it must be at least 2.");
        bool training = model.training;
        try
        {
            return CamScorer.Measure(model, batches, device, settings, OfBatch, onBatch, cancellation);
        }
        finally
        {
            model.train(training);
        }

        IEnumerable<PerturbationCurve> OfBatch(CamMaps maps, Batch batch)
        {
            model.eval();
            return Enumerable.Range(0, batch.Cases.Count).Where(row => maps.Pixels[row].any().item<bool>())
                .SelectMany(row => OfCase(
                    model, batch.Image.narrow(0, row, 1).to(device), batch.Text.narrow(0, row, 1).to(device), maps, row,
                    batch.Cases[row], steps, seed));
        }
    }

    private static List<PerturbationCurve> OfCase(
        SegmentationModel model, Tensor image, Tensor text, CamMaps maps, int row, Case item, int steps, int seed)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor pixels = maps.Pixels[row].to(ScalarType.Float32); // (1, S, S)
        Tensor mean = image.mean();
        (Tensor across, Tensor down) = Gaussian((int)image.shape[^1], image.device);
        double[] ends = Probability(cat([image, mean.expand(image.shape)], 0));
        var curves = new List<PerturbationCurve>();
        foreach (
            (string layer, Tensor map) in maps.Layers.Select(layer => (layer, maps.Upsampled(layer)[row])).Append(
                (Control, Noise())))
        {
            Tensor moved = Moved(map); // (steps - 1, 1, S, S)
            double[] deletion = Probability(Kept(moved.logical_not()));
            double[] insertion = Probability(Kept(moved));
            curves.Add(new(item.Id, item.Group, layer, false, [ends[0], .. deletion, ends[1]]));
            curves.Add(new(item.Id, item.Group, layer, true, [ends[1], .. insertion, ends[0]]));
        }

        return curves;

        double[] Probability(Tensor images) // (K, 3, S, S) to K
        {
            using DisposeScope inner = NewDisposeScope();
            // (K, 1, S, S)
            Tensor probability = model.call(images, text.expand(images.shape[0], -1).contiguous()).Probability;
            return ((probability * pixels).sum([1, 2, 3]) / pixels.sum()).to(ScalarType.Float64).cpu().data<double>()
                .ToArray();
        }

        Tensor Kept(Tensor kept) // (K, 1, S, S) to (K, 3, S, S)
        {
            using DisposeScope inner = NewDisposeScope();
            Tensor there = kept.to(ScalarType.Float32);
            // three equal channels, so one is enough
            Tensor fill = (Blur(image.narrow(1, 0, 1) * there) + (Trace * mean)) / (Blur(there) + Trace);
            return where(kept, image, fill).MoveToOuterDisposeScope();
        }

        Tensor Blur(Tensor x) =>
            functional.conv2d(
                functional.conv2d(x, across, padding: [0, across.shape[3] / 2]), down,
                padding: [across.shape[3] / 2, 0]);

        // Which pixels have moved at each step between the ends. Equal values, such as the zeros that the ReLU leaves,
        // go in a seeded order.
        Tensor Moved(Tensor map)
        {
            float[] values = map.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
            int[] order = [.. Enumerable.Range(0, values.Length)];
            Seeds.Random(seed, "equal values", item.Id).Shuffle(order);
            var rank = new long[values.Length];
            int next = 0;
            foreach (int pixel in order.OrderByDescending(p => values[p]))
                rank[pixel] = next++;
            Tensor upTo = tensor(
                [.. Enumerable.Range(1, steps - 1).Select(k => (long)Math.Round((double)k * values.Length / steps))],
                [steps - 1, 1, 1, 1]);
            return (tensor(rank, [1, 1, .. map.shape]) < upTo).to(map.device);
        }

        Tensor Noise()
        {
            Random random = Seeds.Random(seed, "control", item.Id);
            float[] cells = [.. Enumerable.Range(0, ControlSide * ControlSide).Select(_ => random.NextSingle())];
            Tensor coarse = tensor(cells, [1, 1, ControlSide, ControlSide]).to(image.device);
            return functional.interpolate(
                coarse, image.shape[2..], mode: InterpolationMode.Bilinear, align_corners: false)[0, 0];
        }
    }

    /// <summary>A Gaussian out to three sigma as a row (1, 1, 1, n) and a column (1, 1, n, 1).</summary>
    private static (Tensor Across, Tensor Down) Gaussian(int side, Device device)
    {
        double sigma = side / 16.0;
        int reach = (int)Math.Ceiling(3 * sigma);
        double[] weights = [
            .. Enumerable.Range(-reach, (2 * reach) + 1).Select(d => Math.Exp(-d * d / (2 * sigma * sigma)))];
        Tensor row = tensor([.. weights.Select(w => (float)(w / weights.Sum()))], [1, 1, 1, weights.Length]);
        return (row.to(device), row.transpose(2, 3).to(device));
    }
}

/// <summary>
/// How the network's probability over its pixel set changes as pixels go or come in the order of a CAM, greatest value
/// first.
/// </summary>
/// <param name="CaseId">The case's id.</param>
/// <param name="Group">The patient, or the case itself where the patient is unknown.</param>
/// <param name="Layer">The layer whose CAM orders the pixels, or <see cref="PerturbationCurves.Control"/>.</param>
/// <param name="Insertion">Whether pixels are inserted into a grey image; otherwise they are removed from the whole
/// one.</param>
/// <param name="Probability">The mean probability over the pixel set, 0 to 1, at equal steps from no pixel moved
/// to all.</param>
public sealed record PerturbationCurve(
    string CaseId, string Group, string Layer, bool Insertion, IReadOnlyList<double> Probability)
{
    /// <summary>
    /// The area under the curve (AUC) by the trapezoidal rule, 0 to 1. It is small for deletion and large for insertion
    /// if the CAM is faithful.
    /// </summary>
    public double Area => (Probability.Sum() - ((Probability[0] + Probability[^1]) / 2)) / (Probability.Count - 1);
}

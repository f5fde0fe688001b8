using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using C2FVL.Data;
using C2FVL.Models;
using C2FVL.Platform;

namespace C2FVL.Training;

/// <summary>
/// The plan that nnU-Net's rules derive from a data set (Isensee et al. 2021, the rule-based parameters of its
/// Figure 2, with the constants of its second version): patch, stages, features, batch, normalisation. It is stored as
/// a readable JSON file.
/// </summary>
/// <remarks>
/// For a fair comparison, the workbook resizes every image to the network's square before any method reads it. So the
/// patch is the whole image, and the resizing replaces nnU-Net's resampling to a median spacing. Two of its rules do
/// not apply and are refused: cutting patches, and pooling one axis alone (if one axis is sampled twice as finely as
/// the other). Left out are the oversampling, which shifts a third of the images to put a lesion pixel in the middle;
/// the five folds, the ensembles and the removal of small components; and the 1000 epochs of 250 steps with cases
/// drawn with replacement. An epoch here is one pass.
/// </remarks>
public sealed record NnUNetPlan
{
    /// <summary>
    /// nnU-Net's reference: a 2D network with this number of activations per image runs at batch 12 in 8 GB.
    /// </summary>
    private const double ReferenceActivations = 85_000_000, ReferenceGigabytes = 8, ReferenceBatch = 12;

    private const int SmallestBatch = 2;

    /// <summary>The largest share of the data set's pixels that a batch may contain.</summary>
    private const double LargestShare = 0.05;

    /// <summary>The fingerprint that the plan was derived from.</summary>
    public required NnUNetFingerprint Fingerprint { get; init; }

    /// <summary>The side of the square patch in pixels: the whole image, resized.</summary>
    public required int PatchSize { get; init; }

    /// <summary>Pixels of the median image per pixel of the patch, vertically.</summary>
    public required double SpacingDown { get; init; }

    /// <summary>Pixels of the median image per pixel of the patch, horizontally.</summary>
    public required double SpacingAcross { get; init; }

    /// <summary>Resolutions: halved while the coarsest map keeps a side of at least 4.</summary>
    public required int Stages { get; init; }

    /// <summary>Channels of the first stage. nnU-Net's own is 32.</summary>
    public required int BaseFeatures { get; init; }

    /// <summary>Channels of every stage, finest first: doubled at each, up to 16 times the first.</summary>
    public IReadOnlyList<long> Features => [.. Enumerable.Range(0, Stages).Select(Model.Channels)];

    /// <summary>The memory available for training, in GB.</summary>
    public required double MemoryGigabytes { get; init; }

    /// <summary>nnU-Net's estimate of an image's activations: the values of all maps that convolutions write.</summary>
    public required long Activations { get; init; }

    /// <summary>Images per training step.</summary>
    public required int BatchSize { get; init; }

    /// <summary>How intensities are normalised.</summary>
    public required NnUNetNormalization Normalization { get; init; }

    /// <summary>Derives the plan.</summary>
    /// <param name="fingerprint">The fingerprint of the training cases.</param>
    /// <param name="imageSize">The side of the network's square input in pixels.</param>
    /// <param name="baseFeatures">Channels of the first stage, at least 1; less than nnU-Net's 32 for small
    /// machines.</param>
    /// <param name="memoryGigabytes">The memory available for training, above 0; nnU-Net's own is 8.</param>
    /// <exception cref="ArgumentException">The rules give no network for this size, memory or shape; the message says
    /// which.</exception>
    public static NnUNetPlan From(NnUNetFingerprint fingerprint, int imageSize, int baseFeatures = 32,
        double memoryGigabytes = ReferenceGigabytes)
    {
        SettingRange.Require(memoryGigabytes > 0, memoryGigabytes, "above 0", $"nnUNet's {nameof(memoryGigabytes)}");
        double down = fingerprint.Height.Median / imageSize, across = fingerprint.Width.Median / imageSize;
        if (Math.Max(down, across) / Math.Min(down, across) >= 2)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"The median image is {fingerprint.Width.Median} x {fingerprint.Height.Median}: one side is at least "
                    + $"twice the other, and nnU-Net would pool the sides differently. Crop the images closer to a "
                    + $"square."));
        bool isCT = fingerprint.Kind == ImageKind.CT;
        if (isCT && !(fingerprint.Foreground?.Std > 0))
            throw new ArgumentException(
                "CT is normalised by its lesions' intensities, and these cases have no lesion pixels of different "
                    + "values. Give cases with lesions.");

        var plan = new NnUNetPlan
        {
            Fingerprint = fingerprint,
            PatchSize = imageSize,
            SpacingDown = down,
            SpacingAcross = across,
            Stages = StagesFor(imageSize),
            BaseFeatures = baseFeatures,
            MemoryGigabytes = memoryGigabytes,
            Activations = 0,
            BatchSize = SmallestBatch,
            Normalization = isCT ? NnUNetNormalization.CT : NnUNetNormalization.ZScore,
        };
        plan.Model.Validate();

        long activations = plan.CountActivations();
        double room = ReferenceActivations * memoryGigabytes / ReferenceGigabytes;
        if (activations > room)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"A network for {imageSize} x {imageSize} needs {activations} values per image, but {memoryGigabytes} "
                    + $"GB allow {room:0}; nnU-Net would cut smaller patches. Reduce the image's size or the features, "
                    + $"or allow more memory."));

        double byMemory = Math.Round(room / activations * ReferenceBatch);
        double byShare = Math.Round(
            LargestShare * fingerprint.Overall.Pixels / (down * across) / ((double)imageSize * imageSize));
        return plan with
        { Activations = activations, BatchSize = (int)Math.Max(SmallestBatch, Math.Min(byMemory, byShare)) };
    }

    /// <summary>The network that the plan describes.</summary>
    [JsonIgnore]
    public NnUNetSettings Model
    {
        get
        {
            IntensityStatistics? lesions =
                Normalization == NnUNetNormalization.CT ? Fingerprint.Foreground : null;
            return new NnUNetSettings
            {
                ImageSize = PatchSize, Stages = Stages, Width = BaseFeatures, Normalization = Normalization,
                ClipLow = lesions?.Percentile00_5 ?? 0, ClipHigh = lesions?.Percentile99_5 ?? 1,
                Mean = lesions?.Mean ?? 0, Std = lesions?.Std ?? 1,
            };
        }
    }

    /// <summary>
    /// nnU-Net's optimiser and schedule: SGD with Nesterov momentum 0.99, learning rate 1e-2 falling polynomially,
    /// weight decay 3e-5, gradients clipped at 12, always all 1000 epochs. Its epoch has 250 steps; here an epoch is
    /// one pass through the cases.
    /// </summary>
    /// <param name="batchSize">Images per step, such as a plan's.</param>
    /// <param name="epochs">The number of epochs over which the rate falls.</param>
    public static TrainingSettings Training(int batchSize, int epochs = 1000) => new()
    {
        Optimizer = OptimizerKind.NesterovSgd, LearningRate = 1e-2, WeightDecay = 3e-5,
        Schedule = ScheduleKind.Polynomial, GradientClip = 12,
        BatchSize = batchSize, Epochs = epochs, EarlyStop = epochs,
    };

    /// <summary>
    /// nnU-Net's loss: batch Dice on the lesion plus plain cross entropy. The outputs have the weights 1, 1/2, 1/4 and
    /// so on, scaled to sum to 1. The coarsest has weight 0, so the model has no head there. Coarser masks take the
    /// nearest pixel.
    /// </summary>
    public static LossSettings Loss { get; } = new()
    {
        Dice = 1, Bce = 1, DiceKind = DiceKind.BatchForeground, CrossEntropy = CrossEntropyKind.Plain,
        NearestTargets = true, Cosine = CosineAlignment.None, DeepDecay = 0.5,
    };

    /// <summary>
    /// The number of stages for a square image: halved while the side is even and the half at least 4.
    /// </summary>
    public static int StagesFor(int imageSize)
    {
        int stages = 1;
        for (int side = imageSize; side % 2 == 0 && side / 2 >= NnUNetSettings.SmallestMap; side /= 2)
            stages++;
        return stages;
    }

    /// <summary>Writes the plan as JSON, in a single step.</summary>
    /// <exception cref="IOException">It cannot be written; the old file is unchanged and the message names
    /// it.</exception>
    public void Save(string path) => AtomicFile.WriteText(path, JsonSerializer.Serialize(this, JsonFormat.File) + "\n");

    /// <summary>Per stage: two convolutions down; the transposed one, two convolutions and two masks up.</summary>
    private long CountActivations()
    {
        NnUNetSettings model = Model;
        return Enumerable.Range(0, Stages).Sum(stage =>
            ((stage < Stages - 1 ? (5 * model.Channels(stage)) + 2 : 2 * model.Channels(stage))
                * (PatchSize >> stage) * (PatchSize >> stage)));
    }
}

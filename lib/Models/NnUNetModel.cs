using System.Text.Json.Serialization;
using C2FVL.Models.Blocks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models;

/// <summary>
/// The 2D U-Net of nnU-Net (Isensee et al., "nnU-Net: a self-configuring method for deep learning-based biomedical
/// image segmentation", Nature Methods 2021): stages as the plan says, two conv3x3-InstanceNorm-LeakyReLU each,
/// strided convolutions down, transposed convolutions up, deep supervision at all but the two coarsest stages. (nnU-Net
/// has a head at the second coarsest too, whose loss weighs 0.)
/// </summary>
/// <remarks>
/// Two classes are one logit here, and grey X-rays come as three equal channels, as for all ten methods. The image
/// comes in 0 to 1; what the plan says about intensities happens inside, and its numbers are saved with the weights.
/// </remarks>
public sealed class NnUNetModel : SegmentationModel<NnUNetSettings>
{
    private readonly ModuleList<Stage> encoder;
    private readonly ModuleList<ConvTranspose2d> ups;
    private readonly ModuleList<Stage> decoder;
    private readonly ModuleList<Conv2d> heads;
    private readonly Tensor? clipLow, clipHigh, mean, std;

    /// <exception cref="ArgumentException">A setting is out of its range; the message names it and the
    /// range.</exception>
    public NnUNetModel(NnUNetSettings settings)
        : base(settings)
    {
        int coarsest = settings.Stages - 1;
        encoder = ModuleList([.. Enumerable.Range(0, settings.Stages).Select(
            s => new Stage(s == 0 ? 3 : settings.Channels(s - 1), settings.Channels(s), stride: s == 0 ? 1 : 2))]);

        // The decoder from coarse to fine: its first stage is the one above the coarsest.
        int[] stages = [.. Enumerable.Range(1, coarsest).Select(up => coarsest - up)];
        ups = ModuleList([.. stages.Select(
            s => ConvTranspose2d(settings.Channels(s + 1), settings.Channels(s), kernel_size: 2L, stride: 2L))]);
        decoder = ModuleList(
            [.. stages.Select(s => new Stage(2 * settings.Channels(s), settings.Channels(s), stride: 1))]);

        // The decoder's first stage gives no mask; without deep supervision its last alone does.
        heads = ModuleList([.. stages.Skip(settings.DeepSupervision ? 1 : stages.Length - 1)
            .Select(s => Conv2d(settings.Channels(s), 1, kernel_size: 1L))]);

        if (settings.Normalization == NnUNetNormalization.CT)
        {
            clipLow = tensor((float)settings.ClipLow);
            clipHigh = tensor((float)settings.ClipHigh);
            mean = tensor((float)settings.Mean);
            std = tensor((float)settings.Std);
        }

        RegisterComponents();
        Initialize();
    }

    /// <summary>The last four stages of the decoder, or all where there are fewer.</summary>
    public override IReadOnlyList<string> CamLayers =>
        [.. Enumerable.Range(0, decoder.Count).TakeLast(4).Select(i => $"decoder.{i}")];

    protected override ModelOutput Segment(Tensor image, Tensor text)
    {
        Tensor x = Normalize(image);
        if (training && Settings.AugmentIntensities)
            x = NnUNetIntensities.Apply(x);
        if (Settings.MirrorAtTest && !training && !is_grad_enabled())
            return new ModelOutput(AverageOverFlips(x));

        Tensor[] logits = Masks(x); // finest first
        return new ModelOutput(logits[0]) { DeepLogits = logits[1..] };
    }

    /// <summary>
    /// The logits of the image, and in training those of the coarser stages, (B, 1, S / 2^s, S / 2^s).
    /// </summary>
    private Tensor[] Masks(Tensor x)
    {
        var skips = new Tensor[encoder.Count];
        for (int s = 0; s < skips.Length; s++)
            skips[s] = x = encoder[s].call(x); // (B, Channels(s), S / 2^s, S / 2^s)

        var logits = new List<Tensor>();
        for (int i = 0; i < decoder.Count; i++)
        {
            x = decoder[i].call(cat([ups[i].call(x), skips[^(i + 2)]], 1));
            int head = i - (decoder.Count - heads.Count);
            if (head >= 0 && (training || i == decoder.Count - 1))
                logits.Insert(0, heads[head].call(x));
        }

        return [.. logits];
    }

    /// <summary>The logits averaged over the image and its three flips.</summary>
    private Tensor AverageOverFlips(Tensor x)
    {
        long[][] flips = [[], [2], [3], [2, 3]];
        Tensor sum = zeros_like(x.narrow(1, 0, 1));
        foreach (long[] axes in flips)
        {
            Tensor logits = Masks(axes.Length == 0 ? x : x.flip(axes))[0];
            sum.add_(axes.Length == 0 ? logits : logits.flip(axes));
        }

        return sum / flips.Length;
    }

    private Tensor Normalize(Tensor image)
    {
        if (clipLow is not null)
            return (image.clamp(clipLow, clipHigh!) - mean!) / std!;

        Tensor ofImage = image.mean([1, 2, 3], keepdim: true); // (B, 1, 1, 1)
        Tensor deviation = image.std([1, 2, 3], unbiased: false, keepdim: true).clamp_min(1e-8);
        return (image - ofImage) / deviation;
    }

    /// <summary>He's initialisation for the leaky slope, biases 0.</summary>
    private void Initialize()
    {
        foreach ((string name, Parameter parameter) in named_parameters())
        {
            if (parameter.dim() == 4)
                init.kaiming_normal_(parameter, a: Stage.Slope);
            else if (name.EndsWith("bias", StringComparison.Ordinal))
                init.zeros_(parameter);
        }
    }

    /// <summary>
    /// Two conv3x3-InstanceNorm-LeakyReLU, the first with the stride: (B, In, h, w) to (B, Out, h / stride, w /
    /// stride).
    /// </summary>
    private sealed class Stage(long inChannels, long outChannels, long stride) : Block(nameof(Stage))
    {
        /// <summary>Of the leaky ReLU below 0.</summary>
        public const double Slope = 0.01;

        private readonly Conv2d conv1 = Conv2d(inChannels, outChannels, kernel_size: 3L, stride: stride, padding: 1L);
        private readonly Conv2d conv2 = Conv2d(outChannels, outChannels, kernel_size: 3L, padding: 1L);
        private readonly InstanceNorm2d norm1 = InstanceNorm2d(outChannels, affine: true);
        private readonly InstanceNorm2d norm2 = InstanceNorm2d(outChannels, affine: true);

        protected override Tensor Compute(Tensor x)
        {
            x = functional.leaky_relu(norm1.call(conv1.call(x)), Slope, inplace: true);
            return functional.leaky_relu(norm2.call(conv2.call(x)), Slope, inplace: true);
        }
    }
}

/// <summary>
/// The settings of <see cref="NnUNetModel"/>, as nnU-Net's plan of a data set gives them
/// (<c>NnUNetPlan.Model</c> in C2FVL.Training). The defaults are the plan of X-rays at 224 x 224.
/// </summary>
public sealed record NnUNetSettings : ModelSettings
{
    /// <summary>Channels of no stage of a 2D plan exceed the first one's by more.</summary>
    private const int MaxOverBase = 16;

    /// <summary>The smallest side of the coarsest map in pixels.</summary>
    internal const int SmallestMap = 4;

    /// <summary>
    /// The 2D plan at 224 x 224: 6 stages of 32 to 512 channels, 20,618,148 parameters; mirrored at test time.
    /// </summary>
    public static NnUNetSettings Published { get; } = new() { MirrorAtTest = true, AugmentIntensities = true };

    /// <summary>
    /// Half as wide as the plan: 16 to 256 channels at 224 x 224; mirrored at test time; 5,158,868 parameters.
    /// </summary>
    public static NnUNetSettings Half { get; } = new() { Width = 16, MirrorAtTest = true, AugmentIntensities = true };

    /// <summary>
    /// For a CPU and real images: the plan's 5 stages at 112 x 112, 14 to 224 channels in place of 32 to 512; 1.49
    /// million parameters, C2FVL's has 1.36. Mirrored at test time, which costs four passes.
    /// </summary>
    public static NnUNetSettings Small { get; } =
        new() { ImageSize = 112, Stages = 5, Width = 14, MirrorAtTest = true, AugmentIntensities = true };

    /// <summary>
    /// For phantoms and tests: the plan's 5 stages at 64 x 64, 7 to 112 channels, neither mirrored nor augmented; 0.37
    /// million parameters, C2FVL's has 0.34.
    /// </summary>
    public static NnUNetSettings Tiny { get; } = new() { ImageSize = 64, Stages = 5, Width = 7 };

    public override string Name => "nnUNet";

    /// <summary>
    /// Resolutions, at least 3; the coarsest map's side is the image's over 2 to the power (stages - 1), and at least
    /// 4. The default is 6.
    /// </summary>
    public int Stages { get; init; } = 6;

    /// <summary>
    /// Channels of the first stage, at least 1; each further stage has twice as many, up to 16 times. The default is
    /// 32.
    /// </summary>
    public int Width { get; init; } = 32;

    /// <summary>How intensities are normalised. The default is each image by its own.</summary>
    public NnUNetNormalization Normalization { get; init; } = NnUNetNormalization.ZScore;

    /// <summary>What <see cref="NnUNetNormalization.CT"/> clips to from below, 0 to 1. The default is 0.</summary>
    public double ClipLow { get; init; }

    /// <summary>
    /// What <see cref="NnUNetNormalization.CT"/> clips to from above, above <see cref="ClipLow"/>, at most 1. The
    /// default is 1.
    /// </summary>
    public double ClipHigh { get; init; } = 1;

    /// <summary>What <see cref="NnUNetNormalization.CT"/> subtracts. The default is 0.</summary>
    public double Mean { get; init; }

    /// <summary>What <see cref="NnUNetNormalization.CT"/> divides by, above 0. The default is 1.</summary>
    public double Std { get; init; } = 1;

    /// <summary>Whether coarser decoder stages give masks in training. The default is true.</summary>
    public bool DeepSupervision { get; init; } = true;

    /// <summary>
    /// Whether the logits are averaged over the image and its three mirror images; in evaluation mode and without
    /// gradients only, so that a CAM sees one pass. The default is false.
    /// </summary>
    public bool MirrorAtTest { get; init; }

    /// <summary>
    /// Whether training changes the normalised image as nnU-Net does: noise, blur, brightness, contrast, low resolution
    /// and gamma. Its changes of shape are <c>Augmentation.NnUNet</c> in C2FVL.Data. The default is false.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool AugmentIntensities { get; init; }

    public override SegmentationModel Create() => new NnUNetModel(this);

    /// <summary>Channels of a stage, 0 the finest.</summary>
    internal long Channels(int stage) => (long)Width * Math.Min(1 << stage, MaxOverBase);

    private protected override void RequireRanges()
    {
        Require(Stages is >= 3 and <= 12, Stages, "from 3 to 12");
        int factor = 1 << (Stages - 1);
        Require(ImageSize >= SmallestMap * factor && ImageSize % factor == 0, ImageSize,
            $"at least {SmallestMap * factor} and a multiple of {factor}, as {Stages} stages halve it {Stages - 1} "
            + "times");
        Require(Enum.IsDefined(Normalization), Normalization, string.Join(", ", Enum.GetNames<NnUNetNormalization>()));
        Require(ClipLow >= 0 && ClipHigh <= 1 && ClipLow < ClipHigh, ClipHigh,
            FormattableString.Invariant($"above ClipLow, {ClipLow}, and both from 0 to 1"));
        Require(double.IsFinite(Mean), Mean, "a number");
        Require(Std > 0 && double.IsFinite(Std), Std, "above 0");
    }
}

/// <summary>How nnU-Net normalises an image's intensities.</summary>
public enum NnUNetNormalization
{
    /// <summary>Each image by its own mean and standard deviation: nnU-Net's rule for all but CT.</summary>
    ZScore,

    /// <summary>
    /// Clipped to the 0.5 and 99.5 percentiles of the data set's lesion pixels, then by their mean and standard
    /// deviation: nnU-Net's rule for CT, whose values mean the same in every image.
    /// </summary>
    CT,
}

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
/// Two classes are one logit here, and grey X-rays come as three equal channels, as for all ten systems. The image
/// comes in 0 to 1; what the plan says about intensities happens inside, and its numbers are saved with the weights.
/// </remarks>
public sealed class NnUNetModel : SegmentationModel
{
    /// <summary>Keeps the logit of an averaged probability finite.</summary>
    private const double Smallest = 1e-6;

    private readonly ModuleList<Stage> encoder;
    private readonly ModuleList<ConvTranspose2d> ups;
    private readonly ModuleList<Stage> decoder;
    private readonly ModuleList<Conv2d> heads;
    private readonly Tensor? clipLow, clipHigh, mean, std;

    /// <exception cref="ArgumentException">A setting is out of its range; the message names it and the range.</exception>
    public NnUNetModel(NnUNetSettings settings)
        : base(settings.Name)
    {
        settings.Validate();
        Settings = settings;

        int coarsest = settings.Stages - 1;
        encoder = ModuleList([.. Enumerable.Range(0, settings.Stages)
            .Select(s => new Stage(s == 0 ? 3 : settings.Channels(s - 1), settings.Channels(s), stride: s == 0 ? 1 : 2))]);

        // The decoder from coarse to fine: its first stage is the one above the coarsest.
        int[] stages = [.. Enumerable.Range(1, coarsest).Select(up => coarsest - up)];
        ups = ModuleList([.. stages.Select(s => ConvTranspose2d(settings.Channels(s + 1), settings.Channels(s), kernel_size: 2L, stride: 2L))]);
        decoder = ModuleList([.. stages.Select(s => new Stage(2 * settings.Channels(s), settings.Channels(s), stride: 1))]);

        // The decoder's first stage gives no mask; without deep supervision its last alone does.
        heads = ModuleList([.. stages.Skip(settings.DeepSupervision ? 1 : stages.Length - 1).Select(s => Conv2d(settings.Channels(s), 1, kernel_size: 1L))]);

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

    /// <summary>What the model was made from.</summary>
    public NnUNetSettings Settings { get; }

    public override bool UsesText => false;

    /// <summary>The last four stages of the decoder, or all where there are fewer.</summary>
    public override IReadOnlyList<string> CamLayers => [.. Enumerable.Range(0, decoder.Count).TakeLast(4).Select(i => $"decoder.{i}")];

    public override ModelOutput forward(Tensor image, Tensor text)
    {
        SettingRange.RequireImage(Settings.Name, image, Settings.ImageSize);
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Normalize(image);
        if (training && Settings.AugmentIntensities)
            x = NnUNetIntensities.Apply(x);
        if (Settings.MirrorAtTest && !training && !is_grad_enabled())
            return new ModelOutput(OverMirrors(x).MoveToOuterDisposeScope());

        Tensor[] logits = Segment(x); // finest first
        foreach (Tensor each in logits)
            each.MoveToOuterDisposeScope();
        return new ModelOutput(logits[0]) { DeepLogits = logits[1..] };
    }

    /// <summary>The logits of the image, and in training those of the coarser stages, (B, 1, S / 2^s, S / 2^s).</summary>
    private Tensor[] Segment(Tensor x)
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

    /// <summary>The logit of the probability averaged over the four mirror images.</summary>
    private Tensor OverMirrors(Tensor x)
    {
        long[][] mirrors = [[], [2], [3], [2, 3]];
        Tensor sum = zeros_like(x.narrow(1, 0, 1));
        foreach (long[] axes in mirrors)
        {
            Tensor probability = Segment(axes.Length == 0 ? x : x.flip(axes))[0].sigmoid();
            sum.add_(axes.Length == 0 ? probability : probability.flip(axes));
        }

        return (sum / mirrors.Length).clamp(Smallest, 1 - Smallest).logit();
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

    /// <summary>Two conv3x3-InstanceNorm-LeakyReLU, the first with the stride: (B, In, h, w) to (B, Out, h / stride, w / stride).</summary>
    private sealed class Stage : Module<Tensor, Tensor>
    {
        /// <summary>Of the leaky ReLU below 0.</summary>
        public const double Slope = 0.01;

        private readonly Conv2d conv1, conv2;
        private readonly InstanceNorm2d norm1, norm2;

        public Stage(long inChannels, long outChannels, long stride)
            : base(nameof(Stage))
        {
            conv1 = Conv2d(inChannels, outChannels, kernel_size: 3L, stride: stride, padding: 1L);
            norm1 = InstanceNorm2d(outChannels, affine: true);
            conv2 = Conv2d(outChannels, outChannels, kernel_size: 3L, padding: 1L);
            norm2 = InstanceNorm2d(outChannels, affine: true);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();
            x = functional.leaky_relu(norm1.call(conv1.call(x)), Slope, inplace: true);
            x = functional.leaky_relu(norm2.call(conv2.call(x)), Slope, inplace: true);
            return x.MoveToOuterDisposeScope();
        }
    }
}

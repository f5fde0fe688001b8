using System.Text.Json.Serialization;
using C2FVL.Models.Blocks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models;

/// <summary>
/// TGANet (Tomar et al., "TGANet: Text-guided attention for improved polyp segmentation", MICCAI 2022): a network
/// guesses how many lesions there are and how large, and the words of its guess weigh the channels of the decoder.
/// <code>
/// image -> stem -> layer1 -> layer2 -> layer3             w, 4w, 8w, 16w channels at S/2 to S/16
///           |       |         |         |  \
///          fem1    fem2      fem3      fem4  heads         FEM: dilated convolutions, then attention: c = 2w each
///           |       |         |         |      |           heads: p(one, multiple) and p(small, medium, large)
/// up1 &lt;- up2 &lt;- up3 &lt;----+ f0 f0: two layers over [p_k word_k], the five side by side
///           |       |         |
///          f0+f1+f2 f0+f1     f0                           f_i: what label attention i makes of what it is given
///           |       |         |
///          multi-scale feature aggregation -> logits       all three at S/2, then to S
/// </code>
/// </summary>
/// <remarks>
/// <para>
/// Built fact by fact as the authors' code: the five words are the same for every image, each times its predicted
/// probability, and concatenated; no report is read, so the mask of a trained network does not depend on one. A report
/// acts only in training, where the heads learn its labels by cross entropy (<see cref="ModelOutput.AuxiliaryLoss"/>).
/// </para>
/// <para>
/// What differs. The authors take the labels from the mask; how the C2FVL comparison fed reports is unknown, and here
/// the report gives them, see <see cref="ReportLabels"/>. The encoder starts random and not from ImageNet. The words
/// are fixed random vectors in place of byte-pair embeddings: behind a linear layer of their own, five fixed vectors
/// that are linearly independent serve alike. The authors' heads apply softmax twice before the cross entropy; here it
/// is once.
/// </para>
/// </remarks>
public sealed class TGANetModel : SegmentationModel<TGANetSettings>
{
    private readonly ResNet50Encoder encoder;
    private readonly Sequential number, size, textFusion;
    private readonly Tensor words; // (5, E)
    private readonly FeatureEnhancement fem1, fem2, fem3, fem4;
    private readonly DecoderStep up3, up2, up1;
    private readonly Sequential label3, label2, label1;
    private readonly Aggregation aggregate;
    private readonly Conv2d outc;

    /// <exception cref="ArgumentException">A setting is out of its range; the message names it and the
    /// range.</exception>
    public TGANetModel(TGANetSettings settings)
        : base(settings)
    {
        long w = settings.Width, c = 2 * w;
        encoder = new ResNet50Encoder(w, stages: 3);
        number = TwoLayers(16 * w, c, ReportLabels.NumberClasses);
        size = TwoLayers(16 * w, c, ReportLabels.SizeClasses);
        words = init.normal_(
            empty(ReportLabels.NumberClasses + ReportLabels.SizeClasses, settings.EmbeddingSize), std: 0.3);
        textFusion = Sequential(TwoLayers(words.numel(), c, c), ReLU());
        fem1 = new FeatureEnhancement(w, c, settings.DilationStep);
        fem2 = new FeatureEnhancement(4 * w, c, settings.DilationStep);
        fem3 = new FeatureEnhancement(8 * w, c, settings.DilationStep);
        fem4 = new FeatureEnhancement(16 * w, c, settings.DilationStep);
        up3 = new DecoderStep(c);
        up2 = new DecoderStep(c);
        up1 = new DecoderStep(c);
        label3 = TwoLayers(c, c, c);
        label2 = TwoLayers(c, c, c);
        label1 = TwoLayers(c, c, c);
        aggregate = new Aggregation(c);
        outc = Conv2d(c, 1, kernel_size: 1L);
        RegisterComponents();
    }

    /// <summary>
    /// No: the report gives the heads their labels in training, and the output depends only on the image.
    /// </summary>
    public override bool UsesText => false;

    protected override bool TakesText => true;

    /// <summary>The decoder's maps before the labels' weights, and the map that becomes the mask.</summary>
    public override IReadOnlyList<string> CamLayers => ["up3", "up2", "up1", "aggregate"];

    protected override ModelOutput Segment(Tensor image, Tensor text)
    {
        Tensor[] maps = encoder.call(image); // (B, w, S/2, S/2) to (B, 16w, S/16, S/16)
        Tensor pooled = maps[3].mean([2, 3]); // (B, 16w)
        Tensor ofNumber = number.call(pooled), ofSize = size.call(pooled); // (B, 2), (B, 3)
        Tensor probability = cat([ofNumber.softmax(1), ofSize.softmax(1)], 1); // (B, 5)
        Tensor f0 = textFusion.call((probability.unsqueeze(2) * words).flatten(1)); // (B, 5E) to (B, c)

        Tensor x3 = up3.call(fem4.call(maps[3]), fem3.call(maps[2])); // (B, c, S/8, S/8)
        Tensor f1 = label3.call(f0);
        x3 = Weighed(x3, f1);
        Tensor x2 = up2.call(x3, fem2.call(maps[1])); // (B, c, S/4, S/4)
        Tensor f2 = label2.call(f0 + f1);
        x2 = Weighed(x2, f2);
        Tensor x1 = up1.call(x2, fem1.call(maps[0])); // (B, c, S/2, S/2)
        x1 = Weighed(x1, label1.call(f0 + f1 + f2));

        // A 1x1 convolution and bilinear weights, which sum to 1, may change places: the cheaper one first.
        Tensor logits = Upsampled(outc.call(aggregate.call(x3, x2, x1)), 2); // (B, 1, S, S)
        Tensor? auxiliary = training ? LabelLoss(ofNumber, ofSize, text) : null;
        return new ModelOutput(logits) { AuxiliaryLoss = auxiliary };
    }

    private Tensor LabelLoss(Tensor ofNumber, Tensor ofSize, Tensor text) => Settings.LabelWeight
        * (CrossEntropy(ofNumber, ReportLabels.Number(text)) + CrossEntropy(ofSize, ReportLabels.Size(text)));

    /// <summary>The mean over the rows (B, K) with a known label; 0 without one.</summary>
    private static Tensor CrossEntropy(Tensor logits, Tensor label)
    {
        Tensor isKnown = label.ge(0);
        Tensor ofLabel = functional.log_softmax(logits, 1).gather(1, label.clamp_min(0).unsqueeze(1)).squeeze(1); // (B)
        return -(ofLabel * isKnown).sum() / isKnown.sum().clamp_min(1);
    }

    /// <summary>A map (B, c, h, w) whose channels are weighed by the sigmoid of a vector (B, c).</summary>
    private static Tensor Weighed(Tensor map, Tensor vector) => map * vector.sigmoid().unsqueeze(-1).unsqueeze(-1);

    /// <summary>Two linear layers without bias, a ReLU between.</summary>
    private static Sequential TwoLayers(long inputs, long hidden, long outputs) =>
        Sequential(Linear(inputs, hidden, hasBias: false), ReLU(), Linear(hidden, outputs, hasBias: false));

    private static Tensor Upsampled(Tensor map, double times) =>
        functional.interpolate(
            map, scale_factor: [times, times], mode: InterpolationMode.Bilinear, align_corners: true);

    /// <summary>Convolution without bias and batch norm; the map keeps its size.</summary>
    private static Sequential Conv(long inChannels, long outChannels, long kernel, long dilation = 1) => Sequential(
        Conv2d(
            inChannels, outChannels, kernel_size: kernel, padding: dilation * (kernel / 2), dilation: dilation,
            bias: false),
        BatchNorm2d(outChannels));

    /// <summary>Which channels: (B, c, h, w) times sigmoid(MLP(mean over places) + MLP(max over places)).</summary>
    private sealed class ChannelAttention(long channels) : Block(nameof(ChannelAttention))
    {
        private readonly Sequential mlp = TwoLayers(channels, Math.Max(4, channels / 16), channels);

        protected override Tensor Compute(Tensor map) =>
            Weighed(map, mlp.call(map.mean([2, 3])) + mlp.call(map.amax([2, 3])));
    }

    /// <summary>Which places: (B, c, h, w) times sigmoid(conv7x7([mean over channels, max over channels])).</summary>
    private sealed class PlaceAttention() : Block(nameof(PlaceAttention))
    {
        private readonly Conv2d conv = Conv2d(2, 1, kernel_size: 7L, padding: 3L, bias: false);

        protected override Tensor Compute(Tensor map)
        {
            Tensor pooled = cat([map.mean([1], keepdim: true), map.amax([1], keepdim: true)], 1); // (B, 2, h, w)
            return map * conv.call(pooled).sigmoid();
        }
    }

    /// <summary>
    /// The feature enhancement module: (B, In, h, w) to (B, c, h, w).
    /// <code>
    /// b_d = CA(ReLU(conv(input)))   for the 1x1 convolution and the 3x3 ones at three dilations
    /// x   = PA(ReLU(conv3x3([b_1, b_6, b_12, b_18]) + conv1x1(input)))
    /// </code>
    /// </summary>
    private sealed class FeatureEnhancement(long inChannels, long channels, int dilationStep)
        : Block(nameof(FeatureEnhancement))
    {
        private readonly ModuleList<Sequential> branches = ModuleList([.. Enumerable.Range(0, 4).Select(i => Sequential(
            Conv(inChannels, channels, kernel: i == 0 ? 1 : 3, dilation: Math.Max(1, i * dilationStep)), ReLU(),
            new ChannelAttention(channels)))]);

        private readonly Sequential fuse = Conv(4 * channels, channels, kernel: 3);
        private readonly Sequential shortcut = Conv(inChannels, channels, kernel: 1);
        private readonly PlaceAttention place = new();

        protected override Tensor Compute(Tensor map)
        {
            Tensor x = fuse.call(cat([.. branches.Select(branch => branch.call(map))], 1));
            return place.call((x + shortcut.call(map)).relu_());
        }
    }

    /// <summary>
    /// One level of the decoder: map (B, c, h, w) and skip (B, c, 2h, 2w) to (B, c, 2h, 2w), every sum in a ReLU.
    /// <code>
    /// s1 = conv1x1([up(below), skip]);  s2 = conv3x3(s1) + s1;  s3 = conv3x3(s2) + s2 + s1
    /// x  = PA(CA(conv1x1(s3) + s3 + s2 + s1))
    /// </code>
    /// </summary>
    private sealed class DecoderStep(long channels) : Block<Tensor>(nameof(DecoderStep))
    {
        private readonly Sequential conv1 = Conv(2 * channels, channels, kernel: 1);
        private readonly Sequential conv2 = Conv(channels, channels, kernel: 3);
        private readonly Sequential conv3 = Conv(channels, channels, kernel: 3);
        private readonly Sequential conv4 = Conv(channels, channels, kernel: 1);
        private readonly ChannelAttention channel = new(channels);
        private readonly PlaceAttention place = new();

        protected override Tensor Compute(Tensor below, Tensor skip)
        {
            Tensor s1 = conv1.call(cat([Upsampled(below, 2), skip], 1)).relu_();
            Tensor s2 = (conv2.call(s1) + s1).relu_();
            Tensor s3 = (conv3.call(s2) + s2 + s1).relu_();
            Tensor x = (conv4.call(s3) + s3 + s2 + s1).relu_();
            return place.call(channel.call(x));
        }
    }

    /// <summary>
    /// The multi-scale feature aggregation: maps (B, c, S/8, S/8), (B, c, S/4, S/4) and (B, c, S/2, S/2) to
    /// (B, c, S/2, S/2).
    /// <code>
    /// s1 = ReLU(conv1x1([ReLU(conv1x1(up x3)), ReLU(conv1x1(up x2)), ReLU(conv1x1(x1))]))
    /// s2 = ReLU(conv3x3(s1) + s1);  x = ReLU(conv3x3(s2) + s2 + s1)
    /// </code>
    /// </summary>
    private sealed class Aggregation : Module<Tensor, Tensor, Tensor, Tensor>
    {
        private readonly Sequential coarse, middle, fine, conv1, conv2, conv3;

        public Aggregation(long channels)
            : base(nameof(Aggregation))
        {
            coarse = Conv(channels, channels, kernel: 1);
            middle = Conv(channels, channels, kernel: 1);
            fine = Conv(channels, channels, kernel: 1);
            conv1 = Conv(3 * channels, channels, kernel: 1);
            conv2 = Conv(channels, channels, kernel: 3);
            conv3 = Conv(channels, channels, kernel: 3);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x3, Tensor x2, Tensor x1)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor[] maps = [coarse.call(Upsampled(x3, 4)), middle.call(Upsampled(x2, 2)), fine.call(x1)];
            Tensor s1 = conv1.call(cat([.. maps.Select(map => map.relu_())], 1)).relu_(); // (B, c, S/2, S/2)
            Tensor s2 = (conv2.call(s1) + s1).relu_();
            return (conv3.call(s2) + s2 + s1).relu_().MoveToOuterDisposeScope();
        }
    }
}

/// <summary>The settings of <see cref="TGANetModel"/>. The defaults are the published network.</summary>
public sealed record TGANetSettings : ModelSettings
{
    /// <summary>As published: width 64 at 224 x 224, 19,837,423 parameters.</summary>
    public static TGANetSettings Published { get; } = new() { AsReleased = true, Form = 1 };

    /// <summary>Half as wide as published: width 32 at 224 x 224; 5,002,044 parameters.</summary>
    public static TGANetSettings Half { get; } = new() { Width = 32, AsReleased = true, Form = 1 };

    /// <summary>
    /// For a CPU and real images: width 16 at 112 x 112, as deep as published, dilations half as large on an image
    /// half as large; 1.27 million parameters, C2FVL's has 1.36.
    /// </summary>
    public static TGANetSettings Small { get; } =
        new() { Width = 16, DilationStep = 3, ImageSize = 112, AsReleased = true, Form = 1 };

    /// <summary>
    /// For phantoms and tests: width 8 at 64 x 64, as deep as published, dilations to match; 0.33 million parameters,
    /// C2FVL's has 0.34.
    /// </summary>
    public static TGANetSettings Tiny { get; } =
        new() { Width = 8, DilationStep = 2, ImageSize = 64, AsReleased = true, Form = 1 };

    public override string Name => "TGANet";

    /// <summary>
    /// Channels of the encoder's first map, at least 2; the next have 4, 8 and 16 times as many, every map of the
    /// decoder twice as many. The default is 64.
    /// </summary>
    public int Width { get; init; } = 64;

    /// <summary>
    /// The feature enhancement's dilations are 1 and once, twice and three times this; at least 1. The default is 6.
    /// </summary>
    public int DilationStep { get; init; } = 6;

    /// <summary>Numbers in a label word's vector, at least 1. The default is 300.</summary>
    public int EmbeddingSize { get; init; } = 300;

    /// <summary>
    /// The weight of the label heads' cross entropies, 0 or more. The default is 0.5: the authors add them to Dice and
    /// cross entropy of the mask, of which the loss here takes half each.
    /// </summary>
    public double LabelWeight { get; init; } = 0.5;

    /// <summary>
    /// Whether the network is built as the authors' code. False, which an older spec means, is this library's first
    /// form, which read the report at testing too: its results load, and it cannot be made any more.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool AsReleased { get; init; }

    [JsonIgnore]
    public override bool IsRetired => base.IsRetired || !AsReleased;

    private protected override int CurrentForm => 1;

    public override SegmentationModel Create() => new TGANetModel(this);

    private protected override void RequireRanges()
    {
        Require(Width >= 2, Width, "at least 2");
        Require(LabelWeight >= 0, LabelWeight, "0 or more");
        RequireHalvings(4);
    }
}

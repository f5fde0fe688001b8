using C2FVL.Models.Blocks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models;

/// <summary>
/// TGANet (Tomar et al., "TGANet: Text-guided attention for improved polyp segmentation", MICCAI 2022): labels of how
/// many and how large, as words, weigh the channels of a decoder behind a ResNet-50.
/// <code>
/// image -> stem -> layer1 -> layer2 -> layer3             w, 4w, 8w, 16w channels at S/2 to S/16
///           |       |         |         |  \
///          fem1    fem2      fem3      fem4  heads         FEM: dilated convolutions, then attention: c = 2w each
///           |       |         |         |      |           heads: number and size, guessed from the image
///          up1  &lt;-  up2   &lt;-  up3  &lt;----+    guide         each: a residual block, then the guide's weights
///           |       |         |
///          multi-scale feature aggregation -> logits       all three at S/2, then to S
/// </code>
/// </summary>
/// <remarks>
/// <para>
/// The labels, see <see cref="ReportLabels"/>: the paper's are one or many polyps and small, medium or large ones, told
/// from the mask; here the report counts, and names zones whose number stands for the size. Both have a further class
/// "none", as lungs may be clean. The heads learn the report's labels by cross entropy, in training alone
/// (<see cref="ModelOutput.AuxiliaryLoss"/>).
/// </para>
/// <para>
/// The guide: the paper weighs the embeddings of the label words by the heads' probabilities, so that a report is needed
/// in training alone. Here the embedding of the word that the report itself says is added, as the comparison's text
/// methods read a report with every image. A missing report says the word "unknown", and no head learns from it.
/// </para>
/// <para>
/// Parameters as published, by block: encoder 8,543,296; four FEM 9,066,888; heads 7,175, words 2,700 and guide 76,928;
/// decoder 1,526,784; aggregation 640,256; mask 129: 19,864,156, where the comparisons count 19.84 million. It is built
/// from the paper's description, so the split between blocks is ours.
/// </para>
/// <para>
/// It is trained from scratch. The published one starts from an encoder trained on ImageNet and takes byte-pair
/// embeddings of the words as they are; here both start random and learn.
/// </para>
/// </remarks>
public sealed class TGANetModel : SegmentationModel
{
    private readonly ResNet50Encoder encoder;
    private readonly LabelWords number, size;
    private readonly Linear guide;
    private readonly FeatureEnhancement fem1, fem2, fem3, fem4;
    private readonly GuidedUp up3, up2, up1;
    private readonly Aggregation aggregate;
    private readonly Conv2d outc;

    /// <exception cref="ArgumentException">A setting is out of its range; the message names it and the range.</exception>
    public TGANetModel(TGANetSettings settings)
        : base(settings.Name)
    {
        settings.Validate();
        Settings = settings;

        long w = settings.Width, c = 2 * w;
        encoder = new ResNet50Encoder(w, stages: 3);
        number = new LabelWords(16 * w, ReportLabels.NumberClasses, settings.EmbeddingSize);
        size = new LabelWords(16 * w, ReportLabels.SizeClasses, settings.EmbeddingSize);
        guide = Linear(2 * settings.EmbeddingSize, c);
        fem1 = new FeatureEnhancement(w, c, settings.DilationStep);
        fem2 = new FeatureEnhancement(4 * w, c, settings.DilationStep);
        fem3 = new FeatureEnhancement(8 * w, c, settings.DilationStep);
        fem4 = new FeatureEnhancement(16 * w, c, settings.DilationStep);
        up3 = new GuidedUp(c);
        up2 = new GuidedUp(c);
        up1 = new GuidedUp(c);
        aggregate = new Aggregation(c);
        outc = Conv2d(c, 1, kernel_size: 1L);
        RegisterComponents();
    }

    /// <summary>What the model was made from.</summary>
    public TGANetSettings Settings { get; }

    public override bool UsesText => true;

    /// <summary>The decoder's maps behind the guide's weights, and the map that becomes the mask.</summary>
    public override IReadOnlyList<string> CamLayers => ["up3.attention", "up2.attention", "up1.attention", "aggregate.refine"];

    public override ModelOutput forward(Tensor image, Tensor text)
    {
        SettingRange.RequireImage(Settings.Name, image, Settings.ImageSize);
        SettingRange.RequireText(Settings.Name, image, text);
        using DisposeScope scope = NewDisposeScope();

        Tensor[] maps = encoder.call(image); // (B, w, S/2, S/2) to (B, 16w, S/16, S/16)
        Tensor pooled = maps[3].mean([2, 3]); // (B, 16w)
        (Tensor numberWords, Tensor numberLoss) = number.call(pooled, ReportLabels.Number(text)); // (B, E)
        (Tensor sizeWords, Tensor sizeLoss) = size.call(pooled, ReportLabels.Size(text)); // (B, E)
        Tensor words = guide.call(cat([numberWords, sizeWords], 1)); // (B, c)

        Tensor x3 = up3.call(fem4.call(maps[3]), fem3.call(maps[2]), words); // (B, c, S/8, S/8)
        Tensor x2 = up2.call(x3, fem2.call(maps[1]), words); // (B, c, S/4, S/4)
        Tensor x1 = up1.call(x2, fem1.call(maps[0]), words); // (B, c, S/2, S/2)

        // A 1x1 convolution and bilinear weights, which sum to 1, may change places: the cheaper one first.
        Tensor logits = Twice(outc.call(aggregate.call(x3, x2, x1))); // (B, 1, S, S)
        Tensor? auxiliary = training ? (Settings.LabelWeight * (numberLoss + sizeLoss)).MoveToOuterDisposeScope() : null;
        return new ModelOutput(logits.MoveToOuterDisposeScope()) { AuxiliaryLoss = auxiliary };
    }

    /// <summary>A map at twice the size, bilinear.</summary>
    private static Tensor Twice(Tensor map) => Enlarged(map, 2);

    private static Tensor Enlarged(Tensor map, double times) =>
        functional.interpolate(map, scale_factor: [times, times], mode: InterpolationMode.Bilinear, align_corners: false);

    /// <summary>Convolution, batch norm, and a ReLU in place; the map keeps its size.</summary>
    private static Sequential Conv(long inChannels, long outChannels, long kernel = 3, long dilation = 1) =>
        Sequential(
            Conv2d(inChannels, outChannels, kernel_size: kernel, padding: dilation * (kernel / 2), dilation: dilation, bias: false),
            BatchNorm2d(outChannels),
            ReLU(inplace: true));

    /// <summary>The same without the ReLU.</summary>
    private static Sequential LinearConv(long inChannels, long outChannels, long kernel) =>
        Sequential(Conv2d(inChannels, outChannels, kernel_size: kernel, padding: kernel / 2, bias: false), BatchNorm2d(outChannels));

    /// <summary>
    /// One label: from the pooled map (B, In) and the report's labels (B), a row of words (B, E) and the head's loss.
    /// <code>
    /// p = softmax(head(pooled))
    /// words = sum over classes of p_k word_k  +  word of the report's label, or of "unknown"
    /// </code>
    /// </summary>
    private sealed class LabelWords : Module<Tensor, Tensor, (Tensor Words, Tensor Loss)>
    {
        private readonly int classes;
        private readonly Linear head;
        private readonly Embedding words;

        public LabelWords(long inChannels, int classes, long embeddingSize)
            : base(nameof(LabelWords))
        {
            this.classes = classes;
            head = Linear(inChannels, classes);
            words = Embedding(classes + 1, embeddingSize); // the last row is "unknown"
            RegisterComponents();
        }

        public override (Tensor Words, Tensor Loss) forward(Tensor pooled, Tensor label)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor logProbability = functional.log_softmax(head.call(pooled), 1); // (B, K)
            Tensor guessed = logProbability.exp().matmul(words.weight!.narrow(0, 0, classes)); // (B, E)
            Tensor isKnown = label.ge(0);
            Tensor said = words.call(where(isKnown, label, full_like(label, classes))); // (B, E)

            // The mean over the known labels; nothing for none.
            Tensor ofLabel = logProbability.gather(1, label.clamp_min(0).unsqueeze(1)).squeeze(1); // (B)
            Tensor loss = -(ofLabel * isKnown).sum() / isKnown.sum().clamp_min(1);
            return ((guessed + said).MoveToOuterDisposeScope(), loss.MoveToOuterDisposeScope());
        }
    }

    /// <summary>
    /// The feature enhancement module: (B, In, h, w) to (B, c, h, w).
    /// <code>
    /// x = ReLU(conv1x1([conv3x3 at four dilations]) + conv1x1(input))
    /// x = x * sigmoid(MLP(mean over places) + MLP(max over places))           which channels
    /// x = x * sigmoid(conv7x7([mean over channels, max over channels]))       which places
    /// </code>
    /// </summary>
    private sealed class FeatureEnhancement : Module<Tensor, Tensor>
    {
        private readonly ModuleList<Sequential> dilated;
        private readonly Sequential fuse, shortcut, channel;
        private readonly Conv2d place;

        public FeatureEnhancement(long inChannels, long channels, int dilationStep)
            : base(nameof(FeatureEnhancement))
        {
            long[] dilations = [1, dilationStep, 2 * dilationStep, 3 * dilationStep];
            dilated = ModuleList([.. dilations.Select(d => Conv(inChannels, channels, dilation: d))]);
            fuse = LinearConv(dilations.Length * channels, channels, kernel: 1);
            shortcut = LinearConv(inChannels, channels, kernel: 1);
            long hidden = Math.Max(4, channels / 16);
            channel = Sequential(Linear(channels, hidden, hasBias: false), ReLU(), Linear(hidden, channels, hasBias: false));
            place = Conv2d(2, 1, kernel_size: 7L, padding: 3L, bias: false);
            RegisterComponents();
        }

        public override Tensor forward(Tensor map)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor x = fuse.call(cat([.. dilated.Select(d => d.call(map))], 1));
            x = (x + shortcut.call(map)).relu_(); // (B, c, h, w)

            Tensor ofChannel = (channel.call(x.mean([2, 3])) + channel.call(x.amax([2, 3]))).sigmoid(); // (B, c)
            x = x * ofChannel.unsqueeze(-1).unsqueeze(-1);
            Tensor ofPlace = place.call(cat([x.mean([1], keepdim: true), x.amax([1], keepdim: true)], 1)).sigmoid(); // (B, 1, h, w)
            return (x * ofPlace).MoveToOuterDisposeScope();
        }
    }

    /// <summary>Two conv3x3 beside a shortcut: (B, In, h, w) to (B, Out, h, w).</summary>
    private sealed class ResidualBlock : Module<Tensor, Tensor>
    {
        private readonly Sequential first, second;
        private readonly Sequential? shortcut;

        public ResidualBlock(long inChannels, long outChannels)
            : base(nameof(ResidualBlock))
        {
            first = Conv(inChannels, outChannels);
            second = LinearConv(outChannels, outChannels, kernel: 3);
            shortcut = inChannels == outChannels ? null : LinearConv(inChannels, outChannels, kernel: 1);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor y = second.call(first.call(x));
            return y.add_(shortcut is null ? x : shortcut.call(x)).relu_().MoveToOuterDisposeScope();
        }
    }

    /// <summary>One level of the decoder: map (B, c, h, w), skip (B, c, 2h, 2w) and guide (B, c) to (B, c, 2h, 2w).</summary>
    private sealed class GuidedUp : Module<Tensor, Tensor, Tensor, Tensor>
    {
        private readonly ResidualBlock convs;
        private readonly LabelAttention attention;

        public GuidedUp(long channels)
            : base(nameof(GuidedUp))
        {
            convs = new ResidualBlock(2 * channels, channels);
            attention = new LabelAttention(channels);
            RegisterComponents();
        }

        public override Tensor forward(Tensor below, Tensor skip, Tensor words)
        {
            using DisposeScope scope = NewDisposeScope();
            return attention.call(convs.call(cat([Twice(below), skip], 1)), words).MoveToOuterDisposeScope();
        }
    }

    /// <summary>A weight in 0 to 1 for each channel, from the guide and the map's own means: (B, c, h, w) and (B, c) to (B, c, h, w).</summary>
    private sealed class LabelAttention : Module<Tensor, Tensor, Tensor>
    {
        private readonly Linear ofMap, ofWords;

        public LabelAttention(long channels)
            : base(nameof(LabelAttention))
        {
            ofMap = Linear(channels, channels);
            ofWords = Linear(channels, channels);
            RegisterComponents();
        }

        public override Tensor forward(Tensor map, Tensor words)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor weight = (ofMap.call(map.mean([2, 3])) + ofWords.call(words)).sigmoid(); // (B, c)
            return (map * weight.unsqueeze(-1).unsqueeze(-1)).MoveToOuterDisposeScope();
        }
    }

    /// <summary>
    /// The multi-scale feature aggregation: maps (B, c, S/8, S/8), (B, c, S/4, S/4) and (B, c, S/2, S/2), each behind a
    /// convolution of its own, all at the largest size, become one, (B, c, S/2, S/2).
    /// </summary>
    private sealed class Aggregation : Module<Tensor, Tensor, Tensor, Tensor>
    {
        private readonly Sequential coarse, middle, fine, fuse;
        private readonly Refinement refine;

        public Aggregation(long channels)
            : base(nameof(Aggregation))
        {
            coarse = Conv(channels, channels);
            middle = Conv(channels, channels);
            fine = Conv(channels, channels);
            fuse = Conv(3 * channels, channels, kernel: 1);
            refine = new Refinement(channels);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x3, Tensor x2, Tensor x1)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor all = cat([Enlarged(coarse.call(x3), 4), Enlarged(middle.call(x2), 2), fine.call(x1)], 1); // (B, 3c, S/2, S/2)
            return refine.call(fuse.call(all)).MoveToOuterDisposeScope();
        }
    }

    /// <summary>A conv3x3-BN beside the identity, then ReLU.</summary>
    private sealed class Refinement : Module<Tensor, Tensor>
    {
        private readonly Sequential conv;

        public Refinement(long channels)
            : base(nameof(Refinement))
        {
            conv = LinearConv(channels, channels, kernel: 3);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();
            return conv.call(x).add_(x).relu_().MoveToOuterDisposeScope();
        }
    }
}

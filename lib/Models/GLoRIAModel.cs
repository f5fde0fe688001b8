using System.Text.Json.Serialization;
using C2FVL.Models.Blocks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models;

/// <summary>
/// GLoRIA (Huang et al., "GLoRIA: A Multimodal Global-Local Representation Learning Framework for Label-efficient
/// Medical Image Recognition", ICCV 2021) and its segmentation by a U-Net: a ResNet-50 first learns by
/// contrast which image belongs to which report and which region to which word. Then it is a U-Net's encoder.
/// <code>
/// image -> ResNet-50: stem layer1 layer2 layer3 layer4 w, 4w, 8w, 16w, 32w channels at S/2 to S/32 (rounded up)
///                       |      |       |       |              |
///                       |      |       |   regions v_j     image g    in the space of D numbers
///                       |      |       |       :              :       stage 1: local and global contrast
///                       |      |       |   words t_i       report r   in the same space
///                       |      |       |       |              |
///                      up2 &lt;- up3 &lt;- up4 &lt;- up5(skip + words) &lt;- (map + report)    stage 2: segmentation
///                       |
///                      up1 -> logits
/// </code>
/// </summary>
/// <remarks>
/// <para>
/// Stage 1, <see cref="PretrainingLoss"/>, every product a cosine, so that the temperatures mean the same at every
/// width:
/// <code>
/// a_ij = softmax over regions j of (t_i . v_j / T1), c_i = sum over j of a_ij v_j   the regions that a word attends to
/// Z(image, report) = T2 ln(mean over words i of exp(c_i . t_i / T2))                    how well they fit, local
/// L = contrast(Z / T3) + contrast(g . r / T3),  T1 = 1/4, T2 = 1/5, T3 = 1/10
/// </code>
/// The contrast has soft targets, see <see cref="SoftContrast"/>: equal reports are no negatives of each other. The
/// paper sums over the words. We take the mean, because our reports differ in length. The authors' code differs from
/// their paper: without the factor T2 its local match is five times as steep, and before the softmax over regions it
/// takes one over words. Here both are the paper's.
/// </para>
/// <para>
/// Stage 2: the paper drops the text after the alignment and fine-tunes only the image encoder. In the comparison
/// GLoRIA reads the report of every image. So here each region adds the mean of the words, weighted by softmax over
/// words of (t_i . v_j / T1), to the skip of layer3, and the report's embedding is added to the deepest map, each
/// through one linear layer. A missing report is the word "unknown".
/// </para>
/// <para>
/// The report's encoder is an embedding per word of <see cref="ReportWords"/>, and an MLP over their mean for the whole
/// report, instead of BioClinicalBERT. The sixteen words come from the text vector, which contains everything that a
/// report states.
/// </para>
/// <para>
/// Parameters as published, by block: encoder 23,508,032; decoder and mask 9,014,065; image to D 1,573,632 and regions
/// to D 787,200; words to the skip 787,456 and report to the deepest map 1,574,912; words 12,288 and report 1,181,184:
/// 38,438,769.
/// </para>
/// <para>
/// The comparisons count 147.81 million. That is the released segmentation network, a U-Net round a ResNet-50 that
/// reads no text; by its blocks: encoder 23,508,032; a bridge of two 3x3 convolutions of 2048 channels 75,509,760; five
/// levels up, each a 2x2 transposed and two 3x3 convolutions, to 1024, 512, 256, 128 and 64 channels 36,707,328 +
/// 9,178,624 + 2,295,552 + 500,608 + 108,672; mask 65; together 147,808,641. Here the encoder is the same, there is no
/// bridge, and nearest neighbours and 256 to 16 channels lead up, 9,014,065 in place of 124,300,609, as the released
/// training code does where it builds its U-Net from a library. BioClinicalBERT, 108,310,272, is in neither count.
/// </para>
/// <para>
/// Both stages are trained from scratch and on one data set. The published one starts from ImageNet and from
/// BioClinicalBERT, and aligns on CheXpert's images with their free-text reports.
/// </para>
/// </remarks>
public sealed class GLoRIAModel : SegmentationModel<GLoRIASettings>
{
    /// <summary>The temperatures of attention over places or words, of the words' match, and of the contrast.</summary>
    private const double T1 = 1 / 4.0, T2 = 1 / 5.0, T3 = 1 / 10.0;

    /// <summary>Removes an absent word from a softmax and keeps it finite.</summary>
    private const float Never = -1e4f;

    private readonly ResNet50Encoder encoder;
    private readonly Linear ofImage;
    private readonly Conv2d ofRegion;
    private readonly Embedding words;
    private readonly Sequential ofReport;
    private readonly Conv2d wordsToSkip;
    private readonly Linear reportToMap;
    private readonly UpBlock up5, up4, up3, up2, up1;
    private readonly Conv2d outc;

    /// <exception cref="ArgumentException">A setting is out of its range; the message names it and the
    /// range.</exception>
    public GLoRIAModel(GLoRIASettings settings)
        : base(settings)
    {
        long w = settings.Width, d = settings.DecoderWidth, size = settings.EmbeddingSize;
        encoder = new ResNet50Encoder(w, stages: 4);
        ofImage = Linear(32 * w, size);
        ofRegion = Conv2d(16 * w, size, kernel_size: 1L);
        words = Embedding(ReportWords.Vocabulary.Count, size);
        ofReport = Sequential(Linear(size, size), GELU(), Linear(size, size));
        wordsToSkip = Conv2d(size, 16 * w, kernel_size: 1L);
        reportToMap = Linear(size, 32 * w);
        // The skip of a map that was rounded up has one row and one column less, and so has the result.
        up5 = new UpBlock(32 * w, 16 * w, 16 * d);
        up4 = new UpBlock(16 * d, 8 * w, 8 * d);
        up3 = new UpBlock(8 * d, 4 * w, 4 * d);
        up2 = new UpBlock(4 * d, w, 2 * d);
        up1 = new UpBlock(2 * d, 0, d);
        outc = Conv2d(d, 1, kernel_size: 3L, padding: 1L);
        RegisterComponents();
    }

    public override IReadOnlyList<string> CamLayers => ["up4.convs", "up3.convs", "up2.convs", "up1.convs"];

    protected override ModelOutput Segment(Tensor image, Tensor text)
    {
        Tensor[] maps = encoder.call(image); // (B, w, S/2, S/2) to (B, 32w, S/32, S/32)
        Report report = Read(text);
        // (B, 16w, S/16, S/16)
        Tensor skip = maps[3] + wordsToSkip.call(WordsOfRegions(ofRegion.call(maps[3]), report));
        Tensor x = maps[4] + reportToMap.call(report.Whole).unsqueeze(-1).unsqueeze(-1); // (B, 32w, S/32, S/32)

        x = up5.call(x, skip); // (B, 16d, S/16, S/16)
        x = up4.call(x, maps[2]); // (B, 8d, S/8, S/8)
        x = up3.call(x, maps[1]); // (B, 4d, S/4, S/4)
        x = up2.call(x, maps[0]); // (B, 2d, S/2, S/2)
        x = up1.call(x, null); // (B, d, S, S)
        return new ModelOutput(outc.call(x)); // (B, 1, S, S)
    }

    /// <summary>
    /// The contrastive loss of the first stage, a scalar. A case whose report is missing takes no part; the loss of a
    /// batch without any report is 0.
    /// </summary>
    /// <param name="image">(B, 3, S, S) in 0 to 1.</param>
    /// <param name="text">(B, 8), a row with NaN for a missing report.</param>
    public override Tensor PretrainingLoss(Tensor image, Tensor text)
    {
        RequireShapes(image, text);
        using DisposeScope scope = NewDisposeScope();

        Tensor[] maps = encoder.call(image);
        Report report = Read(text);
        Tensor isKnown = text.isnan().any(1).logical_not(); // (B)
        Tensor areSame = ReportWords.AreSame(report.Numbers); // (B, B)

        Tensor whole = Unit(ofImage.call(maps[4].mean([2, 3])), 1); // (B, D)
        Tensor global = whole.matmul(Unit(report.Whole, 1).transpose(0, 1)) / T3; // (B, B), image by report
        Tensor local = Fit(ofRegion.call(maps[3]), report) / T3; // (B, B)
        Tensor loss = SoftContrast.Compute(global, areSame, isKnown) + SoftContrast.Compute(local, areSame, isKnown);
        return loss.MoveToOuterDisposeScope();
    }

    /// <summary>How well each image's regions match each report's words: Z, (B, B), image by report.</summary>
    /// <param name="regions">(B, D, h, w).</param>
    /// <param name="report">The reports of the batch, K = B of them with L places each.</param>
    private static Tensor Fit(Tensor regions, Report report)
    {
        Tensor v = Unit(regions.flatten(2), 1); // (B, D, R)
        Tensor t = Unit(report.Words, 2); // (K, L, D)
        Tensor products = einsum("kld,bdr->bklr", t, v);
        Tensor looks = (products / T1).softmax(-1); // a, (B, K, L, R)
        Tensor context = Unit(einsum("bklr,bdr->bkld", looks, v), 3); // c
        Tensor match = (context * t).sum(3) / T2; // (B, K, L)
        Tensor count = report.IsWord.sum(1).to(match.dtype); // (K)
        return T2 * (match.masked_fill(report.IsWord.logical_not().unsqueeze(0), Never).logsumexp(2) - count.log());
    }

    /// <summary>
    /// The mean of the words that a region attends to, weighted by how well they match: (B, D, h, w).
    /// </summary>
    /// <param name="regions">(B, D, h, w).</param>
    /// <param name="report">The reports, one an image.</param>
    private static Tensor WordsOfRegions(Tensor regions, Report report)
    {
        Tensor v = Unit(regions.flatten(2), 1); // (B, D, R)
        Tensor products = Unit(report.Words, 2).matmul(v); // (B, L, R)
        Tensor weights = (products / T1).masked_fill(report.IsWord.logical_not().unsqueeze(2), Never).softmax(1);
        return report.Words.transpose(1, 2).matmul(weights).reshape(regions.shape);
    }

    private static Tensor Unit(Tensor x, long dim) => functional.normalize(x, dim: dim);

    private Report Read(Tensor text)
    {
        Tensor numbers = ReportWords.Of(text); // (B, L)
        Tensor isWord = numbers.ge(0);
        Tensor embedded = words.call(numbers.clamp_min(0)) * isWord.unsqueeze(2); // (B, L, D)
        Tensor mean = embedded.sum(1) / isWord.sum(1, keepdim: true); // (B, D)
        return new Report(numbers, isWord, embedded, ofReport.call(mean));
    }

    /// <summary>The reports of a batch.</summary>
    /// <param name="Numbers">The words' numbers, (B, L).</param>
    /// <param name="IsWord">Whether a place holds a word, (B, L); one at least does.</param>
    /// <param name="Words">Their embeddings, zeros in an empty place, (B, L, D).</param>
    /// <param name="Whole">The reports' embeddings, (B, D).</param>
    private sealed record Report(Tensor Numbers, Tensor IsWord, Tensor Words, Tensor Whole);
}

/// <summary>
/// The settings of <see cref="GLoRIAModel"/>. The defaults are the published encoder and space, with a narrow decoder
/// and a small text encoder; the model says why.
/// </summary>
public sealed record GLoRIASettings : ModelSettings
{
    /// <summary>
    /// As wide and as large as published: width 64, decoder 16, embedding 768 at 224 x 224, 38,438,769 parameters.
    /// </summary>
    public static GLoRIASettings Published { get; } = new();

    /// <summary>
    /// Half as wide as published: width 32, decoder 8, embedding 384 at 224 x 224; 9,630,713 parameters.
    /// </summary>
    public static GLoRIASettings Half { get; } = new() { Width = 32, DecoderWidth = 8, EmbeddingSize = 384 };

    /// <summary>
    /// For a CPU and real images: width 12, decoder 4, embedding 96 at 112 x 112, as deep as published; 1.41 million
    /// parameters, C2FVL's has 1.36. The deepest map is 4 x 4.
    /// </summary>
    public static GLoRIASettings Small { get; } =
        new() { Width = 12, DecoderWidth = 4, EmbeddingSize = 96, ImageSize = 112 };

    /// <summary>
    /// For phantoms and tests: width 4, decoder 4, embedding 48 at 64 x 64, as deep as published; 0.32 million
    /// parameters, C2FVL's has 0.34.
    /// </summary>
    public static GLoRIASettings Tiny { get; } =
        new() { Width = 4, DecoderWidth = 4, EmbeddingSize = 48, ImageSize = 64 };

    public override string Name => "GLoRIA";

    [JsonIgnore]
    public override bool ReadsText => true;

    /// <summary>
    /// Channels of the encoder's first map, at least 1; the next have 4, 8, 16 and 32 times as many. The default is 64.
    /// </summary>
    public int Width { get; init; } = 64;

    /// <summary>
    /// Channels of the decoder's last map, at least 1; the maps before have 2, 4, 8 and 16 times as many. The default
    /// is 16.
    /// </summary>
    public int DecoderWidth { get; init; } = 16;

    /// <summary>Numbers in the space that images and words share, at least 1. The default is 768.</summary>
    public int EmbeddingSize { get; init; } = 768;

    public override SegmentationModel Create() => new GLoRIAModel(this);

    private protected override void RequireRanges()
    {
        Require(ImageSize >= 64 && ImageSize % 16 == 0, ImageSize,
            "at least 64 and a multiple of 16, as it is halved 4 times, and a fifth time rounded up");
    }
}

using System.Text.Json.Serialization;
using C2FVL.Models.Blocks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models;

/// <summary>
/// UCTransNet (Wang et al., "UCTransNet: Rethinking the Skip Connections in U-Net from a Channel-wise Perspective with
/// Transformer", AAAI 2022): the skips of a U-Net speak with each other through a channel-wise cross fusion
/// transformer (CCT), and in the decoder a channel-wise cross attention (CCA) weighs them.
/// <code>
/// image -> inc -> down1 -> down2 -> down3 -> down4           w, 2w, 4w, 8w, 8w channels at S to S/16
///           |       |        |        |        |
///         embed1  embed2   embed3   embed4     |             patches p, p/2, p/4, p/8: N tokens each
///           |_______|__ CCT __|_______|        |             layers of cross attention over channels
///           |       |        |        |        |
///         skip_i = Reconstruct(tokens_i) + map_i             tokens back to the map's size
///           |       |        |        |        |
/// up1 &lt;- up2 &lt;- up3 &lt;- up4 &lt;---- each: CCA(skip), joined with the map below, two convs
/// </code>
/// </summary>
/// <remarks>
/// Blocks, order and parameters are those of the paper's released implementation, at the published size. With it, this
/// departs from the paper's Eq. 5, which adds the MLP to CA_i alone: here, as in any pre-norm transformer, the tokens
/// go on beside attention and MLP. Dropout is on the embeddings and in the attention, none in the MLPs, which start by
/// Xavier's rule, as released; the other weights start as libtorch's layers do. All is trained at once, by the table's
/// loss, where the paper also tries a U-Net that was trained before. The smaller presets have fewer layers and heads,
/// see <see cref="UCTransNetSettings"/>.
/// </remarks>
public sealed class UCTransNetModel : UShapedModel<UCTransNetSettings>
{
    private readonly ModuleList<PatchEmbedding> embeddings;
    private readonly ModuleList<CrossFusionLayer> layers;
    private readonly ModuleList<LayerNorm> norms;
    private readonly ModuleList<Reconstruct> reconstruct;

    /// <exception cref="ArgumentException">A setting is out of its range; the message names it and the
    /// range.</exception>
    public UCTransNetModel(UCTransNetSettings settings)
        : base(settings, () => EncoderBlock.Levels(settings.Width))
    {
        long w = settings.Width;
        long[] channels = [w, 2 * w, 4 * w, 8 * w];
        long side = settings.ImageSize / settings.Patch;
        embeddings = ModuleList(
            [.. channels.Select((c, i) => new PatchEmbedding(c, settings.Patch >> i, side * side, settings.Dropout))]);
        layers = ModuleList([.. Enumerable.Range(0, settings.Layers).Select(_ => new CrossFusionLayer(
            channels, settings.Heads, settings.MlpRatio, settings.Dropout, settings.ReleasedMlp))]);
        norms = ModuleList([.. channels.Select(c => CrossFusionLayer.Norm(c))]);
        reconstruct = ModuleList([.. channels.Select(c => new Reconstruct(c))]);
        RegisterComponents();
        AddDecoder(w, new AttentiveUp(8 * w, 4 * w), new AttentiveUp(4 * w, 2 * w), new AttentiveUp(2 * w, w),
            new AttentiveUp(w, w));
    }

    /// <summary>The CCT: every skip enriched by all.</summary>
    private protected override Tensor[] Fused(Tensor[] maps)
    {
        Tensor[] tokens = [.. maps.Select((map, i) => embeddings[i].call(map))]; // (B, N, C_i)
        foreach (CrossFusionLayer layer in layers)
            tokens = layer.call(tokens);
        return [.. maps.Select((map, i) => reconstruct[i].call(norms[i].call(tokens[i]), map))];
    }

    /// <summary>
    /// One layer of the CCT, pre-norm: the tokens of all four scales, (B, N, C_i) each, to the same.
    /// <code>
    /// Q_i from T_i; K, V from T = [T_1, ..., T_4]                           Eq. 2
    /// CA_i = softmax(norm(Q_iᵀ K / √C)) Vᵀ, (C_i, C) (C, N), C = sum C_i    Eq. 3
    /// T_i = T_i + mean over heads of CA_i, projected;  T_i = T_i + MLP(T_i)  Eq. 4-5
    /// </code>
    /// Attention is over channels, not over places; the norm is an instance norm over each head's matrix.
    /// </summary>
    private sealed class CrossFusionLayer : Module<Tensor[], Tensor[]>
    {
        private readonly int heads;
        private readonly ModuleList<LayerNorm> queryNorms, mlpNorms;
        private readonly LayerNorm allNorm;
        private readonly ModuleList<Linear> queries, projections;
        private readonly Linear key, value;
        private readonly ModuleList<Sequential> mlps;
        private readonly QuickDropout dropout;

        public CrossFusionLayer(long[] channels, int heads, int mlpRatio, double dropout, bool releasedMlp)
            : base(nameof(CrossFusionLayer))
        {
            this.heads = heads;
            long all = channels.Sum();
            queryNorms = ModuleList([.. channels.Select(c => Norm(c))]);
            mlpNorms = ModuleList([.. channels.Select(c => Norm(c))]);
            allNorm = Norm(all);
            queries = ModuleList([.. channels.Select(c => Linear(c, heads * c, hasBias: false))]);
            key = Linear(all, heads * all, hasBias: false);
            value = Linear(all, heads * all, hasBias: false);
            projections = ModuleList([.. channels.Select(c => Linear(c, c, hasBias: false))]);
            double mlpDropout = releasedMlp ? 0 : dropout;
            mlps = ModuleList([.. channels.Select(c => Sequential(
                Linear(c, mlpRatio * c), GELU(), new QuickDropout(mlpDropout), Linear(mlpRatio * c, c),
                new QuickDropout(mlpDropout)))]);
            this.dropout = new QuickDropout(dropout);
            RegisterComponents();
            if (releasedMlp)
                Mlp.DrawAsReleased(mlps.SelectMany(mlp => mlp.children().OfType<Linear>()));
        }

        public static LayerNorm Norm(long channels) => LayerNorm(channels, eps: 1e-6);

        public override Tensor[] forward(Tensor[] tokens)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor all = allNorm.call(cat(tokens, 2)); // (B, N, C)
            long c = all.shape[2];
            Tensor keys = ByHead(key.call(all)); // (B, heads, N, C)
            Tensor values = ByHead(value.call(all)).transpose(2, 3); // (B, heads, C, N)

            var outputs = new Tensor[tokens.Length];
            for (int i = 0; i < tokens.Length; i++)
            {
                // (B, heads, C_i, N)
                Tensor query = ByHead(queries[i].call(queryNorms[i].call(tokens[i]))).transpose(2, 3);
                Tensor scores = functional.instance_norm(query.matmul(keys) / Math.Sqrt(c)); // (B, heads, C_i, C)
                Tensor attention = dropout.call(scores.softmax(-1));
                Tensor context = attention.matmul(values).mean([1]).transpose(1, 2); // (B, N, C_i)
                Tensor x = tokens[i] + dropout.call(projections[i].call(context));
                outputs[i] = (x + mlps[i].call(mlpNorms[i].call(x))).MoveToOuterDisposeScope();
            }

            return outputs;
        }

        /// <summary>(B, N, heads C) to (B, heads, N, C).</summary>
        private Tensor ByHead(Tensor x) => x.reshape(x.shape[0], x.shape[1], heads, x.shape[2] / heads).transpose(1, 2);
    }

    /// <summary>One level of the decoder: map (B, C, h, w) and skip (B, C, 2h, 2w) to (B, Out, 2h, 2w).</summary>
    private sealed class AttentiveUp(long channels, long outChannels) : Block<Tensor>(nameof(AttentiveUp))
    {
        private readonly Linear ofSkip = Linear(channels, channels);
        private readonly Linear ofMap = Linear(channels, channels);
        private readonly ConvPair convs = new(2 * channels, outChannels);

        protected override Tensor Compute(Tensor below, Tensor skip)
        {
            Tensor up = functional.interpolate(below, scale_factor: [2, 2], mode: InterpolationMode.Nearest);

            // CCA, Eq. 6-7: a weight in 0 to 1 for each channel of the skip, from the means of skip and map.
            Tensor weight = ((ofSkip.call(skip.mean([2, 3])) + ofMap.call(up.mean([2, 3]))) / 2).sigmoid(); // (B, C)
            Tensor weighed = (skip * weight.unsqueeze(-1).unsqueeze(-1)).relu_();
            return convs.call(cat([weighed, up], 1));
        }
    }
}

/// <summary>The settings of <see cref="UCTransNetModel"/>. The defaults are the published network.</summary>
public sealed record UCTransNetSettings : ModelSettings
{
    /// <summary>As published: width 64, 4 layers, 4 heads at 224 x 224, 66,430,657 parameters.</summary>
    public static UCTransNetSettings Published { get; } = new() { ReleasedMlp = true };

    /// <summary>Half as wide as published: width 32 at 224 x 224, 4 layers, 4 heads; 16,670,561 parameters.</summary>
    public static UCTransNetSettings Half { get; } = new() { Width = 32, ReleasedMlp = true };

    /// <summary>
    /// For a CPU and real images: width 16 at 112 x 112 and patch 8, so 196 tokens as published, but 1 layer of 2
    /// heads in place of 4 of 4, as most of the parameters are there; 1.4 million parameters, C2FVL's has 1.36.
    /// </summary>
    public static UCTransNetSettings Small { get; } =
        new() { Width = 16, Layers = 1, Heads = 2, Patch = 8, ImageSize = 112, ReleasedMlp = true };

    /// <summary>
    /// For phantoms and tests: width 8, 1 layer of 2 heads at 64 x 64, patch 8; 0.36 million parameters, C2FVL's has
    /// 0.34.
    /// </summary>
    public static UCTransNetSettings Tiny { get; } =
        new() { Width = 8, Layers = 1, Heads = 2, Patch = 8, ImageSize = 64, ReleasedMlp = true };

    public override string Name => "UCTransNet";

    /// <summary>
    /// Channels of the first level, at least 1; the levels below have 2, 4, 8 and 8 times as many. The default is 64.
    /// </summary>
    public int Width { get; init; } = 64;

    /// <summary>
    /// The patch at the first skip in pixels, halved at each further skip. A multiple of 8 that divides the image's
    /// side. The default is 16.
    /// </summary>
    public int Patch { get; init; } = 16;

    /// <summary>Layers of the channel-wise transformer, at least 1. The default is 4.</summary>
    public int Layers { get; init; } = 4;

    /// <summary>Heads of its cross attention, at least 1; each is as wide as the tokens. The default is 4.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>The MLP's hidden channels over its channels, at least 1. The default is 4.</summary>
    public int MlpRatio { get; init; } = 4;

    /// <summary>Dropout probability of embeddings and attention, 0 to below 1. The default is 0.1.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>
    /// Whether the MLP is the released one: no dropout, weights from Xavier's uniform. Without it the MLP has
    /// <see cref="Dropout"/> and starts as libtorch's layers do, as in this library's first results. All presets have
    /// it. The default is false, which an older spec means.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ReleasedMlp { get; init; }

    public override SegmentationModel Create() => new UCTransNetModel(this);

    private protected override void RequireRanges()
    {
        Require(Patch >= 8 && Patch % 8 == 0, Patch, "a positive multiple of 8, as it is halved three times");
        RequireHalvings(4);
        Require(ImageSize % Patch == 0 && ImageSize > Patch, ImageSize, $"above and a multiple of the patch, {Patch}");
        RequireProbability(Dropout);
    }
}

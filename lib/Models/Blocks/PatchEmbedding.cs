using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// Cuts a feature map into square patches and makes a token of each: (B, C, h, w) to (B, N, C) with
/// N = (h / patch)(w / patch). A learned position embedding, zeros at the start, is added.
/// </summary>
public sealed class PatchEmbedding : Module<Tensor, Tensor>
{
    private readonly Parameter position_embeddings;
    private readonly Conv2d patch_embeddings;
    private readonly Dropout dropout;

    /// <param name="channels">Channels of the map and of each token.</param>
    /// <param name="patch">The patch's side in pixels of the map.</param>
    /// <param name="tokens">How many tokens the map gives.</param>
    /// <param name="dropout">Probability, 0 to below 1.</param>
    public PatchEmbedding(long channels, long patch, long tokens, double dropout)
        : base(nameof(PatchEmbedding))
    {
        position_embeddings = Parameter(zeros(1, tokens, channels));
        patch_embeddings = Conv2d(channels, channels, kernel_size: patch, stride: patch);
        this.dropout = Dropout(dropout);
        RegisterComponents();
    }

    public override Tensor forward(Tensor map)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = patch_embeddings.call(map); // (B, C, h / patch, w / patch)
        x = x.flatten(2).transpose(1, 2); // (B, N, C), row by row
        return dropout.call(x + position_embeddings).MoveToOuterDisposeScope();
    }
}

using static TorchSharp.torch;

namespace C2FVL.Models;

/// <summary>What every segmentation model returns.</summary>
/// <param name="Logits">The mask before the sigmoid, shape (B, 1, S, S).</param>
public sealed record ModelOutput(Tensor Logits)
{
    /// <summary>The lesion's probability at each pixel, 0 to 1, shape (B, 1, S, S).</summary>
    public Tensor Probability => this.Logits.sigmoid();

    /// <summary>
    /// C2FVL's alignment maps of its VLAB layers 1 to 4, each (B, 1, h, w) at its layer's own size, before upsampling;
    /// empty for models without.
    /// </summary>
    public IReadOnlyList<Tensor> AlignmentMaps { get; init; } = [];

    /// <summary>
    /// Coarser mask logits for deep supervision, each (B, 1, h, w), finest first, the final one not among them; empty
    /// for models without and outside training.
    /// </summary>
    public IReadOnlyList<Tensor> DeepLogits { get; init; } = [];

    /// <summary>A loss term of the model's own (such as TGANet's label heads), a scalar that is added as it is; null for none.</summary>
    public Tensor? AuxiliaryLoss { get; init; }
}

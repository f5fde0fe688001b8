using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// Stochastic depth (Huang et al., ECCV 2016) for a residual branch, (B, N, C) to (B, N, C): in training each image's
/// branch is set to 0 with the given probability, and the others are divided by what is left of it, so that the mean
/// stays. Outside training it does nothing.
/// </summary>
public sealed class DropPath : Module<Tensor, Tensor>
{
    private readonly double probability;

    /// <param name="probability">From 0 to below 1.</param>
    public DropPath(double probability)
        : base(nameof(DropPath)) => this.probability = probability;

    public override Tensor forward(Tensor branch)
    {
        if (!training || probability == 0)
            return branch;

        using DisposeScope scope = NewDisposeScope();
        Tensor kept = functional.dropout(ones(branch.shape[0], 1, 1, branch.dtype, branch.device), probability, training: true); // 0 or 1 / (1 - p)
        return (branch * kept).MoveToOuterDisposeScope();
    }
}

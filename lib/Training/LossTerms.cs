using static TorchSharp.torch;

namespace C2FVL.Training;

/// <summary>The loss of one batch and what it is made of, scalars all.</summary>
/// <param name="Total">What is minimised: the weighted terms, deep supervision and the model's own loss included.</param>
/// <param name="Dice">The Dice loss of the final mask, 0 to 1, before its weight.</param>
/// <param name="Bce">The weighted cross entropy of the final mask, before its weight.</param>
/// <param name="Cosine">The cosine loss with alpha, beta and gamma in it; 0 where there is none.</param>
public sealed record LossTerms(Tensor Total, Tensor Dice, Tensor Bce, Tensor Cosine);

using TorchSharp;

namespace C2FVL.Data;

/// <summary>What a training or scoring step takes. The owner disposes it.</summary>
/// <param name="Image">Shape (B, 3, S, S), float32, 0 to 1, three equal channels.</param>
/// <param name="Mask">Shape (B, 1, S, S), float32, 0 or 1.</param>
/// <param name="Text">Shape (B, 8), float32; a row of NaN is a missing report.</param>
/// <param name="Cases">The B cases, in the order of the rows.</param>
public sealed record Batch(torch.Tensor Image, torch.Tensor Mask, torch.Tensor Text, IReadOnlyList<Case> Cases) : IDisposable
{
    public void Dispose()
    {
        this.Image.Dispose();
        this.Mask.Dispose();
        this.Text.Dispose();
    }
}

using static TorchSharp.torch;

namespace C2FVL.Tests.Support;

/// <summary>Tensors compared value by value, without tolerance.</summary>
public static class Bits
{
    /// <summary>Whether shapes and all values are equal.</summary>
    public static bool AreEqual(Tensor a, Tensor b) => a.shape.SequenceEqual(b.shape) && a.eq(b).all().item<bool>();
}

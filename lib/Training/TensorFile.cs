using static TorchSharp.torch;

namespace C2FVL.Training;

/// <summary>What a safetensors file holds. The owner disposes it, and the tensors with it.</summary>
/// <param name="Tensors">By name, on the CPU.</param>
/// <param name="Metadata">Free text by key; empty where the file has none.</param>
public sealed record TensorFile(IReadOnlyDictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata) : IDisposable
{
    public void Dispose()
    {
        foreach (Tensor tensor in Tensors.Values)
            tensor.Dispose();
    }
}

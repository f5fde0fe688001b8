using C2FVL.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace C2FVL.Training;

/// <summary>The numbers that a training step computes in.</summary>
public enum Precision
{
    /// <summary>32 bits everywhere.</summary>
    Float32,

    /// <summary>
    /// Maps, convolutions and linear layers in bfloat16; weights, norms, loss and optimiser in 32 bits, but for layer
    /// norms on a GPU. Validation and scores are in 32 bits.
    /// </summary>
    BFloat16,
}

/// <summary>
/// A copy of a model in bfloat16, which computes the training steps of the model: forward and backward pass run in the
/// copy, the optimiser steps the model's own 32-bit weights, and the copy takes them over. This is the mixed precision
/// of Micikevicius et al., ICLR 2018, without loss scaling: bfloat16 has the exponent range of 32 bits.
/// </summary>
internal sealed class BFloat16Copy : IDisposable
{
    private readonly SegmentationModel copy;
    private readonly (Tensor Own, Tensor Copied)[] entries;

    /// <param name="model">The model, on its device.</param>
    /// <param name="copy">Another of the same settings; it is moved and converted, and disposed with this
    /// object.</param>
    /// <param name="device">The model's device.</param>
    public BFloat16Copy(SegmentationModel model, SegmentationModel copy, Device device)
    {
        this.copy = copy;
        copy.to(device);
        copy.to(ScalarType.BFloat16);
        foreach (nn.Module norm in copy.modules().Where(module => StaysWide(module, device)))
            norm.to(ScalarType.Float32);
        Dictionary<string, Tensor> copied = copy.state_dict();
        entries = [.. model.state_dict().Select(entry => (entry.Value, copied[entry.Key]))];
        TakeWeights();
    }

    /// <summary>The copy's output for a batch, in 32 bits, by a forward pass in training mode.</summary>
    /// <param name="image">(B, 3, S, S) in 32 bits.</param>
    /// <param name="text">(B, 8) in 32 bits.</param>
    public ModelOutput Call(Tensor image, Tensor text)
    {
        copy.train();
        return copy.call(image.to(ScalarType.BFloat16), text.to(ScalarType.BFloat16))
            .Select(tensor => tensor.to(ScalarType.Float32));
    }

    /// <summary>Gives the copy's gradients and the statistics of its norms to the model.</summary>
    public void GiveGradients()
    {
        using IDisposable noGradient = no_grad();
        foreach ((Tensor own, Tensor copied) in entries)
        {
            using Tensor? gradient = copied.grad, before = own.grad;
            if (own is not Parameter)
                own.copy_(copied);
            else if (before is null)
                own.grad = gradient?.to(own.dtype);
            else if (gradient is not null)
                before.copy_(gradient); // a view of the optimizer's long tensor
        }

        copy.zero_grad();
    }

    /// <summary>
    /// Takes the model's weights and statistics over; called after a step and where they came from a file.
    /// </summary>
    public void TakeWeights()
    {
        using IDisposable noGradient = no_grad();
        foreach ((Tensor own, Tensor copied) in entries)
            copied.copy_(own);
    }

    public void Dispose() => copy.Dispose();

    /// <summary>
    /// Norms stay in 32 bits. On a GPU libtorch has no layer norm of weights in 32 bits and maps in bfloat16, so there
    /// its weights are rounded; it computes in 32 bits all the same.
    /// </summary>
    private static bool StaysWide(nn.Module module, Device device) =>
        module is BatchNorm1d or BatchNorm2d or GroupNorm or InstanceNorm2d
        || (module is LayerNorm && device.type == DeviceType.CPU);
}

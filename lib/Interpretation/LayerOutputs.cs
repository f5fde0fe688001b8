using C2FVL.Models;
using C2FVL.Platform;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Interpretation;

/// <summary>What every layer of a model gave for one batch, by the layer's name in <c>named_modules()</c>.</summary>
public sealed class LayerOutputs : IDisposable
{
    private readonly Dictionary<string, Tensor> outputs = [];

    private LayerOutputs()
    {
    }

    /// <summary>
    /// Copies without gradient, on the model's device; layers that give no single tensor are not among them.
    /// </summary>
    public IReadOnlyDictionary<string, Tensor> ByName => outputs;

    /// <summary>Calls the model once, in the mode it is in, and keeps what its layers give.</summary>
    /// <param name="model">The model; it is not changed.</param>
    /// <param name="image">(B, 3, S, S).</param>
    /// <param name="text">(B, 8).</param>
    public static LayerOutputs Record(SegmentationModel model, Tensor image, Tensor text)
    {
        var record = new LayerOutputs();
        Action[] removals = [
            .. model.named_modules().Select(layer => LayerHook.Register(
                layer.module, output => record.Keep(layer.name, output))).OfType<Action>()];
        try
        {
            using (FastPaths.SwitchOff()) // they pass over layers: a folded norm is not called
            using (no_grad())
            using (NewDisposeScope())
                model.call(image, text);
            return record;
        }
        finally
        {
            foreach (Action remove in removals)
                remove();
        }
    }

    public void Dispose()
    {
        foreach (Tensor output in outputs.Values)
            output.Dispose();
        outputs.Clear();
    }

    /// <summary>A copy, for later layers may work in place.</summary>
    private Tensor Keep(string name, Tensor output)
    {
        if (outputs.Remove(name, out Tensor? earlier))
            earlier.Dispose();
        outputs[name] = output.detach().clone().DetachFromDisposeScope();
        return output;
    }
}

using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Interpretation;

/// <summary>Sits behind a layer, sees what it gives at each <c>call</c>, and may hand on something else.</summary>
internal static class LayerHook
{
    /// <summary>Begins to listen to a layer of one, two or three inputs, which are all that the systems have.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="onOutput">Takes the output and returns what the model goes on with.</param>
    /// <returns>What takes the hook away again; null where the layer gives no single tensor.</returns>
    public static Action? Register(Module layer, Func<Tensor, Tensor> onOutput) => layer switch
    {
        Module<Tensor, Tensor> one => one.register_forward_hook((_, _, output) => onOutput(output)).remove,
        Module<Tensor, Tensor, Tensor> two => two.register_forward_hook((_, _, _, output) => onOutput(output)).remove,
        Module<Tensor, Tensor, Tensor, Tensor> three => three.register_forward_hook((_, _, _, _, output) => onOutput(output)).remove,
        _ => null,
    };
}

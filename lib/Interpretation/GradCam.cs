using C2FVL.Models;
using C2FVL.Platform;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Interpretation;

/// <summary>
/// Class activation maps of a segmentation network. A classifier has one score to explain; a segmentation network has
/// one per pixel, so the score is their sum over a pixel set M, before the sigmoid (Seg-Grad-CAM: Vinogradova, Dibrov
/// and Myers, "Towards Interpretable Semantic Segmentation via Gradient-Weighted Class Activation Mapping", AAAI 2020):
/// <code>
/// y = sum over p in M of logit_p
/// G = dy/dA for a layer's output A, and from A and G the CAM by the formula of the method, see <see cref="CamMethod"/>
/// </code>
/// </summary>
public static class GradCam
{
    /// <summary>The CAMs of a batch, for several layers in one forward and one backward pass.</summary>
    /// <remarks>
    /// The model runs in evaluation mode. Afterwards each module's mode, all gradients and the running statistics are
    /// as before. Cases of a batch do not mix. If the pixel set is empty, there is nothing to explain, and the case's
    /// maps are 0 everywhere.
    /// </remarks>
    /// <param name="model">The model, on any device.</param>
    /// <param name="image">(B, 3, S, S), on the model's device, as the next two.</param>
    /// <param name="text">(B, 8).</param>
    /// <param name="mask">The annotated lesion, (B, 1, S, S), 0 or 1; needed only for
    /// <see cref="CamPixels.TrueLesion"/>.</param>
    /// <param name="settings">Layers, method and pixel set; null for the defaults.</param>
    /// <returns>The maps, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">
    /// A layer is unknown, returns no map or does not lead to the mask, the pixel set needs a mask and there is none,
    /// the image has NaN, or <c>torch.inference_mode</c> forbids gradients.
    /// </exception>
    public static CamMaps Explain(
        SegmentationModel model, Tensor image, Tensor text, Tensor? mask = null, CamSettings? settings = null)
    {
        using IDisposable pause = CollectorPause.Begin();
        settings ??= new CamSettings();
        string[] layers = [.. (settings.Layers ?? model.CamLayers).Distinct()];
        if (settings.Pixels == CamPixels.TrueLesion && mask is null)
            throw new ArgumentException(
                "A CAM of the true lesion needs the mask. Pass it, or choose the predicted lesion.");

        if (is_inference_mode_enabled())
            throw new ArgumentException(
                "Grad-CAM needs gradients, and torch.inference_mode forbids them. Call it outside that block; "
                    + "torch.no_grad is allowed.");

        var outputs = new Dictionary<string, Tensor>();
        var removals = new List<Action>();
        (Module Module, bool Training)[] modes = [.. model.modules().Prepend(model).Select(m => (m, m.training))];
        try
        {
            Dictionary<string, Module> modules = model.named_modules().ToDictionary(m => m.name, m => m.module);
            foreach (string layer in layers)
                removals.Add(Listen(model, modules, layer, outputs));
            model.eval();
            using IDisposable gradient = enable_grad();
            using DisposeScope scope = NewDisposeScope();
            if (!image.isfinite().all().ToBoolean()) // a text of NaN is a missing report
                throw new ArgumentException(
                    "The image has NaN or infinite values, so its CAM would be NaN. Find out where they come from.");
            return Explain(model, image, text, mask, settings, layers, outputs);
        }
        finally
        {
            removals.ForEach(remove => remove());
            foreach (Tensor output in outputs.Values)
                output.Dispose();

            // Parents come first, and train() goes down to the children, whose own turn comes later.
            foreach ((Module module, bool training) in modes.Where(mode => mode.Module.training != mode.Training))
                module.train(training);
        }
    }

    private static CamMaps Explain(
        SegmentationModel model, Tensor image, Tensor text, Tensor? mask, CamSettings settings, string[] layers,
        Dictionary<string, Tensor> outputs)
    {
        Tensor logits = model.call(image, text).Logits; // (B, 1, S, S)
        // (B, 1, S, S)
        Tensor pixels = settings.Pixels == CamPixels.TrueLesion ? mask! >= 0.5 : logits.detach().sigmoid() >= 0.5;
        Tensor score = (logits * pixels).sum(); // of all cases: none depends on another's layers
        if (layers.FirstOrDefault(layer => !outputs.ContainsKey(layer)) is string silent)
            throw Fault(model, $"The layer {silent} is not called in evaluation mode");

        IList<Tensor> gradients = score.requires_grad
            ? autograd.grad([score], [.. layers.Select(layer => outputs[layer])], allow_unused: true)
            : [.. layers.Select(_ => (Tensor)null!)];
        var maps = new Dictionary<string, Tensor>();
        foreach ((string layer, Tensor? gradient) in layers.Zip(gradients))
        {
            if (gradient is null || gradient.IsInvalid)
                throw Fault(model, $"The layer {layer} does not lead to the mask");
            Tensor output = outputs[layer].detach();
            // (B, h, w)
            maps[layer] = CamFormula.Map(
                settings.Method, CamFormula.AsMap(output, layer), CamFormula.AsMap(gradient.detach(), layer));
        }

        return new CamMaps(layers, maps, logits.detach(), pixels);
    }

    /// <summary>
    /// Keeps the layer's first output. The model continues with a copy, because later layers may work in place. The
    /// copy is part of the graph, so the gradient of the kept tensor is that of the layer's output.
    /// </summary>
    private static Action Listen(
        SegmentationModel model, Dictionary<string, Module> modules, string layer, Dictionary<string, Tensor> outputs)
    {
        if (!modules.TryGetValue(layer, out Module? module))
            throw Fault(model, $"There is no layer {layer}");
        return LayerHook.Register(module, Keep)
            ?? throw Fault(model, $"The layer {layer} does not return a single tensor; choose a layer inside it");

        Tensor Keep(Tensor output)
        {
            if (outputs.ContainsKey(layer))
                return output;

            // With frozen weights no gradient would reach the layer, so that its output begins the graph.
            Tensor kept = output.requires_grad ? output.clone() : output.detach().clone().requires_grad_();
            outputs[layer] = kept.DetachFromDisposeScope();
            return kept.clone();
        }
    }

    private static ArgumentException Fault(SegmentationModel model, string what) =>
        new($"{what} in {model.GetName()}. Layers made for CAMs: {string.Join(", ", model.CamLayers)}.");
}

/// <summary>A hook that sees a layer's output at each <c>call</c> and may replace it.</summary>
internal static class LayerHook
{
    /// <summary>Adds a hook to a layer of one, two or three inputs. No method's layer has more.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="onOutput">Receives the output and returns the tensor with which the model continues.</param>
    /// <returns>Dispose it to remove the hook; null if the layer does not return a single tensor.</returns>
    public static Action? Register(Module layer, Func<Tensor, Tensor> onOutput) => layer switch
    {
        Module<Tensor, Tensor> one => one.register_forward_hook((_, _, output) => onOutput(output)).remove,
        Module<Tensor, Tensor, Tensor> two => two.register_forward_hook((_, _, _, output) => onOutput(output)).remove,
        Module<Tensor, Tensor, Tensor, Tensor> three =>
            three.register_forward_hook((_, _, _, _, output) => onOutput(output)).remove,
        _ => null,
    };
}

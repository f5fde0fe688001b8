using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Models;

/// <summary>
/// C2FVL's fast paths against the same network as the papers write it: outputs, alignment maps, gradients and the
/// norms' statistics. An error is the largest difference over the largest reference value.
/// </summary>
public sealed class C2FVLFastPathTests
{
    public static TheoryData<ScalarType, bool, bool, bool> Cases { get; } = new(
        from type in new[] { ScalarType.Float64, ScalarType.Float32 }
        from training in new[] { true, false }
        from parts in new[] { (true, true), (true, false), (false, true) }
        select (type, training, parts.Item1, parts.Item2));

    [Theory]
    [MemberData(nameof(Cases))]
    public void TheyGiveThePlainNetworksOutputsGradientsAndStatistics(
        ScalarType type, bool training, bool useViT, bool useVlab)
    {
        using DisposeScope scope = NewDisposeScope();
        C2FVLSettings settings = C2FVLSettings.Tiny with { Dropout = 0, UseViT = useViT, UseVlab = useVlab };
        Dictionary<string, Tensor> fast = Step(settings, type, training), plain;
        using (FastPaths.SwitchOff())
            plain = Step(settings, type, training);

        bool isDouble = type == ScalarType.Float64;
        Assert.Equal(plain.Keys.Order(), fast.Keys.Order());
        string[] wrong = [.. plain.Keys
            .Select(name => (Name: name, Error: Error(fast[name], plain[name]), Allowed: Allowed(name, isDouble)))
            .Where(e => !(e.Error <= e.Allowed))
            .Select(e => FormattableString.Invariant($"{e.Name}: off by {e.Error:e1}, allowed {e.Allowed:e1}"))];
        Assert.True(wrong.Length == 0, string.Join("\n", wrong));
    }

    private static double Allowed(string name, bool isDouble) =>
        name.StartsWith("gradient ", StringComparison.Ordinal) ? (isDouble ? 1e-8 : 5e-3) : isDouble ? 1e-10 : 1e-5;

    /// <summary>What a training step or an evaluation with gradients gives, by name.</summary>
    private static Dictionary<string, Tensor> Step(C2FVLSettings settings, ScalarType type, bool training)
    {
        var random = new Generator(7);
        using var model = new C2FVLModel(settings);
        using (no_grad())
        {
            // Norms with statistics and weights that matter, the same in both networks.
            foreach ((string name, Tensor value) in model.state_dict().Where(s => s.Value.is_floating_point()))
            {
                bool isPositive = name.EndsWith("running_var", StringComparison.Ordinal);
                double spread = value.dim() > 1 ? Math.Sqrt(1.0 / value[0].numel()) : 0.5;
                Tensor drawn = randn(value.shape, generator: random) * spread;
                value.copy_(isPositive ? drawn.abs() + 0.5 : drawn);
            }
        }

        model.to(type);
        model.train(training);
        int side = settings.ImageSize;
        Tensor image = rand([2, 3, side, side], generator: random).to(type);
        Tensor text = tensor(new float[] { 1, 2, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0, 0, 1, 0, 1 }, [2, 8]).to(type);
        Tensor mask = (rand([2, 1, side, side], generator: random) > 0.7).to(type);

        ModelOutput output = model.call(image, text);
        var loss = new SegmentationLoss(new LossSettings { Cosine = CosineAlignment.Up });
        LossTerms terms = loss.Compute(output, mask);
        terms.Total.backward();

        var seen = new Dictionary<string, Tensor> { ["logits"] = output.Logits, ["loss"] = terms.Total };
        for (int i = 0; i < output.AlignmentMaps.Count; i++)
            seen[$"alignment {i + 1}"] = output.AlignmentMaps[i];
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in model.named_parameters())
        {
            // A norm takes the mean away, so the bias before it has no gradient but rounding.
            if (!(training && name.EndsWith("conv.bias", StringComparison.Ordinal)))
                seen["gradient " + name] = parameter.grad!;
        }

        foreach ((string name, Tensor buffer) in model.named_buffers())
            seen["state " + name] = buffer;
        return seen.ToDictionary(s => s.Key, s => s.Value.detach().to(ScalarType.Float64, copy: true));
    }

    private static double Error(Tensor actual, Tensor expected)
    {
        double scale = expected.abs().max().item<double>();
        return (actual - expected).abs().max().item<double>() / (scale == 0 ? 1 : scale);
    }
}

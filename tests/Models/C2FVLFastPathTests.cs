using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Tests.Support;
using C2FVL.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Models;

/// <summary>
/// C2FVL's fast paths against the same network as the papers write it: outputs, alignment maps, gradients and the
/// norms' statistics. An error is the largest difference over the largest reference value.
/// </summary>
/// <remarks>
/// Gradients of a training step are compared in float64 alone. In float32 rounding makes values near zero change sides
/// at a ReLU: the plain network itself is then up to 2e-2 from its float64 gradients.
/// </remarks>
[Collection(nameof(SeededTorch))]
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
            .Where(name => isDouble || !training || !name.StartsWith("gradient ", StringComparison.Ordinal))
            .Select(name => (Name: name, Error: Error(fast[name], plain[name]), Allowed: Allowed(name, isDouble, training)))
            .Where(e => !(e.Error <= e.Allowed))
            .Select(e => FormattableString.Invariant($"{e.Name}: off by {e.Error:e1}, allowed {e.Allowed:e1}"))];
        Assert.True(wrong.Length == 0, string.Join("\n", wrong));
    }

    /// <summary>Scoring and predicting fold batch norm into the convolutions and leave the weights as they are.</summary>
    [Theory]
    [InlineData(ScalarType.Float64, true, 1e-10)]
    [InlineData(ScalarType.Float64, false, 1e-10)]
    [InlineData(ScalarType.Float32, true, 1e-5)]
    public void WithoutGradientsTheFoldedNetworkGivesThePlainOutputs(ScalarType type, bool useVlab, double allowed)
    {
        using DisposeScope scope = NewDisposeScope();
        using var model = new C2FVLModel(C2FVLSettings.Tiny with { UseVlab = useVlab });
        var random = new Generator(3);
        Draw(model, random);
        model.to(type);
        model.eval();
        Tensor image = rand([3, 3, 64, 64], generator: random).to(type), text = ones(3, 8, dtype: type);
        Dictionary<string, Tensor> before = model.state_dict().ToDictionary(s => s.Key, s => s.Value.clone());

        Tensor plain, folded, withGradients = model.call(image, text).Logits;
        using (no_grad())
        {
            folded = model.call(image, text).Logits;
            using (FastPaths.SwitchOff())
                plain = model.call(image, text).Logits;
        }

        Assert.False(folded.requires_grad);
        Assert.True(Error(folded, plain) <= allowed, $"folded: off by {Error(folded, plain):e1}");
        Assert.True(Error(withGradients, plain) <= allowed, $"unfolded: off by {Error(withGradients, plain):e1}");
        Assert.All(model.state_dict(), s => Assert.True(s.Value.Equals(before[s.Key]), s.Key));
        if (type == ScalarType.Float64)
            Assert.NotEqual(0, Error(folded, withGradients)); // two ways, else nothing was folded
    }

    private static double Allowed(string name, bool isDouble, bool training) => name.StartsWith("gradient ", StringComparison.Ordinal)
        ? (isDouble ? 1e-8 : 5e-3)
        : isDouble ? 1e-10 : training ? 1e-4 : 1e-5;

    /// <summary>What a training step or an evaluation with gradients gives, by name.</summary>
    private static Dictionary<string, Tensor> Step(C2FVLSettings settings, ScalarType type, bool training)
    {
        var random = new Generator(7);
        using var model = new C2FVLModel(settings);
        Draw(model, random);
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

    /// <summary>Norms with statistics and weights that matter, and the same for the same seed.</summary>
    private static void Draw(C2FVLModel model, Generator random)
    {
        using IDisposable noGradient = no_grad();
        foreach ((string name, Tensor value) in model.state_dict().Where(s => s.Value.is_floating_point()))
        {
            bool isPositive = name.EndsWith("running_var", StringComparison.Ordinal);
            double spread = value.dim() > 1 ? Math.Sqrt(1.0 / value[0].numel()) : 0.5;
            Tensor drawn = randn(value.shape, generator: random) * spread;
            value.copy_(isPositive ? drawn.abs() + 0.5 : drawn);
        }
    }

    private static double Error(Tensor actual, Tensor expected)
    {
        double scale = expected.abs().max().ToDouble();
        return (actual - expected).abs().max().ToDouble() / (scale == 0 ? 1 : scale);
    }
}

using C2FVL.Platform;
using C2FVL.Tests.Support;
using C2FVL.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Tests.Training;

/// <summary>The optimizer on long tensors against TorchSharp's own on each parameter: the same bits.</summary>
[Collection(nameof(SeededTorch))]
public sealed class FlatOptimizerTests
{
    private const double Rate = 0.01;

    public static TheoryData<string> Kinds { get; } = ["Adam", "AdamW", "SGD", "Nesterov"];

    /// <summary>
    /// The second of the three layers has no gradient in steps 3 and 4, and the bias of none but step 6: that counts as
    /// a gradient of zeros. The gaps between tensors on a GPU change nothing.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void ItStepsAsTheOwnOfEachParameter(string kind)
    {
        using DisposeScope scope = NewDisposeScope();
        using Sequential own = Layers(), flat = Layers(), spaced = Layers(), plain = Layers();
        using OptimizerHelper expected = Create(kind, own.parameters());
        using FlatWeights weights = new(flat), spacedWeights = new(spaced, multiple: 64), plainWeights = new(plain);
        Assert.All(spacedWeights.Groups.SelectMany(group => group.Entries), entry => Assert.Equal(0, entry.Start % 64));
        using var optimizer = new FlatOptimizer(weights, parameters => Create(kind, parameters));
        using var spacedOptimizer = new FlatOptimizer(spacedWeights, parameters => Create(kind, parameters));
        using FlatOptimizer byParameter = ByParameter(plainWeights, kind);
        for (int step = 0; step < 8; step++)
        {
            Backward(own, step);
            foreach (optim.ILearningRateController group in expected.ParamGroups)
                group.LearningRate = Rate / (step + 1);
            expected.step();
            ClearGradients(own);
            (Sequential, FlatOptimizer)[] all = [(flat, optimizer), (spaced, spacedOptimizer), (plain, byParameter)];
            foreach ((Sequential model, FlatOptimizer tested) in all)
            {
                tested.ZeroGrad();
                Backward(model, step);
                tested.Step(Rate / (step + 1), clip: null);
                RequireSameBits(own, model);
            }
        }

        static FlatOptimizer ByParameter(FlatWeights weights, string kind)
        {
            using IDisposable off = FastPaths.SwitchOff();
            return new FlatOptimizer(weights, parameters => Create(kind, parameters));
        }
    }

    /// <summary>A run that was killed ends with the same bits.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void ItGoesOnFromItsState(string kind)
    {
        using DisposeScope scope = NewDisposeScope();
        using Sequential whole = Layers(), resumed = Layers();
        using FlatWeights weights = new(whole), others = new(resumed);
        using var first = new FlatOptimizer(weights, parameters => Create(kind, parameters));
        Train(whole, first, 0, 4);
        using var second = new FlatOptimizer(others, parameters => Create(kind, parameters));
        resumed.load_state_dict(whole.state_dict());
        using (var reader = new BinaryReader(new MemoryStream(Bytes(first.Inner))))
            second.Inner.load_state_dict(reader);
        Train(whole, first, 4, 8);
        Train(resumed, second, 4, 8);
        RequireSameBits(whole, resumed);

        static void Train(Sequential model, FlatOptimizer optimizer, int from, int to)
        {
            for (int step = from; step < to; step++)
            {
                optimizer.ZeroGrad();
                Backward(model, step);
                optimizer.Step(Rate, clip: null);
            }
        }
    }

    [Fact]
    public void GradientsAreClippedToTheirNormTogether()
    {
        using DisposeScope scope = NewDisposeScope();
        using Sequential own = Layers(), flat = Layers();
        using OptimizerHelper expected = Create("SGD", own.parameters());
        using var weights = new FlatWeights(flat);
        using var optimizer = new FlatOptimizer(weights, parameters => Create("SGD", parameters));
        foreach (double clip in (double[])[0.01, 1e6])
        {
            optimizer.ZeroGrad();
            Backward(own, 0);
            Backward(flat, 0);
            nn.utils.clip_grad_norm_(own.parameters(), clip);
            expected.step();
            optimizer.Step(Rate, clip);
            RequireSameBits(own, flat);
            ClearGradients(own);
        }
    }

    /// <summary>Weights that are loaded or set later reach the long tensor, and its changes the model.</summary>
    [Fact]
    public void TheModelAndTheLongTensorsHaveOneMemory()
    {
        using DisposeScope scope = NewDisposeScope();
        using Sequential model = Layers();
        Dictionary<string, Tensor> before = model.state_dict().ToDictionary(e => e.Key, e => e.Value.clone());
        using var weights = new FlatWeights(model);
        Assert.All(model.state_dict(), entry => Assert.True(Bits.AreEqual(before[entry.Key], entry.Value), entry.Key));
        Assert.Equal(3, weights.Groups.Count); // trained, statistics, counts
        using (no_grad())
        {
            foreach (FlatGroup group in weights.Groups)
                group.Values.fill_(3);
        }

        Assert.All(model.state_dict(), entry => Assert.Equal(3, entry.Value.to(ScalarType.Float64).mean().ToDouble()));
        Assert.All(model.parameters(), parameter => Assert.True(parameter.requires_grad && parameter.is_leaf));
        model.load_state_dict(before);
        Assert.All(
            weights.Groups.SelectMany(group => group.Entries.Select(entry => (entry, group))),
            e => Assert.True(Bits.AreEqual(before[e.entry.Name], e.entry.In(e.group.Values)), e.entry.Name));
    }

    private static void ClearGradients(Module module)
    {
        foreach (Parameter parameter in module.parameters())
            parameter.grad = null;
    }

    private static Sequential Layers()
    {
        manual_seed(5);
        return Sequential(
            Conv2d(3, 7, 3L), BatchNorm2d(7), Conv2d(7, 5, 3L, bias: false), BatchNorm2d(5), Conv2d(5, 1, 1L));
    }

    /// <summary>The gradients of a step.</summary>
    private static void Backward(Sequential model, int step)
    {
        manual_seed(100 + step);
        model.call(rand(2, 3, 9, 9)).square().sum().backward();
        Parameter[] parameters = [.. model.parameters()];
        using IDisposable noGradient = no_grad();
        foreach (Parameter parameter in parameters)
            parameter.grad!.add_(randn(parameter.shape));
        if (step is 3 or 4)
            parameters[4].grad!.zero_();
        if (step != 6)
            parameters[^1].grad!.zero_();
    }

    private static OptimizerHelper Create(string kind, IEnumerable<Parameter> parameters) => kind switch
    {
        "Adam" => optim.Adam(parameters, Rate, weight_decay: 0.1),
        "AdamW" => optim.AdamW(parameters, Rate, weight_decay: 0.1),
        "SGD" => optim.SGD(parameters, Rate, momentum: 0.9, weight_decay: 0.1),
        _ => optim.SGD(parameters, Rate, momentum: 0.99, weight_decay: 0.1, nesterov: true),
    };

    private static byte[] Bytes(OptimizerHelper optimizer)
    {
        using var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(bytes, System.Text.Encoding.UTF8, leaveOpen: true))
            optimizer.save_state_dict(writer);
        return bytes.ToArray();
    }

    private static void RequireSameBits(Sequential expected, Sequential actual)
    {
        foreach ((string name, Parameter parameter) in expected.named_parameters())
            Assert.True(Bits.AreEqual(parameter, actual.get_parameter(name)!), name);
    }
}

using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Tests.Support;
using C2FVL.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Models;

[Collection(nameof(SeededTorch))]
public sealed class C2FVLModelTests
{
    [Theory]
    [InlineData(8, 32, 8)]
    [InlineData(8, 64, 16)]
    [InlineData(16, 112, 8)]
    [InlineData(8, 48, 48)]
    public void OutputsHaveTheSizesOfTheirLayers(int width, int side, int patch)
    {
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = new C2FVLModel(new C2FVLSettings { Width = width, ImageSize = side, Patch = patch });

        ModelOutput output = model.call(rand(2, 3, side, side), ones(2, 8));

        Assert.Equal([2, 1, side, side], output.Logits.shape);
        Assert.Equal([side, side / 2, side / 4, side / 8], output.AlignmentMaps.Select(m => (int)m.shape[3]));
        Assert.All(output.AlignmentMaps, m => Assert.Equal([2, 1, m.shape[2], m.shape[2]], m.shape));
    }

    [Theory]
    [InlineData(true, C2FVLText.AllSkips, true)]
    [InlineData(false, C2FVLText.None, false)]
    [InlineData(true, C2FVLText.FirstSkip, false)]
    [InlineData(false, C2FVLText.AllSkips, true)]
    public void GradientReachesEveryParameterOfEveryAblation(bool useVit, C2FVLText text, bool useVlab)
    {
        using DisposeScope scope = NewDisposeScope();
        using C2FVLModel model = Tiny(3, C2FVLSettings.Tiny with { UseViT = useVit, Text = text, UseVlab = useVlab });

        LossTerms terms = Loss(model.call(Image(2), Reports()));
        terms.Total.backward();

        string[] unreached = [.. model.named_parameters()
            .Where(p => p.parameter.grad is null || (!p.name.EndsWith("conv.bias") && p.parameter.grad.abs().sum().item<float>() == 0))
            .Select(p => p.name)];
        Assert.Empty(unreached);
        Assert.Equal(useVlab ? 4 : 0, model.call(Image(2), Reports()).AlignmentMaps.Count);
        Assert.Equal(text != C2FVLText.None, model.UsesText);
    }

    [Fact]
    public void MissingReportEqualsOnesAndOnlyInItsRow()
    {
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        using C2FVLModel model = Tiny(1);
        model.eval();
        Tensor image = Image(2);
        Tensor text = Reports();
        Tensor missing = text.clone(), known = text.clone();
        missing[1] = float.NaN;
        known[1] = 1;

        Assert.Equal(model.call(image, known).Logits.data<float>(), model.call(image, missing).Logits.data<float>());
        Assert.NotEqual(model.call(image, text).Logits.data<float>(), model.call(image, missing).Logits.data<float>());
    }

    [Fact]
    public void WithoutTextTheReportIsNotRead()
    {
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        using C2FVLModel model = Tiny(1, C2FVLSettings.Tiny with { Text = C2FVLText.None });
        model.eval();
        Tensor image = Image(2);

        Assert.Equal(model.call(image, Reports()).Logits.data<float>(), model.call(image, ones(2, 8)).Logits.data<float>());
    }

    [Fact]
    public void SameSeedGivesTheSameBitsAfterAStep()
    {
        float[] Step(int seed)
        {
            using DisposeScope scope = NewDisposeScope();
            using C2FVLModel model = Tiny(seed);
            using var optimizer = optim.Adam(model.parameters());
            Loss(model.call(Image(2), Reports())).Total.backward();
            optimizer.step();
            return [.. model.parameters().SelectMany(p => p.detach().data<float>().ToArray())];
        }

        Assert.Equal(Step(5), Step(5));
        Assert.NotEqual(Step(5), Step(6));
    }

    [Fact]
    public void StepsLeaveNoTensorBehind()
    {
        using C2FVLModel model = Tiny(2);
        using var optimizer = optim.Adam(model.parameters());
        void Step()
        {
            using DisposeScope scope = NewDisposeScope();
            optimizer.zero_grad();
            Loss(model.call(Image(2), Reports())).Total.backward();
            optimizer.step();
        }

        Step(); // the optimizer's state comes with the first
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 3; i++)
            Step();

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void CamLayersAreModulesThatGiveMapsFromCoarseToFine()
    {
        using DisposeScope scope = NewDisposeScope();
        using C2FVLModel model = Tiny(1);
        Dictionary<string, nn.Module> modules = model.named_modules().ToDictionary(m => m.name, m => m.module);
        var shapes = new List<long[]>();
        foreach (string layer in model.CamLayers)
            ((nn.Module<Tensor, Tensor>)modules[layer]).register_forward_hook((_, _, map) => { shapes.Add(map.shape); return map; });

        model.call(Image(2), Reports());

        Assert.Equal([[2, 32, 8, 8], [2, 16, 16, 16], [2, 8, 32, 32], [2, 8, 64, 64]], shapes);
    }

    [Fact]
    public void WeightsStartAsReleased()
    {
        using C2FVLModel model = Tiny(1);
        Dictionary<string, Tensor> state = model.state_dict();

        Assert.Equal(0, state["downVit3.embeddings.position_embeddings"].abs().max().item<float>());
        Tensor fc1 = state["downVit3.Encoder_blocks.0.mlp.fc1.weight"]; // (256, 64)
        double bound = Math.Sqrt(6.0 / (256 + 64));
        Assert.InRange(fc1.abs().max().item<float>(), 0.99 * bound, bound);
        Assert.InRange(state["downVit3.Encoder_blocks.0.mlp.fc1.bias"].std().item<float>(), 0.8e-6, 1.2e-6);
    }

    [Fact]
    public void WrongShapesAreNamed()
    {
        using DisposeScope scope = NewDisposeScope();
        using C2FVLModel model = Tiny(1);

        var image = Assert.Throws<ArgumentException>(() => model.call(rand(2, 1, 64, 64), ones(2, 8)));
        Assert.StartsWith("C2FVL takes images of shape (B, 3, 64, 64), not (2, 1, 64, 64).", image.Message);
        var text = Assert.Throws<ArgumentException>(() => model.call(rand(2, 3, 64, 64), ones(1, 8)));
        Assert.StartsWith("C2FVL takes text of shape (2, 8), one row per image, not (1, 8).", text.Message);
    }

    private static C2FVLModel Tiny(int seed, C2FVLSettings? settings = null)
    {
        Seeds.Torch(seed, "test");
        return new C2FVLModel(settings ?? C2FVLSettings.Tiny);
    }

    private static LossTerms Loss(ModelOutput output)
    {
        Tensor mask = zeros_like(output.Logits);
        mask.narrow(2, 10, 20).narrow(3, 10, 20).fill_(1);
        return new SegmentationLoss(new LossSettings()).Compute(output, mask);
    }

    private static Tensor Image(int batch) => arange(batch * 3 * 64 * 64).to(ScalarType.Float32).mul(0.37f).sin().add(1).div(2).reshape(batch, 3, 64, 64);

    private static Tensor Reports() => tensor(new float[,] { { 1, 2, 1, 1, 0, 0, 1, 1 }, { 0, 1, 0, 0, 1, 0, 0, 0 } });
}

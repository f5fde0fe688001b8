using C2FVL.Models;
using C2FVL.Models.Blocks;
using C2FVL.Platform;
using C2FVL.Tests.Support;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace C2FVL.Tests.Models;

[Collection(nameof(SeededTorch))]
public sealed class UCTransNetModelTests
{
    [Fact]
    public void TheReleasedMlpHasNoDropoutAndStartsByXaviersRule()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel released = Make(UCTransNetSettings.Tiny), first = Make(UCTransNetSettings.Tiny with { ReleasedMlp = false });
        Assert.All(MlpDropouts(released), rate => Assert.Equal(0, rate));
        Assert.All(MlpDropouts(first), rate => Assert.Equal(0.1, rate));
        Assert.Equal(8, MlpDropouts(released).Length); // two in each of four MLPs
        Assert.Equal(0.1, Assert.Single(released.named_modules(), m => m.name == "layers.0.dropout").module is QuickDropout d ? d.Probability : -1);

        Tensor weight = released.state_dict()["layers.0.mlps.0.0.weight"]; // (32, 8): uniform up to sqrt(6 / 40)
        Assert.InRange(weight.abs().max().ToDouble(), 0.9 * Math.Sqrt(6.0 / 40), Math.Sqrt(6.0 / 40));
        Assert.True(released.state_dict()["layers.0.mlps.0.0.bias"].abs().max().ToDouble() < 1e-4);
    }

    private static double[] MlpDropouts(SegmentationModel model) =>
        [.. model.named_modules().Where(m => m.name.Contains(".mlps.", StringComparison.Ordinal)).Select(m => m.module).OfType<QuickDropout>().Select(d => d.Probability)];

    private static SegmentationModel Make(UCTransNetSettings settings)
    {
        Seeds.Torch(1, "weights");
        return settings.Create();
    }
}

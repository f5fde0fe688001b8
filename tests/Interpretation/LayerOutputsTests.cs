using C2FVL.Interpretation;
using C2FVL.Models;
using C2FVL.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Interpretation;

[Collection(nameof(SeededTorch))]
public sealed class LayerOutputsTests
{
    [Fact]
    public void EveryLayersOutputIsKeptAndTheModelIsAsBefore()
    {
        using SegmentationModel model = (C2FVLSettings.Tiny with { ImageSize = 32 }).Create();
        model.eval();
        using Tensor image = rand(2, 3, 32, 32), text = ones(2, 8);
        using (NewDisposeScope())
        {
            Tensor before = model.call(image, text).Logits;
            using (LayerOutputs layers = LayerOutputs.Record(model, image, text))
            {
                Assert.Equal([2, 8, 32, 32], layers.ByName["inc"].shape);
                Assert.Equal([2, 1, 32, 32], layers.ByName["outc"].shape);
                Assert.All(model.CamLayers, name => Assert.Contains(name, layers.ByName.Keys));
            }

            Assert.True(before.allclose(model.call(image, text).Logits, rtol: 0, atol: 0));
        }
    }

    [Fact]
    public void NothingIsLeftBehind()
    {
        using SegmentationModel model = (C2FVLSettings.Tiny with { ImageSize = 32 }).Create();
        using Tensor image = rand(1, 3, 32, 32), text = ones(1, 8);
        LayerOutputs.Record(model, image, text).Dispose();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        LayerOutputs.Record(model, image, text).Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}

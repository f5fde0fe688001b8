using C2FVL.Models.Blocks;
using C2FVL.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Models.Blocks;

[Collection(nameof(SeededTorch))]
public sealed class DropPathTests
{
    [Fact]
    public void AnImagesBranchIsDroppedAsAWholeAndTheRestGrows()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(1);
        using var drop = new DropPath(0.25);
        drop.train();
        float[] factors = [.. drop.call(ones(400, 3, 2)).reshape(400, 6).unbind(0).Select(Single)];
        Assert.Equal([0f, 1 / 0.75f], factors.Distinct().Order(), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.InRange(factors.Count(f => f == 0), 70, 130);

        static float Single(Tensor image)
        {
            Assert.Equal(image.min().item<float>(), image.max().item<float>());
            return image[0].item<float>();
        }
    }

    [Fact]
    public void OutsideTrainingNothingIsDropped()
    {
        using DisposeScope scope = NewDisposeScope();
        using var drop = new DropPath(0.9);
        drop.eval();
        Tensor x = rand(50, 2, 2);
        Assert.True(Bits.AreEqual(x, drop.call(x)));
    }
}

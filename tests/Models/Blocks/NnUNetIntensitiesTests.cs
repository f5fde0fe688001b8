using C2FVL.Models.Blocks;
using C2FVL.Platform;
using C2FVL.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Models.Blocks;

[Collection(nameof(SeededTorch))]
public sealed class NnUNetIntensitiesTests
{
    public NnUNetIntensitiesTests() => TorchLibrary.EnsureLoaded();

    [Fact]
    public void TheSeedDecidesAndTheChannelsStayEqual()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = Images(32), first = Changed(1), again = Changed(1), other = Changed(2);
        Assert.Equal(images.shape, first.shape);
        Assert.True(Bits.AreEqual(first, again));
        Assert.False(Bits.AreEqual(first, other));
        Assert.True(Bits.AreEqual(first.narrow(1, 0, 1), first.narrow(1, 2, 1)));

        Tensor Changed(int seed)
        {
            Seeds.Torch(seed, "intensities");
            return NnUNetIntensities.Apply(images);
        }
    }

    [Fact]
    public void StepsInBFloat16AreAugmentedToo()
    {
        using DisposeScope scope = NewDisposeScope();
        Seeds.Torch(3, "intensities");
        Tensor changed = NnUNetIntensities.Apply(Images(200, 8).to(bfloat16));
        Assert.Equal(bfloat16, changed.dtype);
        Assert.True(changed.isfinite().all().ToBoolean());
    }

    /// <summary>0.9 0.9 0.85 0.85 0.875 0.9 0.7 = 0.323 of the images stay as they are.</summary>
    [Fact]
    public void ATouchedImageIsAsLikelyAsItsChancesSay()
    {
        using DisposeScope scope = NewDisposeScope();
        Seeds.Torch(5, "intensities");
        Tensor images = Images(2000, 8), changed = NnUNetIntensities.Apply(images);
        double same = (images - changed).abs().amax([1, 2, 3]).eq(0).to(float32).mean().ToDouble();
        Assert.InRange(same, 0.29, 0.36);
        Assert.True(changed.isfinite().all().ToBoolean());
    }

    [Fact]
    public void GammaKeepsMeanAndDeviationAndContrastTheRange()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Images(1).narrow(1, 0, 1), gamma = NnUNetIntensities.Gamma(x, 1.4), contrast = NnUNetIntensities.Contrasted(x, 1.2);
        Assert.Equal(x.mean().ToDouble(), gamma.mean().ToDouble(), 1e-4);
        Assert.Equal(x.std().ToDouble(), gamma.std().ToDouble(), 1e-4);
        Assert.False(gamma.allclose(x));
        Assert.Equal((x.min().ToDouble(), x.max().ToDouble()), (contrast.min().ToDouble(), contrast.max().ToDouble()));
        Assert.True(contrast.std().ToDouble() > x.std().ToDouble());
    }

    [Fact]
    public void BlurAndLowResolutionKeepAnEvenImageAndSmoothANoisyOne()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor even = full([1, 1, 16, 16], 0.7f), noisy = Images(1).narrow(1, 0, 1);
        foreach (Func<Tensor, Tensor> change in new Func<Tensor, Tensor>[] { x => NnUNetIntensities.Blurred(x, 0.8), x => NnUNetIntensities.Coarsened(x, 0.5) })
        {
            Assert.True(change(even).allclose(even));
            Assert.True(change(noisy).std().ToDouble() < 0.9 * noisy.std().ToDouble());
            Assert.Equal(noisy.shape, change(noisy).shape);
        }
    }

    private static Tensor Images(int count, int side = 16)
    {
        Seeds.Torch(9, "images");
        return randn(count, 1, side, side).repeat(1, 3, 1, 1);
    }
}

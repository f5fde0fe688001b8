using C2FVL.Platform;
using C2FVL.Tests.Support;
using TorchSharp;

namespace C2FVL.Tests.Platform;

[Collection(nameof(SeededTorch))]
public sealed class SeedsTests
{
    [Fact]
    public void EqualPathsGiveEqualNumbersAndOthersDoNot()
    {
        Assert.Equal(Seeds.Derive(666, "order", 3), Seeds.Derive(666, "order", 3));
        ulong[] others = [Seeds.Derive(667, "order", 3), Seeds.Derive(666, "order", 4), Seeds.Derive(666, "step", 3), Seeds.Derive(666, "order", 3, 0)];
        Assert.DoesNotContain(Seeds.Derive(666, "order", 3), others);
        Assert.Distinct(others);
    }

    [Fact]
    public void TheNumbersAreTheSameOnEveryMachine()
    {
        // A change here changes every split and every run.
        Assert.Equal(2662036335392683685UL, Seeds.Derive(666, "order", 3));
        Assert.Equal(Seeds.Random(1, "a").Next(), new Random((int)(Seeds.Derive(1, "a") & 0x7fffffff)).Next());
    }

    [Fact]
    public void TorchFollowsTheSeed()
    {
        Seeds.Torch(1, "weights");
        float first = torch.rand(1).item<float>();
        Seeds.Torch(1, "weights");
        Assert.Equal(first, torch.rand(1).item<float>());
        Seeds.Torch(1, "step");
        Assert.NotEqual(first, torch.rand(1).item<float>());
    }
}

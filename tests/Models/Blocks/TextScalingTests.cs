using C2FVL.Models.Blocks;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Models.Blocks;

public sealed class TextScalingTests
{
    [Fact]
    public void ChannelIsMultipliedByTheEntryOfItsNumberModulo8()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor text = tensor(new float[,] { { 1, 2, 0, 1, 0, 0, 1, 3 } });

        Tensor scaled = TextScaling.Apply(ones(1, 24, 2, 2), text);

        for (int channel = 0; channel < 24; channel++)
            Assert.All(scaled[0, channel].contiguous().data<float>(), v => Assert.Equal(text[0, channel % 8].item<float>(), v));
    }

    [Fact]
    public void RowWithNaNBecomesOnes()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor text = tensor(new float[,] { { 1, 2, 0, 1, 0, 0, 1, 3 }, { 1, float.NaN, 0, 0, 0, 0, 0, 0 } });

        Assert.Equal([1, 2, 0, 1, 0, 0, 1, 3, 1, 1, 1, 1, 1, 1, 1, 1], TextScaling.MissingAsOnes(text).data<float>());
    }
}

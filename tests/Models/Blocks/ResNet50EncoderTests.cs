using C2FVL.Models.Blocks;
using C2FVL.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Models.Blocks;

[Collection(nameof(SeededTorch))]
public sealed class ResNet50EncoderTests
{
    [Theory]
    [InlineData(3, 8_543_296)]
    [InlineData(4, 23_508_032)]
    public void ItHasTheParametersOfResNet50WithoutItsClassifier(int stages, long count)
    {
        using var encoder = new ResNet50Encoder(64, stages);
        Assert.Equal(count, encoder.parameters().Sum(p => p.numel()));
    }

    [Fact]
    public void EveryStageHalvesTheMapFromFineToCoarse()
    {
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        using var encoder = new ResNet50Encoder(4, stages: 4);
        Tensor[] maps = encoder.call(rand(2, 3, 64, 96));
        Assert.Equal([[2, 4, 32, 48], [2, 16, 16, 24], [2, 32, 8, 12], [2, 64, 4, 6], [2, 128, 2, 3]], maps.Select(m => m.shape));
    }
}

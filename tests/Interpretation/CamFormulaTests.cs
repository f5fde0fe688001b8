using C2FVL.Interpretation;
using C2FVL.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Interpretation;

/// <summary>Two channels of 2 x 2, small enough for a pencil.</summary>
[Collection(nameof(SeededTorch))]
public sealed class CamFormulaTests
{
    /// <summary>
    /// Channel 0: A = 1 2 / 3 4, G = 1 0 / 0 3. Channel 1: A = 0 1 / 1 0, G = -4 0 / 0 -4.
    /// Grad-CAM: weights 1 and -2. Grad-CAM++: A sums to 10, so the shares are 1/12 at G = 1 and 9/288 at G = 3, and the
    /// weight 1/12 + 3/32 = 17/96; channel 1 has no gradient above 0. HiResCAM: A times G, place by place.
    /// </summary>
    [Theory]
    [InlineData(CamMethod.GradCam, new[] { 1f, 0, 1, 4 })]
    [InlineData(CamMethod.GradCamPlusPlus, new[] { 17 / 96f, 34 / 96f, 51 / 96f, 68 / 96f })]
    [InlineData(CamMethod.HiResCam, new[] { 1f, 0, 0, 12 })]
    public void AMapByHand(CamMethod method, float[] expected)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor output = tensor([1f, 2, 3, 4, 0, 1, 1, 0], [1, 2, 2, 2]);
        Tensor gradient = tensor([1f, 0, 0, 3, -4, 0, 0, -4], [1, 2, 2, 2]);
        Tensor map = CamFormula.Map(method, output, gradient);
        Assert.Equal([1, 2, 2], map.shape);
        Assert.Equal(expected, map.data<float>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Theory]
    [InlineData(CamMethod.GradCam)]
    [InlineData(CamMethod.GradCamPlusPlus)]
    [InlineData(CamMethod.HiResCam)]
    public void NoGradientIsAMapOfZeros(CamMethod method)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor map = CamFormula.Map(method, rand(2, 3, 4, 4), zeros(2, 3, 4, 4));
        Assert.True(map.eq(0).all().item<bool>());
    }

    [Fact]
    public void TokensBecomeASquareMap()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor tokens = arange(2 * 9 * 5).reshape(2, 9, 5);
        Tensor map = CamFormula.AsMap(tokens, "layer");
        Assert.Equal([2, 5, 3, 3], map.shape);
        Assert.Equal(tokens[1, 7, 4].item<long>(), map[1, 4, 2, 1].item<long>());
        Assert.StartsWith("The layer layer returns (2, 8, 5); a CAM needs maps", Assert.Throws<ArgumentException>(() => CamFormula.AsMap(zeros(2, 8, 5), "layer")).Message);
        Assert.Throws<ArgumentException>(() => CamFormula.AsMap(zeros(2, 8), "layer"));
    }
}

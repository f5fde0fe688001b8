using C2FVL.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Training;

public sealed class WeightedBceTests
{
    [Fact]
    public void LesionAndBackgroundCountHalfEachOverTheWholeBatch()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor probability = tensor(new float[] { 0.9f, 0.2f, 0.3f, 0.4f }).reshape(2, 1, 1, 2);
        Tensor mask = tensor(new float[] { 1, 0, 0, 0 }).reshape(2, 1, 1, 2);

        double expected = -0.5 * Math.Log(0.9) - 0.5 * (Math.Log(0.8) + Math.Log(0.7) + Math.Log(0.6)) / 3;
        Assert.Equal(expected, WeightedBce.Compute(probability.logit(), mask).item<float>(), 6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void BatchOfOneClassHasTheOtherHalfOnly(float value)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor mask = full([2, 1, 4, 4], value);
        Assert.Equal(0.5 * Math.Log(2), WeightedBce.Compute(zeros(2, 1, 4, 4), mask).item<float>(), 6);
    }

    [Fact]
    public void LargeWrongLogitsKeepTheirGradient()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = tensor(new float[] { -200, 200 }).reshape(1, 1, 1, 2).requires_grad_();
        Tensor loss = WeightedBce.Compute(logits, tensor(new float[] { 1, 0 }).reshape(1, 1, 1, 2));
        loss.backward();

        Assert.Equal(200, loss.item<float>());
        Assert.Equal([-0.5f, 0.5f], logits.grad!.data<float>());
    }
}

using C2FVL.Models.Blocks;
using C2FVL.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Models.Blocks;

[Collection(nameof(SeededTorch))]
public sealed class SoftContrastTests
{
    private static readonly Tensor Three = ones(3, dtype: ScalarType.Bool).DetachFromDisposeScope();

    [Fact]
    public void WithDifferentReportsItIsTheUsualContrast()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor scores = tensor(new float[,] { { 2, 0, 1 }, { 0, 1, 0 }, { 1, 3, 1 } });
        Tensor rows = -scores.log_softmax(1).diag().mean(), columns = -scores.log_softmax(0).diag().mean();
        double loss = SoftContrast.Compute(scores, eye(3, dtype: ScalarType.Bool), Three).ToDouble();
        Assert.Equal((rows + columns).ToDouble(), loss, 1e-5);
    }

    [Fact]
    public void EqualReportsAreNoNegativesOfEachOther()
    {
        using DisposeScope scope = NewDisposeScope();

        // Cases 0 and 1 say the same. Both fit both, in either order: nothing is left to learn.
        Tensor same = eye(3, dtype: ScalarType.Bool);
        same[0, 1] = true;
        same[1, 0] = true;
        Tensor scores = tensor(new float[,] { { 30, 30, 0 }, { 30, 30, 0 }, { 0, 0, 30 } }).requires_grad_();
        Tensor loss = SoftContrast.Compute(scores, same, Three);
        loss.backward();
        Assert.Equal(0, loss.ToDouble(), 1e-5);
        Assert.True(scores.grad!.abs().max().ToDouble() < 1e-5);

        // Called negatives, they would cost ln 2 each way, for each of the two.
        Assert.Equal(2 * 2 * Math.Log(2) / 3, SoftContrast.Compute(scores, eye(3, dtype: ScalarType.Bool), Three).ToDouble(), 1e-5);

        // An image may not prefer its own to its twin.
        Assert.True(SoftContrast.Compute(tensor(new float[,] { { 30, 0, 0 }, { 0, 30, 0 }, { 0, 0, 30 } }), same, Three).ToDouble() > 1);
    }

    [Fact]
    public void WhereEqualReportsGetEqualScoresTheGradientIsTheUsualOne()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor same = eye(3, dtype: ScalarType.Bool);
        same[0, 1] = true;
        same[1, 0] = true;

        // Three images and two sentences, the first of which is the report of two images.
        Tensor Gradient(Tensor areSame)
        {
            Tensor scores = tensor(new float[,] { { 2, 0 }, { -1, 1 }, { 1, 3 } }).requires_grad_();
            SoftContrast.Compute(scores.index_select(1, tensor(new long[] { 0, 0, 1 })), areSame, Three).backward();
            return scores.grad!;
        }

        Assert.True(Gradient(same).allclose(Gradient(eye(3, dtype: ScalarType.Bool)), rtol: 0, atol: 1e-6));
    }

    [Fact]
    public void AMissingReportIsInNoPair()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor scores = tensor(new float[,] { { 2, 0, 9 }, { 0, 1, 9 }, { 9, 9, -9 } });
        Tensor two = scores.narrow(0, 0, 2).narrow(1, 0, 2);
        double alone = SoftContrast.Compute(two, eye(2, dtype: ScalarType.Bool), ones(2, dtype: ScalarType.Bool)).ToDouble();
        Tensor known = tensor(new[] { true, true, false });
        Assert.Equal(alone, SoftContrast.Compute(scores, eye(3, dtype: ScalarType.Bool), known).ToDouble(), 1e-5);
    }

    [Fact]
    public void WithoutAnyReportItIsZeroAndHasAGradientOfZero()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor scores = rand(3, 3).requires_grad_();
        Tensor loss = SoftContrast.Compute(scores, ones(3, 3, dtype: ScalarType.Bool), zeros(3, dtype: ScalarType.Bool));
        loss.backward();
        Assert.Equal(0, loss.ToDouble());
        Assert.Equal(0, scores.grad!.abs().max().ToDouble());
    }

    [Fact]
    public void ASingleCaseHasNothingToContrast()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.Equal(0, SoftContrast.Compute(rand(1, 1), ones(1, 1, dtype: ScalarType.Bool), ones(1, dtype: ScalarType.Bool)).ToDouble(), 1e-6);
    }
}

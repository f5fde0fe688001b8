using C2FVL.Tests.Support;
using C2FVL.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Tests.Training;

[Collection(nameof(SeededTorch))]
public sealed class WeightAverageTests
{
    [Fact]
    public void TheAverageFollowsItsFormula()
    {
        C2FVL.Platform.TorchLibrary.EnsureLoaded();
        using Linear model = Linear(1, 1, hasBias: false);
        Set(model, 1);
        using var weights = new FlatWeights(model);
        using var average = new WeightAverage(weights, 0.5);
        double expected = 1;
        for (int step = 0; step < 20; step++)
        {
            Set(model, step);
            average.Update(step);
            double keep = Math.Min(0.5, (1.0 + step) / (10 + step)); // 1/10 at the start, 1/2 from step 8 on
            expected = (keep * expected) + ((1 - keep) * step);
            Assert.Equal(expected, average.Tensors["weight"].ToDouble(), 4);
        }
    }

    [Fact]
    public void AModelBorrowsTheAverageAndHasItsOwnWeightsBack()
    {
        C2FVL.Platform.TorchLibrary.EnsureLoaded();
        using BatchNorm1d model = BatchNorm1d(2);
        using var weights = new FlatWeights(model);
        using var average = new WeightAverage(weights, 0.9);
        model.train();
        model.call(tensor(new float[,] { { 1, 2 }, { 3, 5 } })).Dispose();
        average.Update(0);
        double[] own = Means(model);
        using (average.Lend())
        {
            Assert.Equal(own.Select(mean => mean * 0.9), Means(model), (a, b) => Math.Abs(a - b) < 1e-6); // it began at 0
            Assert.Equal(1, model.state_dict()["num_batches_tracked"].ToInt64());
        }

        Assert.Equal(own, Means(model));
    }

    private static double[] Means(BatchNorm1d model) => [.. model.state_dict()["running_mean"].data<float>().Select(mean => (double)mean)];

    private static void Set(Linear model, double value)
    {
        using IDisposable noGradient = no_grad();
        model.weight.fill_(value);
    }
}

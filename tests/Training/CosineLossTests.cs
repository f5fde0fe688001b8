using C2FVL.Tests.Support;
using C2FVL.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Training;

[Collection(nameof(SeededTorch))]
public sealed class CosineLossTests
{
    private static readonly double[] Weights = [0.5, 0.25, 0.125];

    [Fact]
    public void UpDrawsLayers1To3ToLayer4AtFullSize()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] maps = Maps();
        double expected = Weights.Select((w, i) => w * (1 - Cosine(Full(maps[3]), Full(maps[i])))).Sum();
        Assert.Equal(expected, CosineLoss.Compute(maps, CosineAlignment.Up, Weights).item<float>(), 5);
    }

    [Fact]
    public void ReleasedDrawsLayers2To4ToLayer1AtFullSize()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] maps = Maps();
        double expected = Weights.Select((w, i) => w * (1 - Cosine(Full(maps[0]), Full(maps[i + 1])))).Sum();
        Assert.Equal(expected, CosineLoss.Compute(maps, CosineAlignment.Released, Weights).item<float>(), 5);
    }

    [Fact]
    public void DownDrawsLayers2To4ToLayer1AtTheSizeOfLayer4()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] maps = Maps();
        double expected = Weights.Select((w, i) => w * (1 - Cosine(Pooled(maps[0]), Pooled(maps[i + 1])))).Sum();
        Assert.Equal(expected, CosineLoss.Compute(maps, CosineAlignment.Down, Weights).item<float>(), 5);
    }

    [Fact]
    public void OppositeMapsCostTwiceEachWeightAndEqualOnesNothing()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor map = ones(1, 1, 8, 8);
        Assert.Equal(2 * 0.875, CosineLoss.Compute([map, -map, -map, -map], CosineAlignment.Released, Weights).item<float>(), 5);
        Assert.Equal(0, CosineLoss.Compute([map, map, map, map], CosineAlignment.Up, Weights).item<float>(), 5);
    }

    [Fact]
    public void MapOfZerosGivesNoNaN()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor map = zeros(1, 1, 8, 8).requires_grad_();
        Tensor loss = CosineLoss.Compute([map, map, map, map], CosineAlignment.Up, Weights);
        loss.backward();

        Assert.Equal(0.875f, loss.item<float>());
        Assert.False(map.grad!.isnan().any().item<bool>());
    }

    /// <summary>Layers at 16, 8, 4 and 2 pixels, two images.</summary>
    private static Tensor[] Maps()
    {
        manual_seed(9);
        return [randn(2, 1, 16, 16), randn(2, 1, 8, 8), randn(2, 1, 4, 4), randn(2, 1, 2, 2)];
    }

    private static double[][] Full(Tensor map) => Resampled(map, 16, (image, row, column, side) => image[row * side / 16 * side + column * side / 16]);

    private static double[][] Pooled(Tensor map) => Resampled(map, 2, (image, row, column, side) =>
    {
        int block = side / 2;
        double sum = 0;
        for (int i = 0; i < block * block; i++)
            sum += image[(row * block + i / block) * side + column * block + i % block];
        return sum / (block * block);
    });

    private static double[][] Resampled(Tensor map, int to, Func<float[], int, int, int, double> at)
    {
        int side = (int)map.shape[2];
        return [.. Enumerable.Range(0, 2).Select(image =>
        {
            float[] values = map[image].contiguous().data<float>().ToArray();
            return Enumerable.Range(0, to * to).Select(i => at(values, i / to, i % to, side)).ToArray();
        })];
    }

    private static double Cosine(double[][] a, double[][] b) => a.Zip(b, (u, v) => Dot(u, v) / Math.Sqrt(Dot(u, u) * Dot(v, v))).Average();

    private static double Dot(double[] u, double[] v) => u.Zip(v, (x, y) => x * y).Sum();
}

using C2FVL.Interpretation;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Interpretation;

public sealed class CamMeasuresTests
{
    private static readonly Gen<float[]> Maps = Gen.Float[0, 1].Array[3 * 25];

    [Fact]
    public void TwoMapsByHand()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor maps = tensor([1f, 2, 3, 4, 0, 0, 0, 0], [2, 2, 2]);
        Tensor region = tensor([1f, 0, 1, 0, 1, 1, 1, 1], [2, 2, 2]);
        Assert.Equal([0.4, 0], CamMeasures.Energy(maps, region));
        Assert.Equal([false, false], CamMeasures.Hits(maps, region)); // the second points nowhere
        Assert.Equal([true, false], CamMeasures.Hits(maps, ones(2, 2)));
        Tensor other = tensor([4f, 3, 2, 1, 1, 0, 0, 0], [2, 2, 2]);
        Assert.Equal([20 / 30.0, 0], CamMeasures.Cosine(maps, other), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void TheScaleOfAMapDoesNotMatter() => Maps.Select(Maps, Gen.Float[0.1f, 100]).Sample((a, b, factor) =>
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(a, [3, 5, 5]), y = tensor(b, [3, 5, 5]), region = y > 0.5;
        double[] cosine = CamMeasures.Cosine(x, y), energy = CamMeasures.Energy(x, region);
        Assert.All(cosine.Concat(energy), value => Assert.InRange(value, 0, 1 + 1e-9));
        Assert.Equal(cosine, CamMeasures.Cosine(x * factor, y), (p, q) => Math.Abs(p - q) < 1e-5);
        Assert.Equal(energy, CamMeasures.Energy(x * factor, region), (p, q) => Math.Abs(p - q) < 1e-5);
        Assert.All(CamMeasures.Cosine(x, x), value => Assert.Equal(1, value, 1e-9));

        // What is inside and what is outside are the whole.
        Assert.Equal(energy.Select(e => 1 - e), CamMeasures.Energy(x, region.logical_not()), (p, q) => Math.Abs(p - q) < 1e-6);
    }, iter: 100);

    [Fact]
    public void ThePedestalIsTheShareBelowTheMedian()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor region = tensor([1f, 0, 0, 0], [2, 2]);
        Tensor maps = tensor([5f, 1, 1, 1, 4, 0, 0, 0, 2, 2, 2, 2, 0, 0, 0, 0], [4, 2, 2]);
        Assert.Equal([0.5, 0, 1, 0], CamMeasures.Pedestal(maps));

        // A place at 0 hides no pedestal, as it would with the least value in place of the median.
        Assert.Equal(3 / 10.0, CamMeasures.Pedestal(tensor([8f, 1, 1, 0], [1, 2, 2]))[0], 1e-12);

        // With an even pedestal the energy is a mean of the uniform map's and of what lies above the pedestal.
        Assert.Equal((0.5 * 0.25) + (0.5 * 1), CamMeasures.Energy(maps, region)[0], 1e-12);
    }

    [Fact]
    public void AUniformMapHasTheRegionsShare()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor region = zeros(8, 8);
        region.narrow(0, 2, 3).narrow(1, 1, 4).fill_(1);
        Assert.Equal(12 / 64.0, CamMeasures.Energy(full([1, 8, 8], 0.3), region)[0], 1e-12);
    }
}

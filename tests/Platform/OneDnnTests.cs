using C2FVL.Platform;
using C2FVL.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Platform;

/// <summary>Convolutions and their gradients, whatever channels a network has: wrong ones were met on a real machine.</summary>
[Collection(nameof(SeededTorch))]
public sealed class OneDnnTests
{
    private static readonly int[] Channels = [1, 3, 7, 8, 10, 12, 16, 20, 24];

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 1)]
    [InlineData(7, 1)]
    public void ConvolutionsOf32BitsAreThoseOf64(int kernel, int stride)
    {
        random.manual_seed(666);
        foreach (int from in Channels)
        {
            foreach (int to in Channels)
            {
                using var scope = NewDisposeScope();
                Tensor image = randn(2, from, 16, 16), weight = randn(to, from, kernel, kernel);
                using (var freed = NewDisposeScope())
                    _ = Enumerable.Range(6, 12).SelectMany(power => Enumerable.Range(0, 8).Select(_ => full(1L << power, float.NaN))).ToList(); // what a kernel reads without having written it shows
                Tensor[] single = Convolve(image, weight, kernel, stride), twice = Convolve(image.to(float64), weight.to(float64), kernel, stride);
                for (int i = 0; i < single.Length; i++)
                    Assert.True((single[i] - twice[i]).abs().max().item<double>() < 1e-4 * twice[i].abs().max().item<double>(), $"{from} to {to} channels, {new[] { "map", "gradient of the image", "gradient of the weight" }[i]}");
            }
        }
    }

    [Fact]
    public void TheCheckPassesByNowAndLeavesTheGeneratorAsItWas()
    {
        random.manual_seed(1);
        float first = rand(1).item<float>();
        random.manual_seed(1);
        Assert.True(OneDnn.ConvolvesRightly());
        Assert.Equal(first, rand(1).item<float>());
    }

    private static Tensor[] Convolve(Tensor image, Tensor weight, int kernel, int stride)
    {
        image = image.detach().requires_grad_(true);
        weight = weight.detach().requires_grad_(true);
        Tensor map = nn.functional.conv2d(image, weight, strides: [stride, stride], padding: [(kernel - 1) / 2, (kernel - 1) / 2]);
        return [map, .. autograd.grad([map], [image, weight], [map.detach().sin()])];
    }
}

using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Bench;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace C2FVL.Tests.Workbook.Bench;

[Collection(nameof(SeededTorch))]
public sealed class ConvolutionShapeTests
{
    [Fact]
    public void TheReleasedNetworkAtBatchFourIs642GflopAStep()
    {
        IReadOnlyList<ConvolutionShape> shapes = ConvolutionShape.Released(C2FVLSettings.Published);
        Assert.Equal(642, 4 * shapes.Sum(shape => shape.GflopStep), 0.5);
        double image = shapes.Single(shape => !shape.InputHasGradient).GflopForward;
        Assert.Equal((3 * shapes.Sum(shape => shape.GflopForward)) - image, shapes.Sum(shape => shape.GflopStep), 1e-9);
    }

    public static TheoryData<C2FVLSettings> Networks =>
    [
        C2FVLSettings.Tiny,
        C2FVLSettings.Tiny with { ImageSize = 96, Patch = 16 },
        C2FVLSettings.Tiny with { UseViT = false },
        C2FVLSettings.Tiny with { UseVlab = false },
    ];

    /// <summary>Walks the network's convolution modules; VLAB's linear layers and the size of reconstruction are the released code's.</summary>
    [Theory]
    [MemberData(nameof(Networks))]
    public void TheyAreTheNetworksOwn(C2FVLSettings settings)
    {
        using var model = new C2FVLModel(settings);
        using IDisposable plain = FastPaths.SwitchOff();
        using IDisposable noGradient = no_grad();
        using var scope = NewDisposeScope();
        var seen = new List<(long, long, long, long, bool)>();
        foreach ((string name, nn.Module module) in model.named_modules())
        {
            if (module is not Conv2d convolution)
                continue;
            long level = name.StartsWith("reconstruct", StringComparison.Ordinal) ? name["reconstruct".Length] - '1' : -1;
            convolution.register_forward_pre_hook((_, input) =>
            {
                long size = level >= 0 ? settings.ImageSize >> (int)level : input.shape[2];
                Tensor weight = convolution.weight;
                seen.Add((weight.shape[1], weight.shape[0], weight.shape[2], size, convolution.bias is not null));
                return input;
            });
            if (name.EndsWith("conv_avg", StringComparison.Ordinal) || name.EndsWith("conv_max", StringComparison.Ordinal))
                convolution.register_forward_pre_hook((_, input) =>
                {
                    seen.Add((input.shape[1], input.shape[1], 1, input.shape[2], true)); // the linear layer behind it
                    return input;
                });
        }

        model.eval();
        model.call(rand(1, 3, settings.ImageSize, settings.ImageSize), ones(1, 8));

        (long, long, long, long, bool)[] expected = [.. ConvolutionShape.Released(settings)
            .SelectMany(s => Enumerable.Repeat(((long)s.In, (long)s.Out, (long)s.Kernel, (long)s.Size, s.Bias), s.Count)).Order()];
        Assert.Equal(expected, seen.Order());
    }

    [Fact]
    public void TheTimerCountsEveryOccurrence()
    {
        ConvolutionShape once = new(8, 8, 3, 16);
        using var timer = new ConvolutionTimer([once with { Count = 5 }], batch: 2);
        Assert.Equal(2 * 5 * once.GflopForward, timer.GflopForward, 1e-12);
        Assert.Equal(3 * timer.GflopForward, timer.GflopStep, 1e-12);
        Assert.InRange(timer.Time(backward: true), double.Epsilon, 60);
    }
}

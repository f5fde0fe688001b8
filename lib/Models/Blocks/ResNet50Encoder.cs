using C2FVL.Platform;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// The encoder of a ResNet-50 (He et al., "Deep Residual Learning for Image Recognition", CVPR 2016), all 3, 4, 6 and 3
/// bottleneck blocks deep, w wide (64 as published): image (B, 3, S, S) to one map per stage, fine to coarse.
/// <code>
/// stem      conv7x7/2-BN-ReLU      (B, w, S/2, S/2)
/// layer1    max-pool 3/2, 3 blocks (B, 4w, S/4, S/4)
/// layer2    4 blocks               (B, 8w, S/8, S/8)
/// layer3    6 blocks               (B, 16w, S/16, S/16)
/// layer4    3 blocks               (B, 32w, S/32, S/32)
/// </code>
/// </summary>
/// <remarks>
/// The stride is in the 3x3 convolution, as in the implementations that comparisons use. 23,508,032 parameters at
/// width 64, 8,543,296 up to layer3. Weights start with He's initialisation. TorchVision 0.107.0 has a ResNet-50 of one
/// width, 64, and does not return the maps of its stages, so it cannot replace this class.
/// </remarks>
public sealed class ResNet50Encoder : Module<Tensor, Tensor[]>
{
    private static readonly int[] Blocks = [3, 4, 6, 3];

    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Sequential layer1, layer2, layer3;
    private readonly Sequential? layer4;

    /// <param name="width">Channels w of the stem, at least 1.</param>
    /// <param name="stages">3 for a network that ends with layer3, 4 for all.</param>
    public ResNet50Encoder(long width, int stages)
        : base(nameof(ResNet50Encoder))
    {
        SettingRange.Require(stages >= 3, stages, "at least 3");
        SettingRange.Require(stages <= 4, stages, "at most 4");
        conv1 = Conv2d(3, width, kernel_size: 7L, stride: 2L, padding: 3L, bias: false);
        bn1 = BatchNorm2d(width);
        layer1 = Stage(width, width, Blocks[0], stride: 1);
        layer2 = Stage(4 * width, 2 * width, Blocks[1], stride: 2);
        layer3 = Stage(8 * width, 4 * width, Blocks[2], stride: 2);
        layer4 = stages == 4 ? Stage(16 * width, 8 * width, Blocks[3], stride: 2) : null;
        RegisterComponents();
        foreach (Parameter parameter in parameters())
        {
            if (parameter.dim() == 4)
                init.kaiming_normal_(parameter, mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.ReLU);
        }
    }

    /// <summary>Channels of the maps divided by the width, fine to coarse.</summary>
    public static IReadOnlyList<int> ChannelsOverWidth { get; } = [1, 4, 8, 16, 32];

    public override Tensor[] forward(Tensor image)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor stem = bn1.call(conv1.call(image)).relu_();
        Tensor x1 = layer1.call(functional.max_pool2d(stem, 3, stride: 2, padding: 1));
        Tensor x2 = layer2.call(x1);
        Tensor x3 = layer3.call(x2);
        Tensor[] maps = layer4 is null ? [stem, x1, x2, x3] : [stem, x1, x2, x3, layer4.call(x3)];
        foreach (Tensor map in maps)
            map.MoveToOuterDisposeScope();
        return maps;
    }

    private static Sequential Stage(long inChannels, long middle, int blocks, long stride) =>
        Sequential([.. Enumerable.Range(0, blocks).Select(i =>
            i == 0 ? Block(inChannels, middle, stride) : Block(Bottleneck.Expansion * middle, middle, 1))]);

    private static Bottleneck Block(long inChannels, long middle, long stride)
    {
        long outChannels = Bottleneck.Expansion * middle;
        return new Bottleneck(
            [Conv(inChannels, middle), Conv(middle, middle, 3, stride), Conv(middle, outChannels)],
            "bn",
            [BatchNorm2d(middle), BatchNorm2d(middle), BatchNorm2d(outChannels)],
            stride == 1 && inChannels == outChannels
                ? []
                : [("downsample", Sequential(Conv(inChannels, outChannels, 1, stride), BatchNorm2d(outChannels)))]);

        static Conv2d Conv(long inChannels, long outChannels, long kernel = 1, long stride = 1) => Conv2d(
            inChannels, outChannels, kernel_size: kernel, stride: stride, padding: kernel / 2, bias: false);
    }
}

/// <summary>
/// One bottleneck block of a ResNet, its norms after the convolutions: (B, In, h, w) to (B, 4 Middle, h / stride,
/// w / stride). The 3x3 has the stride. If the shape changes, a conv1x1 and a norm adapt x.
/// <code>ReLU(norm(conv1x1(ReLU(norm(conv3x3(ReLU(norm(conv1x1(x)))))))) + shortcut(x))</code>
/// </summary>
internal sealed class Bottleneck : Module<Tensor, Tensor>
{
    /// <summary>The output's channels divided by the middle's.</summary>
    public const int Expansion = 4;

    private readonly Module<Tensor, Tensor>[] convs, norms, shortcut;

    /// <param name="convs">The three convolutions, named conv1 to conv3.</param>
    /// <param name="normName">The beginning of the norms' names.</param>
    /// <param name="norms">The norm that follows each.</param>
    /// <param name="shortcut">Layers that adapt x to the output's shape, with their names; empty if it has that
    /// shape.</param>
    public Bottleneck(Module<Tensor, Tensor>[] convs, string normName, Module<Tensor, Tensor>[] norms,
        params (string Name, Module<Tensor, Tensor> Module)[] shortcut)
        : base(nameof(Bottleneck))
    {
        (this.convs, this.norms, this.shortcut) = (convs, norms, [.. shortcut.Select(s => s.Module)]);
        for (int i = 0; i < convs.Length; i++)
            register_module($"conv{i + 1}", convs[i]);
        for (int i = 0; i < norms.Length; i++)
            register_module($"{normName}{i + 1}", norms[i]);
        foreach ((string name, Module<Tensor, Tensor> module) in shortcut)
            register_module(name, module);
    }

    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor y = norms[0].call(convs[0].call(x)).relu_(); // (B, Middle, h, w)
        y = norms[1].call(convs[1].call(y)).relu_(); // (B, Middle, h / stride, w / stride)
        y = norms[2].call(convs[2].call(y)); // (B, 4 Middle, h / stride, w / stride)
        Tensor same = shortcut.Aggregate(x, (map, layer) => layer.call(map));
        return y.add_(same).relu_().MoveToOuterDisposeScope();
    }
}

/// <summary>
/// Convolution without bias whose weights are standardised before use (Qiao et al., "Micro-Batch Training with
/// Batch-Channel Normalization and Weight Standardization", 2019, Eq. 7): (B, In, h, w) to (B, Out, h / stride,
/// w / stride). The kernel is odd and padded.
/// <code>
/// W'_o = (W_o - mean W_o) / √(var W_o + 1e-5)    over the In k² weights of each output channel o
/// </code>
/// </summary>
public sealed class StdConv2d : Module<Tensor, Tensor>
{
    /// <summary>Keeps the division finite.</summary>
    private const double Epsilon = 1e-5;

    private readonly Parameter weight;
    private readonly int stride, padding;

    /// <param name="inChannels">Channels of the input.</param>
    /// <param name="outChannels">Channels of the output.</param>
    /// <param name="kernel">The kernel's side, odd.</param>
    /// <param name="stride">The stride; the default is 1.</param>
    public StdConv2d(long inChannels, long outChannels, int kernel, int stride = 1)
        : base(nameof(StdConv2d))
    {
        this.stride = stride;
        padding = kernel / 2;
        weight = Parameter(empty(outChannels, inChannels, kernel, kernel));
        init.kaiming_normal_(weight);
        RegisterComponents();
    }

    /// <summary>The weights as the convolution uses them, (Out, In, k, k).</summary>
    public Tensor Standardized()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor centred = weight - weight.mean([1, 2, 3], keepdim: true);
        Tensor variance = centred.square().mean([1, 2, 3], keepdim: true);
        return (centred * (variance + Epsilon).rsqrt()).MoveToOuterDisposeScope();
    }

    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        return functional.conv2d(
            x, Standardized(), strides: [stride, stride], padding: [padding, padding]).MoveToOuterDisposeScope();
    }
}

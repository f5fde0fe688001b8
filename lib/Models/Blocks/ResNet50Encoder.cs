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
        SettingRange.Require(stages is 3 or 4, stages, "3 or 4");
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

    private static Sequential Stage(long inChannels, long middle, int blocks, int stride) => Bottleneck.Stage(
        inChannels, middle, blocks, stride, Conv, "bn", channels => BatchNorm2d(channels),
        (from, to, by) => [("downsample", Sequential(Conv(from, to, 1, by), BatchNorm2d(to)))]);

    private static Conv2d Conv(long inChannels, long outChannels, int kernel, int stride) => Conv2d(
        inChannels, outChannels, kernel_size: kernel, stride: stride, padding: kernel / 2, bias: false);
}

/// <summary>
/// One bottleneck block of a ResNet, its norms after the convolutions: (B, In, h, w) to (B, 4 Middle, h / stride,
/// w / stride). The 3x3 has the stride. If the shape changes, a conv1x1 and a norm adapt x.
/// <code>ReLU(norm(conv1x1(ReLU(norm(conv3x3(ReLU(norm(conv1x1(x)))))))) + shortcut(x))</code>
/// </summary>
internal sealed class Bottleneck : Block
{
    /// <summary>The output's channels divided by the middle's.</summary>
    private const int Expansion = 4;

    private readonly Module<Tensor, Tensor>[] convs, norms, shortcut;

    private Bottleneck(long inChannels, long middle, int stride,
        Func<long, long, int, int, Module<Tensor, Tensor>> conv, string normName,
        Func<long, Module<Tensor, Tensor>> norm,
        Func<long, long, int, (string Name, Module<Tensor, Tensor> Module)[]> adapt)
        : base(nameof(Bottleneck))
    {
        long outChannels = Expansion * middle;
        convs = [conv(inChannels, middle, 1, 1), conv(middle, middle, 3, stride), conv(middle, outChannels, 1, 1)];
        norms = [norm(middle), norm(middle), norm(outChannels)];
        (string Name, Module<Tensor, Tensor> Module)[] adapted =
            stride == 1 && inChannels == outChannels ? [] : adapt(inChannels, outChannels, stride);
        shortcut = [.. adapted.Select(layer => layer.Module)];
        for (int i = 0; i < convs.Length; i++)
            register_module($"conv{i + 1}", convs[i]);
        for (int i = 0; i < norms.Length; i++)
            register_module($"{normName}{i + 1}", norms[i]);
        foreach ((string name, Module<Tensor, Tensor> layer) in adapted)
            register_module(name, layer);
    }

    /// <summary>Blocks one after another, of which the first has the stride.</summary>
    /// <param name="inChannels">Channels of the input.</param>
    /// <param name="middle">Channels of the 3x3 convolutions; the output has four times as many.</param>
    /// <param name="blocks">How many.</param>
    /// <param name="stride">The first one's stride.</param>
    /// <param name="conv">Makes a convolution (In, Out, kernel, stride); they are named conv1 to conv3.</param>
    /// <param name="normName">The beginning of the norms' names.</param>
    /// <param name="norm">Makes the norm that follows each, of so many channels.</param>
    /// <param name="adapt">Makes layers that adapt x to the output's shape (In, Out, stride), with their names.</param>
    public static Sequential Stage(long inChannels, long middle, int blocks, int stride,
        Func<long, long, int, int, Module<Tensor, Tensor>> conv, string normName,
        Func<long, Module<Tensor, Tensor>> norm,
        Func<long, long, int, (string Name, Module<Tensor, Tensor> Module)[]> adapt) =>
        Sequential([.. Enumerable.Range(0, blocks).Select(i => new Bottleneck(
            i == 0 ? inChannels : Expansion * middle, middle, i == 0 ? stride : 1, conv, normName, norm, adapt))]);

    protected override Tensor Compute(Tensor x)
    {
        Tensor y = norms[0].call(convs[0].call(x)).relu_(); // (B, Middle, h, w)
        y = norms[1].call(convs[1].call(y)).relu_(); // (B, Middle, h / stride, w / stride)
        y = norms[2].call(convs[2].call(y)); // (B, 4 Middle, h / stride, w / stride)
        Tensor same = shortcut.Aggregate(x, (map, layer) => layer.call(map));
        return y.add_(same).relu_();
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
/// <param name="inChannels">Channels of the input.</param>
/// <param name="outChannels">Channels of the output.</param>
/// <param name="kernel">The kernel's side, odd.</param>
/// <param name="stride">The stride; the default is 1.</param>
public sealed class StdConv2d(long inChannels, long outChannels, int kernel, int stride = 1)
    : Block(nameof(StdConv2d))
{
    /// <summary>Keeps the division finite.</summary>
    private const double Epsilon = 1e-5;

    private readonly Parameter weight = Parameter(
        init.kaiming_normal_(empty(outChannels, inChannels, kernel, kernel)));

    private readonly int padding = kernel / 2;

    /// <summary>The weights as the convolution uses them, (Out, In, k, k).</summary>
    public Tensor Standardized()
    {
        Tensor centred = weight - weight.mean([1, 2, 3], keepdim: true);
        Tensor variance = centred.square().mean([1, 2, 3], keepdim: true);
        return centred * (variance + Epsilon).rsqrt();
    }

    protected override Tensor Compute(Tensor x) =>
        functional.conv2d(x, Standardized(), strides: [stride, stride], padding: [padding, padding]);
}

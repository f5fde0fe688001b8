using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Workbook.Bench;

/// <summary>
/// Times each convolution of a network by itself, in both orders of its maps in memory, and adds up the faster ones by
/// how often they occur.
/// </summary>
internal sealed class ConvolutionTimer : IDisposable
{
    private readonly IReadOnlyList<ConvolutionShape> shapes;
    private readonly int batch;
    private readonly Tensor numbers;

    /// <param name="shapes">The network's convolutions.</param>
    /// <param name="batch">Images in a batch.</param>
    /// <param name="type">The numbers that they compute in.</param>
    public ConvolutionTimer(IReadOnlyList<ConvolutionShape> shapes, int batch, ScalarType type = ScalarType.Float32)
    {
        this.shapes = shapes;
        this.batch = batch;

        // Inputs, gradients and weights are all cut from the same random numbers: making new ones takes longer than
        // the convolution.
        long most = shapes.Max(s => Math.Max(
            (long)batch * Math.Max(s.In * s.Size * s.Size, s.Out * s.OutSize * s.OutSize),
            (long)s.In * s.Out * s.Kernel * s.Kernel));
        numbers = (rand(most) - 0.5).to(type).DetachFromDisposeScope();
    }

    public double GflopForward => batch * shapes.Sum(shape => shape.GflopForward);

    public double GflopStep => batch * shapes.Sum(shape => shape.GflopStep);

    /// <summary>Seconds of all convolutions of one batch, each in the order of memory that was faster this time.</summary>
    /// <param name="backward">Whether the gradients are computed too.</param>
    public double Time(bool backward) => shapes.Sum(shape =>
        shape.Count * Math.Min(Time(shape, backward, channelsLast: false), Time(shape, backward, channelsLast: true)));

    public void Dispose() => numbers.Dispose();

    private double Time(ConvolutionShape shape, bool backward, bool channelsLast)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable gradients = set_grad_enabled(backward);
        Tensor input = Map(shape.In, shape.Size), gradient = Map(shape.Out, shape.OutSize);
        Tensor weight = Take(shape.Out, shape.In, shape.Kernel, shape.Kernel);
        Tensor? bias = shape.Bias ? Take(shape.Out) : null;
        Tensor[] wanted = [.. new[] { shape.InputHasGradient ? input : null, weight, bias }.OfType<Tensor>()];
        if (backward)
        {
            foreach (Tensor tensor in wanted)
                tensor.requires_grad_(true);
        }

        var clock = Stopwatch.StartNew();
        Tensor output = nn.functional.conv2d(
            input, weight, bias, strides: [shape.Stride, shape.Stride], padding: [shape.Padding, shape.Padding]);
        if (backward)
            autograd.grad([output], wanted, [gradient]);
        return clock.Elapsed.TotalSeconds;

        Tensor Map(int channels, int size) => channelsLast
            ? Take(batch, size, size, channels).permute(0, 3, 1, 2).detach()
            : Take(batch, channels, size, size);
    }

    private Tensor Take(params long[] shape) =>
        numbers.narrow(0, 0, shape.Aggregate(1L, (a, b) => a * b)).view(shape).detach();
}

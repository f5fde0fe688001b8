using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Workbook.Bench;

/// <summary>Times each convolution of a network by itself and adds them up by how often they occur.</summary>
internal sealed class ConvolutionTimer : IDisposable
{
    private readonly IReadOnlyList<ConvolutionShape> shapes;
    private readonly int batch;
    private readonly Tensor numbers;

    /// <param name="shapes">The network's convolutions.</param>
    /// <param name="batch">Images in a batch.</param>
    public ConvolutionTimer(IReadOnlyList<ConvolutionShape> shapes, int batch)
    {
        this.shapes = shapes;
        this.batch = batch;

        // Inputs, gradients and weights are all cut from the same random numbers; making them takes longer than convolving.
        long most = shapes.Max(s => Math.Max((long)batch * Math.Max(s.In * s.Size * s.Size, s.Out * s.OutSize * s.OutSize), (long)s.In * s.Out * s.Kernel * s.Kernel));
        numbers = (rand(most) - 0.5).DetachFromDisposeScope();
    }

    public double GflopForward => batch * shapes.Sum(shape => shape.GflopForward);

    public double GflopStep => batch * shapes.Sum(shape => shape.GflopStep);

    /// <summary>Seconds of all convolutions of one batch.</summary>
    /// <param name="backward">Whether the gradients are computed too.</param>
    public double Time(bool backward) => shapes.Sum(shape => shape.Count * Time(shape, backward));

    public void Dispose() => numbers.Dispose();

    private double Time(ConvolutionShape shape, bool backward)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable gradients = set_grad_enabled(backward);
        Tensor input = Take(batch, shape.In, shape.Size, shape.Size), weight = Take(shape.Out, shape.In, shape.Kernel, shape.Kernel);
        Tensor? bias = shape.Bias ? Take(shape.Out) : null;
        Tensor gradient = Take(batch, shape.Out, shape.OutSize, shape.OutSize);
        Tensor[] wanted = [.. new[] { shape.InputHasGradient ? input : null, weight, bias }.OfType<Tensor>()];
        if (backward)
        {
            foreach (Tensor tensor in wanted)
                tensor.requires_grad_(true);
        }

        var clock = Stopwatch.StartNew();
        Tensor output = nn.functional.conv2d(input, weight, bias, strides: [shape.Stride, shape.Stride], padding: [shape.Padding, shape.Padding]);
        if (backward)
            autograd.grad([output], wanted, [gradient]);
        return clock.Elapsed.TotalSeconds;
    }

    private Tensor Take(params long[] shape) => numbers.narrow(0, 0, shape.Aggregate(1L, (a, b) => a * b)).view(shape).detach();
}

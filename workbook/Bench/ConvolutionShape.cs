using C2FVL.Models;

namespace C2FVL.Workbook.Bench;

/// <summary>A 2-D convolution of a network, with as much padding as keeps its input's size where its stride is 1.</summary>
/// <param name="In">Channels of the input.</param>
/// <param name="Out">Channels of the output.</param>
/// <param name="Kernel">The kernel's side.</param>
/// <param name="Size">The input's side in pixels.</param>
/// <param name="Stride">The stride; the default is 1.</param>
/// <param name="Bias">Whether there is one; the default is true.</param>
/// <param name="Count">How often it occurs in a forward pass; the default is once.</param>
internal sealed record ConvolutionShape(int In, int Out, int Kernel, int Size, int Stride = 1, bool Bias = true, int Count = 1)
{
    public int Padding => Stride == 1 ? Kernel / 2 : 0;

    /// <summary>The output's side.</summary>
    public int OutSize => ((Size + (2 * Padding) - Kernel) / Stride) + 1;

    /// <summary>Whether its input has a gradient; the image has none.</summary>
    public bool InputHasGradient => In != 3;

    /// <summary>Multiplications and additions of a forward pass of one image, all occurrences together, in 10⁹.</summary>
    public double GflopForward => Count * 2.0 * In * Out * Kernel * Kernel * OutSize * OutSize / 1e9;

    /// <summary>The same with the gradients of weights and, where there is one, of the input.</summary>
    public double GflopStep => GflopForward * (InputHasGradient ? 3 : 2);

    /// <summary>
    /// C2FVL's convolutions as the released code runs them: reconstruction at the full size of each level, and VLAB's
    /// linear layers, which are convolutions of 1 x 1, apart from those before them. However the library folds or
    /// reorders them, these are what its speed is measured against.
    /// </summary>
    public static IReadOnlyList<ConvolutionShape> Released(C2FVLSettings settings)
    {
        const int levels = 4;
        int width = settings.Width;
        var shapes = new List<ConvolutionShape> { new(3, width, 3, settings.ImageSize) };
        for (int level = 1; level <= levels; level++)
        {
            int times = 1 << (level - 1), size = settings.ImageSize / times, channels = width * times;
            int below = level == levels ? channels : 2 * channels; // the encoder's next level; the last keeps its channels
            shapes.Add(new(channels, below, 3, size / 2));
            shapes.Add(new(below, below, 3, size / 2));

            if (settings.UseViT)
            {
                int patch = settings.Patch / times;
                shapes.Add(new(channels, channels, patch, size, patch));
                shapes.Add(new(channels, channels, 1, size));
            }

            if (settings.UseVlab)
            {
                shapes.Add(new(channels, channels, 1, size, Bias: false, Count: 2));
                shapes.Add(new(channels, channels, 1, size, Count: 2));
            }

            int decoded = level == 1 ? channels : channels / 2;
            shapes.Add(new(2 * channels, decoded, 3, size));
            shapes.Add(new(decoded, decoded, 3, size));
            if (level == 1 || settings.UseVlab)
                shapes.Add(new(channels, 1, 1, size, Count: level == 1 && settings.UseVlab ? 2 : 1));
        }

        // The same shape at several places is timed once.
        return [.. shapes.GroupBy(shape => shape with { Count = 1 }).Select(same => same.Key with { Count = same.Sum(shape => shape.Count) })];
    }
}

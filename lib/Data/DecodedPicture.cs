using System.Numerics.Tensors;

namespace C2FVL.Data;

/// <summary>The samples of a picture file as stored, before anything is made of them.</summary>
/// <param name="Header">What the file says of itself.</param>
/// <param name="Width">Pixels a stored row.</param>
/// <param name="Height">Stored rows.</param>
/// <param name="Channels">1 grey, 2 grey and alpha, 3 colour, 4 colour and alpha.</param>
/// <param name="Range">The highest possible sample: 255 or 65535.</param>
/// <param name="Samples">Shape (height, width, channels).</param>
/// <param name="Indices">The palette's indices, shape (height, width); null for a file without a palette.</param>
internal sealed record DecodedPicture(
    ImageHeader Header, int Width, int Height, int Channels, int Range, ushort[] Samples, ushort[]? Indices)
{
    public int Pixels => this.Width * this.Height;

    /// <summary>Whether the last channel is opacity.</summary>
    public bool HasAlpha => this.Channels % 2 == 0;

    /// <summary>
    /// Grey values 0 to 1, alpha over black. Luma is summed in whole numbers, so that equal channels of v give exactly
    /// v / range.
    /// </summary>
    public float[] Luma()
    {
        var gray = new float[this.Pixels];
        if (this.Channels == 1)
        {
            TensorPrimitives.ConvertTruncating<ushort, float>(this.Samples, gray);
            TensorPrimitives.Divide(gray, this.Range, gray);
            return gray;
        }

        for (int i = 0; i < gray.Length; i++)
        {
            ReadOnlySpan<ushort> pixel = this.Samples.AsSpan(this.Channels * i, this.Channels);
            long thousandths = this.Channels == 2 ? 1000L * pixel[0] : (299L * pixel[0]) + (587L * pixel[1]) + (114L * pixel[2]);
            double opacity = this.HasAlpha ? pixel[^1] / (double)this.Range : 1;
            gray[i] = (float)(thousandths / (1000.0 * this.Range) * opacity);
        }

        return gray;
    }
}

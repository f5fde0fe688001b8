namespace C2FVL.Data;

/// <summary>What a picture file says of itself before its pixels.</summary>
/// <param name="Width">Pixels a row, upright: after the file's own orientation.</param>
/// <param name="Height">Rows, upright.</param>
/// <param name="Bits">Bits a sample, as stored: 1, 2, 4, 8 or 16.</param>
/// <param name="IsGray">Whether the file holds grey values alone: no colours, palette or transparency.</param>
/// <param name="Format">"Png", "Jpeg" or "Bmp", whatever the file is called.</param>
/// <param name="Orientation">The orientation that the file tells (EXIF), already counted in width and height.</param>
public sealed record ImageHeader(int Width, int Height, int Bits, bool IsGray, string Format, ImageOrientation Orientation)
{
    /// <summary>Whether the file can hold black and white alone: as a mask it has one label, without a look at its pixels.</summary>
    public bool IsOneBit => this.Bits == 1 && this.IsGray;
}

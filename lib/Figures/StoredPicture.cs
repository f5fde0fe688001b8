using SkiaSharp;

namespace C2FVL.Figures;

/// <summary>A figure that was drawn elsewhere, such as one of real pictures that are not on this machine.</summary>
/// <param name="Title">One line that names it; the picture has its own above it.</param>
/// <param name="Png">The picture.</param>
public sealed record StoredPicture(string Title, byte[] Png) : DrawnFigure(Title)
{
    internal override SKSizeI Size
    {
        get
        {
            using SKBitmap bitmap = SKBitmap.Decode(Png);
            return new(bitmap.Width, bitmap.Height);
        }
    }

    internal override double CellScale => 1;

    /// <summary>Reads a PNG file.</summary>
    /// <exception cref="InvalidDataException">The file is no picture.</exception>
    public static StoredPicture Read(string title, string path)
    {
        using SKCodec? codec = SKCodec.Create(path);
        return codec is null ? throw new InvalidDataException($"{path} is no picture. Restore the file, or draw it again.") : new StoredPicture(title, File.ReadAllBytes(path));
    }

    /// <summary>A JPEG: with grain a PNG is five times as large, and a stored notebook holds one already.</summary>
    private protected override string ImageSource() => "data:image/jpeg;base64," + Convert.ToBase64String(FigureCanvas.Jpeg(Size, CellScale, Draw));

    internal override string Describe()
    {
        SKSizeI size = Size;
        return $"A stored picture of {size.Width} x {size.Height} pixels.";
    }

    internal override void Draw(SKCanvas canvas)
    {
        using SKBitmap bitmap = SKBitmap.Decode(Png);
        canvas.DrawBitmap(bitmap, 0, 0);
    }
}

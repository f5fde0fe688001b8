namespace C2FVL.Figures;

/// <summary>
/// A figure that was drawn elsewhere, such as one of real pictures that are not on this machine, shown as its file is.
/// </summary>
public sealed class StoredPicture : IDisplayable
{
    private readonly string source;
    private readonly string name;

    private StoredPicture(string title, string name, string source)
    {
        Title = title;
        this.name = name;
        this.source = source;
    }

    /// <summary>One line that names it; the picture has its own inside.</summary>
    public string Title { get; }

    /// <summary>Reads a picture file.</summary>
    /// <param name="title">One line that names it.</param>
    /// <param name="path">A WebP, PNG or JPEG file; its first bytes tell which.</param>
    /// <exception cref="InvalidDataException">The file is none of these.</exception>
    public static StoredPicture Read(string title, string path)
    {
        byte[] file = File.ReadAllBytes(path);
        string kind = file.AsSpan() switch
        {
            [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => "png",
            [0xff, 0xd8, 0xff, ..] => "jpeg",
            [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => "webp",
            _ => throw new InvalidDataException($"{path} is no WebP, PNG or JPEG picture. Restore the file, or draw it again."),
        };
        return new StoredPicture(title, Path.GetFileName(path), $"data:image/{kind};base64,{Convert.ToBase64String(file)}");
    }

    public string ToHtml() =>
        $"<figure style=\"margin:0\"><img alt=\"{Html.Escape(ToText())}\" style=\"display:block;max-width:100%;height:auto;background:#fff\" src=\"{source}\"></figure>";

    public string ToText() => $"{Title}: the stored picture {name}.";
}

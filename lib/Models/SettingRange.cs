namespace C2FVL.Models;

/// <summary>The checks that the systems' settings and inputs share, with one wording.</summary>
internal static class SettingRange
{
    /// <summary>Throws where a setting is out of its range, naming it and the range.</summary>
    public static void Require(bool holds, string system, string setting, object value, string range)
    {
        if (!holds)
            throw new ArgumentException(FormattableString.Invariant($"{system}'s {setting} is {value}; it must be {range}."));
    }

    /// <summary>The image's side of a network that halves it so many times.</summary>
    public static void RequireHalvings(string system, int imageSize, int halvings)
    {
        int factor = 1 << halvings;
        Require(imageSize >= 2 * factor && imageSize % factor == 0, system, nameof(ModelSettings.ImageSize), imageSize, $"at least {2 * factor} and a multiple of {factor}, as it is halved {halvings} times");
    }

    /// <summary>Throws unless a batch of images has the shape (B, 3, side, side).</summary>
    public static void RequireImage(string system, TorchSharp.torch.Tensor image, int side)
    {
        if (image.dim() != 4 || image.shape[1] != 3 || image.shape[2] != side || image.shape[3] != side)
            throw new ArgumentException($"{system} takes images of shape (B, 3, {side}, {side}), not ({string.Join(", ", image.shape)}).");
    }

    /// <summary>Throws unless a batch of text vectors has the shape (B, 8), one row an image.</summary>
    public static void RequireText(string system, TorchSharp.torch.Tensor image, TorchSharp.torch.Tensor text)
    {
        if (text.dim() != 2 || text.shape[0] != image.shape[0] || text.shape[1] != Data.TextVector.Length)
            throw new ArgumentException($"{system} takes text of shape ({image.shape[0]}, {Data.TextVector.Length}), one row an image, not ({string.Join(", ", text.shape)}).");
    }
}

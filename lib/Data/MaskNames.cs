namespace C2FVL.Data;

/// <summary>How a mask is named after its image.</summary>
internal static class MaskNames
{
    private const string Prefix = "mask_";
    private const string Suffix = "_mask";

    /// <summary>The names that the mask of an image may have, without extension, the plainest first.</summary>
    public static IEnumerable<string> Of(string imageStem) => [imageStem, Prefix + imageStem, imageStem + Suffix];

    /// <summary>Whether a name alone tells that the picture is a mask.</summary>
    public static bool IsMask(string stem) => ImageOf(stem) != stem;

    /// <summary>The image's name in a mask's; a name that is not a mask's as it is.</summary>
    public static string ImageOf(string stem)
    {
        if (stem.Length > Prefix.Length && stem.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            return stem[Prefix.Length..];
        if (stem.Length > Suffix.Length && stem.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase))
            return stem[..^Suffix.Length];
        return stem;
    }
}

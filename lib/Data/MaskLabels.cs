using System.Globalization;

namespace C2FVL.Data;

/// <summary>
/// The values of a mask file and what they mean. Values are grey values; the numbers of a palette of colours; colours
/// as 0xRRGGBB; or opacity, where that is all that differs.
/// </summary>
internal sealed class MaskLabels(DecodedPicture picture, int[] levels, bool areColours = false)
{
    /// <summary>Soft edges are this wide at most, in pixels.</summary>
    private const int Rim = 2;

    /// <summary>More distinct values than any set of labels near: the file was smoothed or compressed.</summary>
    private const int ManyShades = 16;

    /// <summary>
    /// JPEG blurs by tens of grey values; below this highest value, lesion and blur cannot be told apart. A file that
    /// is black all over may be a mask of 0 and 1 that compression wiped out.
    /// </summary>
    private const int LeastJpegValue = 64;

    /// <summary>Soft edges need room between 0 and the highest value; 0, 1, 2 and 3 are labels.</summary>
    private const int LeastSoftValue = 32;

    private const int MostListed = 12;

    private IReadOnlyList<int>? values;
    private readonly SortedDictionary<int, int> counts =
        new(areColours ? levels.CountBy(level => level).ToDictionary() : Histogram(levels, picture.Range));

    /// <summary>The distinct values, rising.</summary>
    public IReadOnlyList<int> Values => values ??= [.. counts.Keys];

    private int Top => Values[^1];

    public static MaskLabels From(DecodedPicture picture) => picture is { Channels: 1, Indices: null }
        ? new MaskLabels(picture, Array.ConvertAll(picture.Samples, v => (int)v)) : Colours(picture);

    /// <summary>What is wrong with reading the file as a mask, and the cure; null where its meaning is clear.</summary>
    public (string Problem, string Cure)? Problem(int? lesionLabel)
    {
        if (picture.IsJpeg && (areColours || lesionLabel is not null || Top < LeastJpegValue))
            return ($"The mask is a JPEG file with values {(areColours ? "in colours" : $"up to {Top}")}: JPEG changes "
                + "values, so its labels are not reliable.", "Save the original mask as PNG.");

        if (lesionLabel is not null || Values.Count == 1 || (Values.Count == 2 && Values[0] == 0))
            return null;
        if (Values[0] == 0 && !areColours && Top >= LeastSoftValue && (IsSoft(0, Top, needsTop: true) || AreShades()))
            return null;
        if (Values.Count > 256) // a photograph
            return ($"It contains {Values.Count} values, too many for labels.",
                "Give the lesion mask: 0 for background, one other value for lesion.");
        int rarest = counts.Where(count => count.Key > 0).MinBy(count => count.Value).Key;
        return ($"It contains several labels: {Listed()}.", $"Name the lesion's label, for example --lesion-label "
            + $"{rarest} (LesionLabel in a spec or in the library), or save masks of 0 and 255.");
    }

    /// <summary>The lesion. Of a file with soft edges, the upper half of the values.</summary>
    public BinaryMask ToMask(int? lesionLabel)
    {
        int threshold = Values.Count <= 2 ? 0 : Top / 2;
        return new BinaryMask(picture.Width, picture.Height,
            Array.ConvertAll(levels, v => (lesionLabel is int label ? v == label : v > threshold) ? (byte)1 : (byte)0));
    }

    /// <summary>How often each level occurs; in a table, because every mask of every epoch is counted.</summary>
    private static Dictionary<int, int> Histogram(int[] levels, int range)
    {
        var histogram = new int[range + 1];
        foreach (int level in levels)
            histogram[level]++;
        return histogram.Index().Where(bin => bin.Item > 0).ToDictionary(bin => bin.Index, bin => bin.Item);
    }

    /// <summary>The levels of a file with colours, palette or transparency.</summary>
    private static MaskLabels Colours(DecodedPicture picture)
    {
        int[] colours = Packed(picture), opacity = picture.HasAlpha
            ? [.. picture.Samples.Chunk(picture.Channels).Select(pixel => (int)pixel[^1])]
            : new int[picture.Pixels];
        bool alphaVaries = opacity.AsSpan().ContainsAnyExcept(opacity[0]);
        int[] visible = [.. colours.Where((_, i) => !alphaVaries || opacity[i] > 0).Distinct()];
        if (alphaVaries && visible.Length <= 1)
            return new MaskLabels(picture, opacity);

        if (alphaVaries)
            colours = [.. colours.Select((colour, i) => opacity[i] == 0 ? 0 : colour)];
        if (picture.Indices is ushort[] indices && indices.Distinct().Count() > colours.Distinct().Count())
            return new MaskLabels(picture, Array.ConvertAll(indices, i => (int)i));
        if (Array.TrueForAll(visible, colour => Red(colour) == Green(colour) && Green(colour) == Blue(colour)))
            return new MaskLabels(picture, Array.ConvertAll(colours, Red));
        if (IsOneHue(visible))
            return new MaskLabels(picture, Array.ConvertAll(colours, Brightest));
        return picture.Indices is ushort[] numbers ? new MaskLabels(picture, WithBlackFirst(numbers, colours))
            : new MaskLabels(picture, colours, areColours: true);
    }

    /// <summary>Colours as 0xRRGGBB; of 16 bits a channel the upper 8, unless the lower alone differ.</summary>
    private static int[] Packed(DecodedPicture picture)
    {
        int green = picture.Channels >= 3 ? 1 : 0, blue = 2 * green; // grey stands for all three
        int shift = picture.Range > byte.MaxValue && picture.Samples.Any(v => v > byte.MaxValue) ? 8 : 0;
        return [.. Enumerable.Range(0, picture.Pixels).Select(i => picture.Channels * i)
            .Select(at => (Sample(at) << 16) | (Sample(at + green) << 8) | Sample(at + blue))];

        int Sample(int at) => picture.Samples[at] >> shift;
    }

    /// <summary>The palette's numbers, with 0 for black: whichever number black has changes places with 0.</summary>
    private static int[] WithBlackFirst(ushort[] indices, int[] colours)
    {
        int at = Array.IndexOf(colours, 0);
        int black = at < 0 ? 0 : indices[at];
        return Array.ConvertAll(indices, i => i == black ? 0 : i == 0 ? black : i);
    }

    /// <summary>
    /// Whether all colours are shades of the brightest one, as where a coloured lesion has soft edges.
    /// </summary>
    private static bool IsOneHue(int[] colours)
    {
        if (!colours.Contains(0))
            return false;
        int brightest = colours.MaxBy(Brightest);
        return Array.TrueForAll(colours, colour =>
        {
            double share = Brightest(colour) / (double)Brightest(brightest);
            return Near(Red(colour), Red(brightest)) && Near(Green(colour), Green(brightest))
                && Near(Blue(colour), Blue(brightest));

            bool Near(int channel, int full) => Math.Abs(channel - (share * full)) <= 2;
        });
    }

    private static int Red(int colour) => (colour >> 16) & 255;

    private static int Green(int colour) => (colour >> 8) & 255;

    private static int Blue(int colour) => colour & 255;

    private static int Brightest(int colour) => Math.Max(Red(colour), Math.Max(Green(colour), Blue(colour)));

    /// <summary>
    /// Whether a smoothed or compressed file holds a mask: no shade fills an area, and those that are neither dark nor
    /// bright form rims.
    /// </summary>
    private bool AreShades()
    {
        if (!picture.IsJpeg && (Values.Count <= ManyShades || ShadeFillsArea()))
            return false;
        int dark = Top / 4, bright = Top - dark;
        int between = levels.Count(v => v > dark && v < bright);
        return between <= levels.Length / 4 && IsSoft(dark, bright, needsTop: picture.IsJpeg);
    }

    /// <summary>
    /// Whether every pixel between dark and bright lies on a rim: bright within two pixels, and dark too unless it
    /// fills a gap. Without a need for bright ones, thin lesions may be all rim.
    /// </summary>
    private bool IsSoft(int dark, int bright, bool needsTop)
    {
        for (int i = 0; i < levels.Length; i++)
        {
            if (levels[i] <= dark || levels[i] >= bright)
                continue;
            int[] near = [.. Around(i, Rim)];
            bool nearDark = near.Min() <= dark, nearBright = near.Max() >= bright;
            if (needsTop ? !nearBright || (!nearDark && IsInside(i)) : !nearBright && !nearDark)
                return false;
        }

        return true;
    }

    /// <summary>
    /// Whether a value between 0 and the highest fills a square of 3 x 3, as labels do and shades do not.
    /// </summary>
    private bool ShadeFillsArea() => Enumerable.Range(0, levels.Length)
        .Any(i => levels[i] > Top / 32 && levels[i] < Top - (Top / 32) && IsInside(i));

    /// <summary>Whether a pixel's eight neighbours have its value; false at the border.</summary>
    private bool IsInside(int pixel) =>
        Around(pixel, 1).ToArray() is { Length: 9 } square && Array.TrueForAll(square, v => v == levels[pixel]);

    /// <summary>The values of a square round a pixel, as far as it lies in the image.</summary>
    private IEnumerable<int> Around(int pixel, int reach)
    {
        int row = pixel / picture.Width, column = pixel % picture.Width;
        for (int r = Math.Max(0, row - reach); r <= Math.Min(picture.Height - 1, row + reach); r++)
        {
            for (int c = Math.Max(0, column - reach); c <= Math.Min(picture.Width - 1, column + reach); c++)
                yield return levels[(r * picture.Width) + c];
        }
    }

    private string Listed()
    {
        IEnumerable<string> named = counts.Take(MostListed).Select((count, i) => string.Create(
            CultureInfo.InvariantCulture, $"{Named(count.Key)} on {count.Value:N0}{(i == 0 ? " pixels" : "")}"));
        return string.Join(", ", named) + (counts.Count > MostListed ? $" and {counts.Count - MostListed} more" : "");
    }

    private string Named(int level) =>
        areColours ? $"{level} (colour {Red(level)}, {Green(level)}, {Blue(level)})" : $"{level}";
}

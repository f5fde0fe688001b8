using System.Text;
using System.Text.RegularExpressions;
using HarfBuzzSharp;

namespace C2FVL.Data;

/// <summary>
/// When two names mean one image: in another Unicode form, in other capitals, or with other leading zeros.
/// </summary>
internal static partial class ImageName
{
    /// <summary>Compares composed names without regard to capitals.</summary>
    public static StringComparer Comparer => StringComparer.OrdinalIgnoreCase;

    /// <summary>
    /// The name with letters and their marks composed as in Unicode NFC: macOS writes "ü" as two characters, others as
    /// one. Marks must stand in their canonical order, as all systems write them. .NET itself leaves names as they are
    /// where it runs without ICU, as this project's programs do.
    /// </summary>
    public static string Composed(string name)
    {
        if (Ascii.IsValid(name))
            return name;
        UnicodeFunctions unicode = UnicodeFunctions.Default;
        var composed = new List<(uint Rune, int Class)>();
        int letter = -1; // the last rune that is no mark
        foreach (uint rune in name.EnumerateRunes().Select(rune => (uint)rune.Value))
        {
            int order = (int)unicode.GetCombiningClass(rune);
            bool isBlocked = letter < 0
                || (letter < composed.Count - 1 && (composed[^1].Class == 0 || composed[^1].Class >= order));
            if (!isBlocked && unicode.TryCompose(composed[letter].Rune, rune, out uint both))
            {
                composed[letter] = (both, 0);
                continue;
            }

            composed.Add((rune, order));
            letter = order == 0 ? composed.Count - 1 : letter;
        }

        return string.Concat(composed.Select(rune => char.ConvertFromUtf32((int)rune.Rune)));
    }

    /// <summary>The composed name of an image file, without folder and extension.</summary>
    public static string OfFile(string path) => Composed(FolderFiles.Stem(path));

    /// <summary>
    /// The name with every number written without leading zeros: "case_007" is "case_7", "0001" is "1".
    /// </summary>
    public static string AsNumbers(string name) => LeadingZeros().Replace(name, "");

    [GeneratedRegex("(?<![0-9])0+(?=[0-9])")]
    private static partial Regex LeadingZeros();
}

/// <summary>
/// Finds the image that a sheet's cell means: by its name or its mask's, or, where that finds none, as numbers.
/// </summary>
internal sealed class NameIndex
{
    private readonly ILookup<string, ImagePair> byName, byNumbers;

    public NameIndex(IReadOnlyList<ImagePair> pairs)
    {
        byName = pairs.SelectMany(Names).ToLookup(n => n.Name, n => n.Pair, ImageName.Comparer);
        byNumbers = pairs.ToLookup(pair => ImageName.AsNumbers(pair.Name), ImageName.Comparer);
    }

    /// <summary>The image; or null, and why where more is known than that there is none.</summary>
    /// <param name="written">The cell: a file name of image or mask, with or without extension and folders, or a
    /// number.</param>
    /// <param name="part">The part that the sheet stands for, which goes before others; null for none.</param>
    public (ImagePair? Pair, string? Problem) Find(string written, Part? part)
    {
        string name = ImageName.OfFile(written);
        part = written.Split('/', '\\')[..^1].Select(Folder).FirstOrDefault(found => found is not null) ?? part;
        string[] spellings = [name, MaskNames.ImageOf(name)];
        if (name.EndsWith(".0", StringComparison.Ordinal))
            spellings = [.. spellings, name[..^2]]; // 7.0 is a table program's 7
        ImagePair[] found = [.. spellings.Select(spelling => byName[spelling].Distinct())
            .Concat(spellings.Select(spelling => byNumbers[ImageName.AsNumbers(spelling)]))
            .FirstOrDefault(pairs => pairs.Any()) ?? []];
        if (Array.Exists(found, pair => pair.Part == part))
            found = Array.FindAll(found, pair => pair.Part == part);
        return found.Length < 2 ? (found.FirstOrDefault(), null)
            : (null, $"{written} could be {string.Join(" or ", found.Take(3).Select(pair => pair.Id))}.");
    }

    private static IEnumerable<(string Name, ImagePair Pair)> Names(ImagePair pair) =>
        new[] { pair.Name, ImageName.OfFile(pair.Image), ImageName.OfFile(pair.Mask) }
            .Distinct(ImageName.Comparer).Select(name => (name, pair));

    private static Part? Folder(string name) =>
        int.TryParse(name, out _) || !Enum.TryParse(name.Split('_', ' ')[0], ignoreCase: true, out Part part)
            ? null : part;
}

/// <summary>How a mask is named after its image.</summary>
internal static partial class MaskNames
{
    /// <summary>The names that the mask of an image may have, without extension, the plainest first.</summary>
    public static IEnumerable<string> Of(string imageStem) => [imageStem, $"mask_{imageStem}", $"{imageStem}_mask"];

    /// <summary>Whether a file's name alone shows that the image is a mask.</summary>
    public static bool IsMask(string file) => ImageOf(FolderFiles.Stem(file)) != FolderFiles.Stem(file);

    /// <summary>The image's name in a mask's; a name that is not a mask's as it is.</summary>
    public static string ImageOf(string stem) => Marked().Replace(stem, "$1$2");

    [GeneratedRegex("^mask_(.+)$|^(.+)_mask$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Marked();
}

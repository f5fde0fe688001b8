namespace C2FVL.Data;

/// <summary>Finds the image that a sheet's cell means: by its name or its mask's, or, where that finds none, as numbers.</summary>
internal sealed class NameIndex
{
    private readonly ILookup<string, ImagePair> byName, byNumbers;

    public NameIndex(IReadOnlyList<ImagePair> pairs)
    {
        this.byName = pairs.SelectMany(Names).ToLookup(n => n.Name, n => n.Pair, ImageName.Comparer);
        this.byNumbers = pairs.ToLookup(pair => ImageName.AsNumbers(pair.Name), ImageName.Comparer);
    }

    /// <summary>The image; or null, and why where more is known than that there is none.</summary>
    /// <param name="written">The cell: a file name of image or mask, with or without extension and folders, or a number.</param>
    /// <param name="part">The part that the sheet stands for, which goes before others; null for none.</param>
    public (ImagePair? Pair, string? Problem) Find(string written, Part? part)
    {
        string name = ImageName.Composed(FolderFiles.Stem(written));
        part = written.Split('/', '\\')[..^1].Select(Folder).FirstOrDefault(found => found is not null) ?? part;
        string[] spellings = [name, MaskNames.ImageOf(name), .. name.EndsWith(".0", StringComparison.Ordinal) ? [name[..^2]] : Array.Empty<string>()]; // 7.0 is a table program's 7
        foreach (string spelling in spellings)
        {
            if (this.byName[spelling].Distinct().ToArray() is { Length: > 0 } found)
                return One(found, part, written);
        }

        foreach (string spelling in spellings)
        {
            if (this.byNumbers[ImageName.AsNumbers(spelling)].ToArray() is { Length: > 0 } found)
                return One(found, part, written);
        }

        return (null, null);
    }

    private static (ImagePair? Pair, string? Problem) One(ImagePair[] found, Part? part, string written)
    {
        ImagePair[] here = [.. found.Where(pair => pair.Part == part)];
        ImagePair[] meant = here.Length > 0 ? here : found;
        return meant.Length == 1
            ? (meant[0], null)
            : (null, $"{written} could be {string.Join(" or ", meant.Take(3).Select(pair => pair.Id))}.");
    }

    private static IEnumerable<(string Name, ImagePair Pair)> Names(ImagePair pair) =>
        new[] { pair.Name, ImageName.Composed(FolderFiles.Stem(pair.Image)), ImageName.Composed(FolderFiles.Stem(pair.Mask)) }
            .Distinct(ImageName.Comparer).Select(name => (name, pair));

    private static Part? Folder(string name) => Enum.TryParse(name.Split('_', ' ')[0], ignoreCase: true, out Part part) && !int.TryParse(name, out _) ? part : null;
}

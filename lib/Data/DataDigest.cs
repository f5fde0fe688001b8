using System.Security.Cryptography;
using System.Text;
using C2FVL.Platform;

namespace C2FVL.Data;

/// <summary>
/// A digest of what a run reads: the bytes of each image and mask, how they are turned upright, the lesion label, the
/// report as it was understood, the patient, and the set that the case is in. Paths and times do not count.
/// </summary>
public sealed class DataDigest
{
    private const int Digits = 16;

    private readonly IReadOnlyList<Line> lines;

    private DataDigest(IEnumerable<Line> lines)
    {
        this.lines = [.. lines.OrderBy(line => line.Part).ThenBy(line => line.Id, StringComparer.Ordinal)];
        Split = Hash(line => line.Patient);
        Images = Hash(line => line.Image);
        Masks = Hash(line => line.Mask);
        Reports = Hash(line => line.Report);
        Value = OfText(string.Join(' ', Split, Images, Masks, Reports));
    }

    /// <summary>The digest of everything: 16 hexadecimal digits.</summary>
    public string Value { get; }

    /// <summary>The digest of the images of the split's cases.</summary>
    public string Images { get; }

    /// <summary>The digest of the masks of the split's cases.</summary>
    public string Masks { get; }

    /// <summary>The digest of the reports of the split's cases.</summary>
    public string Reports { get; }

    /// <summary>The digest of the split: which case is in which set, and of which patient.</summary>
    public string Split { get; }

    /// <summary>The digest of a split's cases.</summary>
    /// <param name="dataset">The cases.</param>
    /// <param name="split">Their sets.</param>
    /// <param name="image">The digest of the bytes of a case's image.</param>
    /// <param name="mask">The digest of the bytes of a case's mask.</param>
    public static DataDigest From(
        Dataset dataset, Split split, Func<Case, string> image, Func<Case, string> mask) => new(
        from placed in split.Placed(dataset) let item = placed.Case
        let turned = item.Orientation == ImageOrientation.Upright ? "" : $" {item.Orientation}"
        let label = item.LesionLabel is int value ? FormattableString.Invariant($" label {value}") : ""
        select new Line(placed.Part, item.Id, image(item) + turned, mask(item) + turned + label,
            item.Report is null ? "-" : string.Join(' ', item.Report.ToVector()), item.Patient ?? "-"));

    /// <summary>The digest of bytes as this class writes it.</summary>
    public static string From(ReadOnlySpan<byte> bytes) =>
        Convert.ToHexStringLower(SHA256.HashData(bytes))[..Digits];

    /// <summary>What differs from another digest, such as "12 masks, 3 reports"; null where nothing does.</summary>
    public string? DifferenceFrom(DataDigest other)
    {
        if (other.Value == Value)
            return null;
        (Line Old, Line New)[] both = [
            .. from old in other.lines join line in lines on old.Id equals line.Id select (old, line)];
        (int Count, string Noun, string More)[] found = [
            (Differing(line => line.Image), "image", ""), (Differing(line => line.Mask), "mask", ""),
            (Differing(line => line.Report), "report", ""), (lines.Count - both.Length, "case", " added"),
            (other.lines.Count - both.Length, "case", " removed"), (Differing(line => line.Patient), "patient id", ""),
            (Differing(line => $"{line.Part}"), "case", " in another set")];
        return string.Join(
            ", ", found.Where(f => f.Count > 0).Select(f => Wording.Counted(f.Count, f.Noun) + f.More));

        int Differing(Func<Line, string> what) => both.Count(pair => what(pair.Old) != what(pair.New));
    }

    /// <summary>Writes one line per case. The file appears whole or not at all.</summary>
    public void Save(string path) => AtomicFile.WriteText(path, string.Concat(lines.Select(
            line => $"{line.Part}\t{line.Image}\t{line.Mask}\t{line.Report}\t{line.Patient}\t{line.Id}\n")));

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The file is not what it should be.</exception>
    public static DataDigest Load(string path)
    {
        var lines = new List<Line>();
        foreach (string text in File.ReadLines(path))
        {
            string[] cells = text.Split('\t', 6);
            if (cells.Length < 6 || !Enum.TryParse(cells[0], out Part part))
                throw new InvalidDataException(
                    $"{path}, row {lines.Count + 1}: this is not a list of data digests. Delete the file; what "
                        + "differs is then named without counts.");
            lines.Add(new Line(part, cells[5], cells[1], cells[2], cells[3], cells[4]));
        }

        return new DataDigest(lines);
    }

    private static string OfText(string text) => From(Encoding.UTF8.GetBytes(text));

    private string Hash(Func<Line, string> what) =>
        OfText(string.Concat(lines.Select(line => $"{line.Part}\t{line.Id}\t{what(line)}\n")));

    private readonly record struct Line(Part Part, string Id, string Image, string Mask, string Report, string Patient);
}

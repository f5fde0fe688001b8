using System.Globalization;
using C2FVL.Data;
using C2FVL.Platform;

namespace C2FVL.Interpretation;

/// <summary>
/// A row a case with the measures of its CAMs, four digits after the point, so that results can be shown without data
/// and weights: case, patient, named (the report's zones as the number of <see cref="Zones"/>), lesion; for each layer
/// <c>energy LAYER</c>, <c>hit LAYER</c>, <c>left LAYER</c>, <c>zero LAYER</c>; for each pair <c>cosine LAYER
/// LAYER</c>.
/// </summary>
public static class CamScoreFile
{
    private const string Energy = "energy ";

    private static readonly string[] Fixed = ["case", "patient", "named", "lesion"];

    /// <summary>Writes the file under a temporary name and renames it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="layers">The layers' names, in the order of the scores.</param>
    /// <param name="scores">The scores.</param>
    public static void Write(string path, IReadOnlyList<string> layers, IEnumerable<CamScore> scores) =>
        CsvRows.Write(path, Header(layers), scores.Select(s => (object[])
        [
            s.CaseId, s.Group, (int)s.Named, Short(s.Lesion),
            .. s.Layers.SelectMany(layer => (object[])
                [Short(layer.Energy), layer.Hit ? 1 : 0, Short(layer.Left), layer.IsZero ? 1 : 0]),
            .. s.Cosines.Select(Short),
        ]));

    /// <summary>Reads the file; the order of rows is kept.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A column is missing, or a value cannot be right; the message names the
    /// file and the row as a text editor counts them.</exception>
    public static IReadOnlyList<CamScore> Read(string path)
    {
        using var csv = new CsvRows(
            path, "Measure the run's CAMs to make it.", "Restore the file, or delete it and measure the run again.");
        string[] layers = [
            .. csv.Columns.Where(name => name.StartsWith(Energy, StringComparison.Ordinal))
                .Select(name => name[Energy.Length..])];
        if (layers.Length == 0)
            throw csv.Fault("no column begins with \"energy \"");
        csv.Require(Header(layers));
        return [.. csv.Read(() => new CamScore(
            csv.Text("case"), csv.Text("patient"), (Zones)(int)Number("named", (int)Zones.All), Number("lesion"),
            [.. layers.Select(layer => new LayerScore(
                Number($"energy {layer}"), Number($"hit {layer}") != 0, Number($"left {layer}"),
                Number($"zero {layer}") != 0))],
            [.. Pairs(layers).Select(pair => Number(pair))]))];

        double Number(string column, double most = 1) => csv.Number(column, $"a number from 0 to {most}", most);
    }

    private static string[] Header(IReadOnlyList<string> layers) =>
    [
        .. Fixed,
        .. layers.SelectMany(layer => new[] { $"{Energy}{layer}", $"hit {layer}", $"left {layer}", $"zero {layer}" }),
        .. Pairs(layers),
    ];

    private static IEnumerable<string> Pairs(IReadOnlyList<string> layers) =>
        CamScore.Pairs(layers.Count).Select(pair => $"cosine {layers[pair.First]} {layers[pair.Second]}");

    /// <summary>Four digits after the point.</summary>
    internal static object Short(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}

using System.Globalization;

namespace C2FVL.Data;

/// <summary>
/// Tells the set of zones of one lung from its <see cref="LungFeatures"/>: a multinomial logistic regression over the
/// seven non-empty subsets of {upper, middle, lower}.
/// </summary>
/// <param name="Weights">Shape (7, features); row c - 1 is of the subset with bits c: 1 upper, 2 middle, 4
/// lower.</param>
internal sealed record ZoneModel(double[][] Weights)
{
    /// <summary>The number of non-empty subsets.</summary>
    public const int Classes = 7;

    private static readonly Lazy<string> Stored = new(() => new StreamReader(
        typeof(ZoneModel).Assembly.GetManifestResourceStream("C2FVL.Lib.ZoneModel.csv")!).ReadToEnd());

    private static readonly Lazy<ZoneModel> Fitted = new(() => Parse(Stored.Value));

    /// <summary>The model fitted on QaTa-COV19's training and validation parts, from lib/Data/ZoneModel.csv.</summary>
    public static ZoneModel QaTa => Fitted.Value;

    /// <summary>The names of the <see cref="LungFeatures"/> in their order: the first column of that file.</summary>
    public static IReadOnlyList<string> Features { get; } = [.. Rows(Stored.Value).Select(row => row[0])];

    /// <summary>
    /// The zones, 1 upper, 2 middle, 4 lower: each that is more likely named than not; the likeliest subset where none
    /// is, for a lung with lesions always has a zone.
    /// </summary>
    public int Tell(double[] features)
    {
        double[] probabilities = Probabilities(features);
        int zones = new[] { 1, 2, 4 }.Where(zone => Enumerable.Range(1, Classes).Where(subset => (subset & zone) != 0)
            .Sum(subset => probabilities[subset - 1]) > 0.5).Sum();
        return zones != 0 ? zones : 1 + Array.IndexOf(probabilities, probabilities.Max());
    }

    /// <summary>The probability of each subset, shape (7).</summary>
    public double[] Probabilities(double[] features)
    {
        double[] scores = Array.ConvertAll(Weights, row => row.Zip(features, (w, f) => w * f).Sum());
        double[] powers = Array.ConvertAll(scores, score => Math.Exp(score - scores.Max()));
        return Array.ConvertAll(powers, power => power / powers.Sum());
    }

    /// <summary>Reads a table with a row a feature and a column a subset.</summary>
    public static ZoneModel Parse(string csv) => new([.. Enumerable.Range(1, Classes).Select(column =>
        Array.ConvertAll(Rows(csv), row => double.Parse(row[column], CultureInfo.InvariantCulture)))]);

    private static string[][] Rows(string csv) => [
        .. csv.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Skip(1)
        .Select(line => line.Split(','))];
}

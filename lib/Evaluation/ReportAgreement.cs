using C2FVL.Data;
using C2FVL.Platform;
using CsvHelper;

namespace C2FVL.Evaluation;

/// <summary>How often reports written from masks say what the annotators said.</summary>
/// <param name="Method">How the reports were written.</param>
/// <param name="What">What is compared.</param>
/// <param name="Share">The share that agrees, 0 to 1.</param>
/// <param name="Low">The lower end of its 95 % interval by bootstrap over patients.</param>
/// <param name="High">The upper end.</param>
/// <param name="Of">How many were compared.</param>
[CsvRecord]
public sealed partial record ReportAgreement(string Method, string What, double Share, double Low, double High, int Of)
{
    /// <summary>What is compared, and how many of it there are a case.</summary>
    private static readonly (string What, int PerCase, Func<LesionReport, LesionReport, int> Agreeing)[] Comparisons =
    [
        (
            "sides: which lungs are named", 1,
            (a, b) =>
                Lung(a, Zones.Left) == 0 == (Lung(b, Zones.Left) == 0)
                    && Lung(a, Zones.Right) == 0 == (Lung(b, Zones.Right) == 0)
                    ? 1
                    : 0),
        ("number of areas", 1, (a, b) => a.Areas == b.Areas ? 1 : 0),
        ("zone flags, six per image", 6, (a, b) => 6 - int.PopCount((int)(a.Zones ^ b.Zones))),
        (
            "all three zones of a lung", 2,
            (a, b) =>
                (Lung(a, Zones.Left) == Lung(b, Zones.Left) ? 1 : 0) + (
                    Lung(a, Zones.Right) == Lung(b, Zones.Right) ? 1 : 0)),
    ];

    /// <summary>Compares reports with those of the cases; cases without a report are left out.</summary>
    /// <param name="method">How the reports were written.</param>
    /// <param name="cases">The cases with the annotators' reports.</param>
    /// <param name="write">Writes a case's report again.</param>
    /// <returns>A row each for sides, number of areas, zone flags, and the three zones of a lung together (one without
    /// lesions counts too).</returns>
    /// <exception cref="ArgumentException">No case has a report.</exception>
    public static IReadOnlyList<ReportAgreement> Between(
        string method, IEnumerable<Case> cases, Func<Case, LesionReport> write)
    {
        double[][] patients = PatientBootstrap.SumsByPatient(
            cases.Where(c => c.Report is not null).OrderBy(c => c.Group, StringComparer.Ordinal), c => c.Group, Values);
        if (patients.Length == 0)
            throw new ArgumentException("No case has a report to compare with.");
        int count = (int)patients.Sum(sums => sums[^1]);
        IReadOnlyList<Estimate> estimates = PatientBootstrap.Estimate(
            patients, sums => [.. Comparisons.Select((c, i) => sums[i] / (c.PerCase * sums[^1]))], seed: 0);
        return [.. Comparisons.Zip(estimates, (c, found) => new ReportAgreement(
            method, c.What, found.Value, found.Low, found.High, c.PerCase * count))];

        double[] Values(Case one)
        {
            LesionReport written = write(one);
            return [.. Comparisons.Select(c => (double)c.Agreeing(written, one.Report!)), 1];
        }
    }

    /// <summary>Writes rows as a CSV file.</summary>
    public static void Write(string path, IEnumerable<ReportAgreement> rows) => AtomicFile.Write(path, stream =>
    {
        using CsvWriter csv = CsvWriter.Create(stream, new CsvWriterOptions { NewLine = "\n" }, leaveOpen: true);
        csv.WriteRecords(
            rows.Select(
                r =>
                    r with
                    { Share = Math.Round(r.Share, 5), Low = Math.Round(r.Low, 5), High = Math.Round(r.High, 5) }));
    });

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is not what <see cref="Write"/> makes.</exception>
    public static IReadOnlyList<ReportAgreement> Read(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException(
                $"{path} does not exist. Write it with 'workbook report DIR --compare'.", path);
        using CsvReader csv = CsvReader.FromFile(path, new CsvReaderOptions { Separator = ',' });
        try
        {
            return [.. csv.GetRecords<ReportAgreement>()];
        }
        catch (Exception e) when (e is CsvFormatException or KeyNotFoundException)
        {
            throw new InvalidDataException(
                $"{path}, row {csv.RowNumber + 1}: this is not a table of agreement "
                    + $"({e.Message.Split('\n')[0].Trim()}). Write it again with 'workbook report DIR --compare'.",
                e);
        }
    }

    private static Zones Lung(LesionReport report, Zones lung) => report.Zones & lung;
}

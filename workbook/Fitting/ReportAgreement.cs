using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Platform;

namespace C2FVL.Workbook.Fitting;

/// <summary>How often reports written from masks say what the annotators said.</summary>
/// <param name="Method">How the reports were written.</param>
/// <param name="What">What is compared.</param>
/// <param name="Share">The share that agrees, 0 to 1.</param>
/// <param name="Low">The lower end of its 95 % interval by bootstrap over patients.</param>
/// <param name="High">The upper end.</param>
/// <param name="Of">How many were compared.</param>
internal sealed record ReportAgreement(string Method, string What, double Share, double Low, double High, int Of)
{
    /// <summary>What is compared, and how many of it there are a case.</summary>
    private static readonly (string What, int PerCase, Func<LesionReport, LesionReport, int> Agreeing)[] Comparisons =
    [
        ("sides: which lungs are named", 1, (a, b) => Lungs.All(lung => IsNamed(a, lung) == IsNamed(b, lung)) ? 1 : 0),
        ("number of areas", 1, (a, b) => a.Areas == b.Areas ? 1 : 0),
        ("zone flags, six per image", 6, (a, b) => 6 - int.PopCount((int)(a.Zones ^ b.Zones))),
        ("all three zones of a lung", 2, (a, b) => Lungs.Count(lung => (a.Zones & lung) == (b.Zones & lung))),
    ];

    private static readonly string[] Columns =
        [nameof(Method), nameof(What), nameof(Share), nameof(Low), nameof(High), nameof(Of)];

    private static Zones[] Lungs => [Zones.Left, Zones.Right];

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
            patients, sums => [.. Comparisons.Select((c, i) => sums[i] / (c.PerCase * sums[^1]))]);
        return [.. Comparisons.Zip(estimates, (c, found) => new ReportAgreement(
            method, c.What, found.Value, found.Low, found.High, c.PerCase * count))];

        double[] Values(Case one)
        {
            LesionReport written = write(one);
            return [.. Comparisons.Select(c => (double)c.Agreeing(written, one.Report!)), 1];
        }
    }

    /// <summary>Writes rows as a CSV file.</summary>
    public static void Write(string path, IEnumerable<ReportAgreement> rows) => CsvRows.Write(
        path, Columns, rows.Select(row => (object[])
            [row.Method, row.What, Math.Round(row.Share, 5), Math.Round(row.Low, 5), Math.Round(row.High, 5), row.Of]));

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is not what <see cref="Write"/> makes.</exception>
    public static IReadOnlyList<ReportAgreement> Read(string path)
    {
        const string command = "'workbook report DIR --compare'";
        using var csv = new CsvRows(path, $"Write it with {command}.", $"Write it again with {command}.");
        if (!csv.Columns.SequenceEqual(Columns))
            throw csv.Fault($"this is not a table of agreement, whose columns are {string.Join(", ", Columns)}");
        return [.. csv.Read(() => new ReportAgreement(
            csv.Text(nameof(Method)), csv.Text(nameof(What)), Number(nameof(Share)), Number(nameof(Low)),
            Number(nameof(High)), (int)csv.Whole(nameof(Of), "a number of comparisons")))];

        double Number(string column) => csv.Number(column, "a share from 0 to 1", most: 1);
    }

    private static bool IsNamed(LesionReport report, Zones lung) => (report.Zones & lung) != 0;
}

using C2FVL.Data;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Fitting;

namespace C2FVL.Tests.Workbook.Fitting;

public sealed class ReportAgreementTests
{
    [Fact]
    public void EachComparisonIsCountedByHand()
    {
        // Sides agree twice of three, numbers once, flags 6 + 5 + 4 of 18, lungs 2 + 1 + 1 of 6.
        Case[] cases = [Said("a", 1, Zones.LeftUpper), Said("b", 2, Zones.LeftUpper | Zones.RightLower), Said("c", 1, Zones.RightLower), Said("d", null, Zones.None)];
        LesionReport[] written = [new(false, 1, Zones.LeftUpper), new(true, 3, Zones.LeftUpper | Zones.RightLower | Zones.RightMiddle), new(false, 2, Zones.LeftLower)];

        IReadOnlyList<ReportAgreement> rows = ReportAgreement.Between("rule", cases, c => written["abc".IndexOf(c.Id, StringComparison.Ordinal)]);

        Assert.Equal([2 / 3.0, 1 / 3.0, 15 / 18.0, 3 / 6.0], rows.Select(r => r.Share));
        Assert.Equal([3, 3, 18, 6], rows.Select(r => r.Of));
        Assert.All(rows, r => Assert.True(r.Low <= r.Share && r.Share <= r.High && r.Method == "rule"));
    }

    [Fact]
    public void WithoutReportsThereIsNothingToCompare() =>
        Assert.Throws<ArgumentException>(() => ReportAgreement.Between("rule", [Said("a", null, Zones.None)], c => c.Report!));

    [Fact]
    public void AFileReadBackIsWhatWasWritten()
    {
        using var folder = new TemporaryFolder();
        ReportAgreement[] rows = [new("a, b", "sides", 0.5, 0.25, 0.75, 4), new("c", "zones", 1, 1, 1, 24)];
        ReportAgreement.Write(folder["agreement.csv"], rows);
        Assert.Equal(rows, ReportAgreement.Read(folder["agreement.csv"]));
        Assert.Equal("Method,What,Share,Low,High,Of\n\"a, b\",sides,0.5,0.25,0.75,4\nc,zones,1,1,1,24\n", File.ReadAllText(folder["agreement.csv"]));
    }

    [Fact]
    public void AnotherFileIsRefusedByName()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["agreement.csv"], "Method,What\na,b\n");
        Assert.StartsWith(folder["agreement.csv"], Assert.Throws<InvalidDataException>(() => ReportAgreement.Read(folder["agreement.csv"])).Message);
    }

    private static Case Said(string id, int? areas, Zones zones) => new(
        id, id + ".png", null, areas is int n ? new LesionReport((zones & Zones.Left) != 0 && (zones & Zones.Right) != 0, n, zones) : null, null, ImageKind.XRay);
}

using C2FVL.Data;
using C2FVL.Figures;
using C2FVL.Platform;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Notebooks;
using Microsoft.Data.Analysis;

namespace C2FVL.Tests.Figures;

public sealed class TableTests
{
    private static Table Sample => new TableBuilder<(string Method, double? Dice, double Paper, int Cases)>(
            [("U-Net, small", 61.23456, 79.0, 12), ("a|b <c>", null, 78.1, 13), ("C2FVL", 72.3, 83.4, 14)])
        .Words("method", row => row.Method, "Method")
        .Numbers("dice", "0.0", row => row.Dice)
        .Numbers("paper", "0.00", row => row.Paper, quoted: true)
        .Numbers("cases", "0", row => row.Cases)
        .Make("Dice by method", Samples.Scale);

    [Fact]
    public void MarkdownIsAsWritten() => Assert.Equal(
        """
        **Dice by method**

        phantom preset: for demonstration only. Columns marked “quoted” contain the paper's own numbers.

        | Method | dice | paper (quoted) | cases |
        |---|---:|---:|---:|
        | U-Net, small | 61.2 | 79.00 | 12 |
        | a\|b <c> | – | 78.10 | 13 |
        | C2FVL | 72.3 | 83.40 | 14 |

        """,
        Sample.ToMarkdown());

    [Fact]
    public void CsvReadsBackAsItWas()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["table.csv"], Sample.ToCsv());
        using var csv = new CsvRows(folder["table.csv"], "", "");

        Assert.Equal(["method", "dice", "paper", "cases"], csv.Columns);
        Assert.Equal(
            [("U-Net, small", "61.23456"), ("a|b <c>", ""), ("C2FVL", "72.3")],
            csv.Read(() => (csv.Text("method"), csv.Text("dice"))).ToList());
        Assert.StartsWith("method,dice,paper,cases\n\"U-Net, small\",61.23456,79,12\n", Sample.ToCsv(), StringComparison.Ordinal);
    }

    [Fact]
    public void ADataFrameHasItsColumnsAndTheEndsOfIntervals()
    {
        DataFrame frame = Sample.ToDataFrame();
        Assert.Equal(["method", "dice", "paper", "cases"], frame.Columns.Select(column => column.Name));
        Assert.Equal([61.23456, null, 72.3], frame["dice"].Cast<object?>());
        Assert.Equal("C2FVL", frame.OrderByDescending("paper")["method"][0]);
        Assert.Equal(Sample.ToCsv().Replace("Method", "method"), Tables.Of("again", frame).ToCsv());

        DataFrame percent = new TableBuilder<Estimate?>([new Estimate(0.5, 0.25, 0.75), null])
            .Percent("Dice", estimate => estimate).Make("", "").ToDataFrame();
        Assert.Equal(["Dice", "Dice low", "Dice high"], percent.Columns.Select(column => column.Name));
        Assert.Equal([50.0, 25.0, 75.0], percent.Rows[0]);
        Assert.All(percent.Rows[1], Assert.Null);
    }

    [Fact]
    public void HtmlEscapesAndMarksQuotedColumns()
    {
        string html = Sample.ToHtml();

        Assert.Contains("a|b &lt;c&gt;", html, StringComparison.Ordinal);
        Assert.Contains("paper (quoted)</th>", html, StringComparison.Ordinal);
        Assert.Contains("font-style:italic\">79.00</td>", html, StringComparison.Ordinal);
        Assert.Contains("text-align:right\">61.2</td>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
    }

    [Fact]
    public void LongTablesAreCutInCellsAndWholeOnDisk()
    {
        Table table = Tables.Of("Cases", Enumerable.Range(0, 30).Select(i => new { Case = i })) with { ShownRows = 5 };

        Assert.Contains("5 of 30 rows shown.", table.ToHtml(), StringComparison.Ordinal);
        Assert.Contains("5 of 30 rows shown.", table.ToText(), StringComparison.Ordinal);
        Assert.Contains("| 29 |", table.ToMarkdown(), StringComparison.Ordinal);
    }

    [Fact]
    public void AWrongColumnNameIsNamedWithTheRightOnes()
    {
        var error = Assert.Throws<ArgumentException>(() => Sample["iou"]);

        Assert.Contains("\"iou\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("method, dice, paper, cases", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnIntervalStandsBehindItsNumberAndInTheCsvOnItsOwn()
    {
        Table table = new TableBuilder<(string Method, Estimate? Dice)>(
                [("C2FVL", new(79.53, 77.81, 81.06)), ("one patient", new(70, double.NaN, double.NaN)), ("not there", null)])
            .Words("method", row => row.Method).Intervals("dice", "0.0", row => row.Dice).Make("Dice", "");

        Assert.EndsWith("| C2FVL | 79.5 [77.8, 81.1] |\n| one patient | 70.0 |\n| not there | \u2013 |\n", table.ToMarkdown());
        Assert.Contains("<td style=\"padding:2px 10px;border:0;background:transparent;color:inherit;text-align:right;white-space:nowrap\">79.5 [77.8, 81.1]</td>", table.ToHtml());
        Assert.Equal("method,dice,dice low,dice high\nC2FVL,79.53,77.81,81.06\none patient,70,NaN,NaN\nnot there,,,\n", table.ToCsv());
    }

    [Fact]
    public void SavingWritesCsvAndMarkdown()
    {
        using var folder = new TemporaryFolder();

        Sample.Save(folder["tables"], "dice");

        Assert.Equal(Sample.ToCsv(), File.ReadAllText(folder["tables", "dice.csv"]));
        Assert.Equal(Sample.ToMarkdown(), File.ReadAllText(folder["tables", "dice.md"]));
        Assert.Equal(2, Directory.GetFiles(folder["tables"]).Length);
    }
}

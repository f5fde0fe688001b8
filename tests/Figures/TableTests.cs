using C2FVL.Figures;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Notebooks;
using Microsoft.Data.Analysis;

namespace C2FVL.Tests.Figures;

public sealed class TableTests
{
    private static DataFrame Frame => new(
        new StringDataFrameColumn("method", ["U-Net, small", "a|b <c>", "C2FVL"]),
        new DoubleDataFrameColumn("dice", [61.23456, null, 72.3]),
        new DoubleDataFrameColumn("paper", [79.0, 78.1, 83.4]),
        new Int32DataFrameColumn("cases", [12, 13, 14]));

    private static Table Sample => new("Dice by method", Frame)
    {
        Caption = Samples.Scale,
        Columns =
        [
            new("method") { Header = "Method" },
            new("dice") { Header = "Dice (%)", Format = "0.0" },
            new("paper") { Format = "0.00", Quoted = true },
            new("cases"),
        ],
    };

    [Fact]
    public void MarkdownIsAsWritten() => Assert.Equal(
        """
        **Dice by method**

        phantom preset: for demonstration only. Columns marked “quoted” contain the paper's own numbers.

        | Method | Dice (%) | paper (quoted) | cases |
        |---|---:|---:|---:|
        | U-Net, small | 61.2 | 79.00 | 12 |
        | a\|b <c> | – | 78.10 | 13 |
        | C2FVL | 72.3 | 83.40 | 14 |

        """,
        Sample.ToMarkdown());

    [Fact]
    public void CsvReadsBackAsItWas()
    {
        DataFrame read = DataFrame.LoadCsvFromString(Sample.ToCsv());

        Assert.Equal(["method", "dice", "paper", "cases"], read.Columns.Select(column => column.Name));
        Assert.Equal("U-Net, small", read["method"][0]);
        Assert.Equal("a|b <c>", read["method"][1]);
        Assert.Equal(61.23456, Convert.ToDouble(read["dice"][0]), 5);
        Assert.Null(read["dice"][1]);
        Assert.StartsWith("method,dice,paper,cases\n\"U-Net, small\",61.23456,79,12\n", Sample.ToCsv(), StringComparison.Ordinal);
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
        Table table = new("Cases", new DataFrame(new Int32DataFrameColumn("case", Enumerable.Range(0, 30)))) { ShownRows = 5 };

        Assert.Contains("5 of 30 rows shown.", table.ToHtml(), StringComparison.Ordinal);
        Assert.Contains("5 of 30 rows shown.", table.ToText(), StringComparison.Ordinal);
        Assert.Contains("| 29 |", table.ToMarkdown(), StringComparison.Ordinal);
    }

    [Fact]
    public void AWrongColumnNameIsNamedWithTheRightOnes()
    {
        var error = Assert.Throws<ArgumentException>(() => (Sample with { Columns = [new("iou")] }).ToHtml());

        Assert.Contains("\"iou\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("method, dice, paper, cases", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnIntervalStandsBehindItsNumberAndInTheCsvOnItsOwn()
    {
        Table table = new("Dice", new DataFrame(
            new StringDataFrameColumn("method", ["C2FVL", "one patient", "not there"]),
            new DoubleDataFrameColumn("dice", [79.53, 70, null]),
            new DoubleDataFrameColumn("low", [77.81, double.NaN, null]),
            new DoubleDataFrameColumn("high", [81.06, double.NaN, null])))
        {
            Columns = [new("method"), new("dice") { Format = "0.0", Interval = ("low", "high") }],
        };

        Assert.EndsWith("| C2FVL | 79.5 [77.8, 81.1] |\n| one patient | 70.0 |\n| not there | \u2013 |\n", table.ToMarkdown());
        Assert.Contains("<td style=\"padding:2px 10px;border:0;background:transparent;color:inherit;text-align:right;white-space:nowrap\">79.5 [77.8, 81.1]</td>", table.ToHtml());
        Assert.StartsWith("method,dice,low,high\nC2FVL,79.53,77.81,81.06\n", table.ToCsv());
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

using C2FVL.Figures;
using C2FVL.Workbook.Notebooks;

namespace C2FVL.Tests.Figures;

public sealed class TablesTests
{
    [Fact]
    public void RowsBecomeColumnsHeadedInWords()
    {
        Table table = Tables.Of("Scores", [new { CaseId = "a", MeanIoU = 0.5, TestCases = 3, Note = (string?)null }]);
        Assert.Equal("""
            **Scores**

            | Case id | Mean IoU | Test cases | Note |
            |---|---|---|---|
            | a | 0.5 | 3 | – |

            """.ReplaceLineEndings("\n"), table.ToMarkdown().Replace("---:", "---"));
        Assert.StartsWith("CaseId,MeanIoU,TestCases,Note\na,0.5,3,", table.ToCsv().ReplaceLineEndings("\n"));
    }

    [Fact]
    public void MissingNumbersStayMissing() =>
        Assert.Equal([1, null], Tables.Of("N", [new { N = (int?)1 }, new { N = (int?)null }])["N"].Values);
}

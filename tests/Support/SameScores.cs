using C2FVL.Evaluation;

namespace C2FVL.Tests.Support;

/// <summary>Scores that agree in all but the seconds, which are the machine's.</summary>
public static class SameScores
{
    public static void In(IEnumerable<CaseScore> expected, IEnumerable<CaseScore> actual) =>
        Assert.Equal(expected.Select(WithoutSeconds), actual.Select(WithoutSeconds));

    /// <summary>The rest of two cases.csv byte for byte: the seconds are the last column.</summary>
    public static void InFiles(string expected, string actual)
    {
        Assert.EndsWith(",seconds", File.ReadLines(expected).First());
        Assert.Equal(File.ReadLines(expected).Select(WithoutLastColumn), File.ReadLines(actual).Select(WithoutLastColumn));
    }

    private static CaseScore WithoutSeconds(CaseScore score) => score with { Seconds = double.NaN };

    private static string WithoutLastColumn(string line) => line[..line.LastIndexOf(',')];
}

using C2FVL.Data;
using C2FVL.Models.Blocks;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Models.Blocks;

public sealed class ReportWordsTests
{
    [Theory]
    [InlineData("No pulmonary infection.", "zero")]
    [InlineData("Unilateral pulmonary infection, one infected area, lower left lung.", "unilateral, one, lower left")]
    [InlineData("Bilateral pulmonary infection, two infected areas, upper left lung and middle lower right lung.", "bilateral, two, upper left, middle right, lower right")]
    [InlineData("Bilateral pulmonary infection, five infected areas, all left lung and all right lung.", "bilateral, five, upper left, middle left, lower left, upper right, middle right, lower right")]
    [InlineData("Unilateral pulmonary infection, six infected areas, middle left lung.", "unilateral, more, middle left")]
    [InlineData("Unilateral pulmonary infection, twenty infected areas, middle left lung.", "unilateral, more, middle left")]
    public void TheWordsAreThoseOfTheSentence(string sentence, string words)
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.Equal(words, Words(tensor(LesionReport.Parse(sentence).ToVector()).unsqueeze(0)));
    }

    [Fact]
    public void AMissingReportSaysUnknownAndOnlyInItsRow()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor text = ones(2, TextVector.Length);
        text[1, 5] = float.NaN;
        Assert.Equal("unknown", Words(text.narrow(0, 1, 1)));
        Assert.StartsWith("bilateral, one, upper left", Words(text.narrow(0, 0, 1)));
    }

    [Fact]
    public void ReportsAreTheSameWhereEveryWordIs()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor text = ones(3, TextVector.Length);
        text[1, 7] = 0;
        Tensor same = ReportWords.AreSame(ReportWords.Of(text));
        Assert.Equal([true, false, true, false, true, false, true, false, true], same.data<bool>().ToArray());
    }

    private static string Words(Tensor text) =>
        string.Join(", ", ReportWords.Of(text).data<long>().Where(w => w != ReportWords.Empty).Select(w => ReportWords.Vocabulary[(int)w]));
}

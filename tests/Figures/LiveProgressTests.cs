using C2FVL.Figures;

namespace C2FVL.Tests.Figures;

public sealed class LiveProgressTests
{
    [Fact]
    public void UpdatesAreHeldBackButNeverTheLast()
    {
        var shown = new List<ProgressFigure>();
        var live = new LiveProgress("Training", shown.Add) { Interval = TimeSpan.FromHours(1) };

        for (int step = 1; step <= 100; step++)
            live.Report(step, 100, $"step {step}");

        Assert.Equal(["step 1", "step 100"], shown.Select(figure => figure.Message));
        Assert.Equal(1, live.Current.Fraction);
    }

    [Theory]
    [InlineData(0.5, "Training [###############...............] 50 % epoch 3")]
    [InlineData(7, "Training [##############################] 100 % epoch 3")]
    [InlineData(double.NaN, "Training [..............................] 0 % epoch 3")]
    public void PlainTextHasABar(double fraction, string text) =>
        Assert.Equal(text, new ProgressFigure("Training", fraction, "epoch 3").ToText());

    [Fact]
    public void HtmlHasAnAccessibleBar() =>
        Assert.Contains("<progress max=\"1\" value=\"0.25\" aria-label=\"Training\"", new ProgressFigure("Training", 0.25).ToHtml(), StringComparison.Ordinal);
}

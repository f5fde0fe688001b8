using C2FVL.Experiments;
using C2FVL.Interpretation;
using C2FVL.Data;
using C2FVL.Tests.Experiments;
using C2FVL.Tests.Support;
using C2FVL.Training;
using C2FVL.Workbook.Commands;

namespace C2FVL.Tests.Workbook.Commands;

[Collection(nameof(SeededTorch))]
public sealed class ExplainCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly RunStore store;
    private readonly (string Name, RunSpec Spec)[] runs;

    public ExplainCommandTests()
    {
        store = new RunStore(folder["runs"], folder["results"]);
        RunSpec with = TinyRun.Spec(folder["data"]);
        runs = [("with", with), ("without", with with { Loss = with.Loss with { Cosine = CosineAlignment.None } })];
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void WhatIsNotTrainedIsMeasuredWhenAsked()
    {
        Assert.Equal(1, Explain(train: false));
        Assert.False(File.Exists(folder["figure.webp"]));

        Assert.Equal(0, Explain(train: true));
        Assert.Equal("RIFF"u8, File.ReadAllBytes(folder["figure.webp"]).AsSpan(0, 4));
        var tracked = new RunStore(folder["none"], folder["results"]);
        foreach ((_, RunSpec spec) in runs)
        {
            Assert.Equal(4, CamStudy.FindScores(tracked, spec, pixels: CamPixels.TrueLesion)!.Count);
            Assert.NotEmpty(CamStudy.FindCurves(tracked, spec, CamPixels.TrueLesion)!);
        }

        Assert.NotNull(CamStudy.FindScores(tracked, runs[0].Spec, TextMode.Mirrored, CamPixels.TrueLesion));
        Assert.Null(CamStudy.FindScores(tracked, runs[1].Spec, TextMode.Mirrored, CamPixels.TrueLesion));
    }

    private int Explain(bool train) => ExplainCommand.Explain(store, runs, CamPixels.TrueLesion, train, track: true, [], folder["figure.webp"], TestContext.Current.CancellationToken);
}

using C2FVL.Experiments;
using C2FVL.Figures;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Bench;

namespace C2FVL.Tests.Workbook.Bench;

public sealed class BenchRowTests
{
    private static readonly BenchSample[] Samples =
    [
        Sample(BenchMeasure.Sgemm, "", 1) with { Gflop = 100, Seconds = 0.5 },
        .. new[] { 3.0, 1, 2 }.Select(seconds => Sample(BenchMeasure.Convolutions, "C2FVL", 4) with { Gflop = 300, Seconds = seconds }),
        Sample(BenchMeasure.ConvolutionsForward, "C2FVL", 8) with { Gflop = 200, Seconds = 1.5 },
        Sample(BenchMeasure.ConvolutionsBfloat16, "C2FVL", 4) with { Gflop = 300, Seconds = 0.8 },
        Sample(BenchMeasure.Step, "C2FVL", 4) with { Seconds = 2.5, PeakMiB = 70 },
        Sample(BenchMeasure.Step, "C2FVL", 4) with { Seconds = 2.5, PeakMiB = 90 },
        Sample(BenchMeasure.Step, "UNet", 4) with { Seconds = 1 },
        Sample(BenchMeasure.Inference, "C2FVL", 8) with { Seconds = 2 },
        Sample(BenchMeasure.PlainStep, "C2FVL", 4) with { Seconds = 5 },
        Sample(BenchMeasure.PlainStep, "UNet", 4) with { Seconds = 3 },
        Sample(BenchMeasure.Small, "C2FVL", 8) with { Seconds = 0.2, Size = 112 },
        Sample(BenchMeasure.PlainSmall, "C2FVL", 8) with { Seconds = 0.3, Size = 112 },
        Sample(BenchMeasure.Loading, "QaTa-COV19", 3) with { Seconds = 0.02 },
        Sample(BenchMeasure.StepLoading, "C2FVL", 4) with { Seconds = 4 },
        Sample(BenchMeasure.StepWithoutLoading, "C2FVL", 4) with { Seconds = 3.9 },
    ];

    private static readonly IReadOnlyList<BenchRow> Rows = BenchRow.Of(Samples);

    [Fact]
    public void ARowIsTheMedianBetweenTheFastestAndTheSlowest()
    {
        BenchRow row = Row(BenchMeasure.Convolutions);
        Assert.Equal((2, 1, 3), (row.Median, row.Low, row.High));
        Assert.Equal(150, row.GflopPerSecond);
        Assert.Equal(2, row.ImagesPerSecond);
        Assert.Equal(90, Row(BenchMeasure.Step).PeakMiB);
    }

    [Theory]
    [InlineData("convolutions", 300.0 / 200)]
    [InlineData("convolutions-forward", 200.0 / 200)]
    [InlineData("convolutions-bfloat16", 2.0)]
    [InlineData("step", 2.0)]
    [InlineData("inference", 1.5)]
    [InlineData("plain-step", 2.0)]
    [InlineData("small", 0.3)]
    [InlineData("loading", 3 / 300.0)]
    [InlineData("step-loading", 3.9)]
    [InlineData("sgemm", double.NaN)]
    public void ALimitIsOfTheSameRun(string measure, double limit)
    {
        BenchRow row = Row(BenchMeasures.Parse(measure));
        Assert.Equal(limit, row.Limit, 1e-12);
        Assert.Equal(limit / row.Median, row.Ratio, 1e-12);
    }

    [Fact]
    public void OnlyTheReleasedNetworkHasItsConvolutionsTimed() =>
        Assert.All(Rows.Where(row => row.Model == "UNet"), row => Assert.True(double.IsNaN(row.Ratio)));

    [Fact]
    public void EveryMethodIsComparedWithItselfPlain() =>
        Assert.Equal([("C2FVL", 2.0), ("UNet", 3.0)], BenchReport.TimesPlain(Rows));

    [Fact]
    public void TheFileHasTheRowsAndReadsBack()
    {
        using var folder = new TemporaryFolder();
        string path = folder["bench.csv"];
        BenchReport.Save(path, Rows, "a try");

        Assert.Equal("measure,model,batch,size,median_s,low_s,high_s,limit_s,ratio", File.ReadLines(path).First());
        Assert.Contains("step,C2FVL,4,224,2.5,2.5,2.5,2,0.8", File.ReadLines(path));
        Assert.Contains("step,UNet,4,224,1,1,1,,", File.ReadLines(path));
        IReadOnlyList<BenchRow> read = BenchRow.Load(path);
        Assert.Equal(Rows.Select(row => row.ToCsv()), read.Select(row => row.ToCsv()));
        Assert.Equal(BenchReport.Ratios(Rows).ToMarkdown(), BenchReport.Ratios(read).ToMarkdown());
    }

    [Fact]
    public void AFileOfAnotherKindIsNamed()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["bench.csv"], "measure,model\n");
        Assert.StartsWith($"{folder["bench.csv"]}: line 1 should be measure,", Assert.Throws<InvalidDataException>(() => BenchRow.Load(folder["bench.csv"])).Message);
        File.WriteAllText(folder["bench.csv"], BenchRow.Head + "\nstep,UNet\n");
        Assert.Contains("line 2", Assert.Throws<InvalidDataException>(() => BenchRow.Load(folder["bench.csv"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheFigureShowsTheLibraryPlainAndTheLimit()
    {
        Chart chart = BenchReport.Steps(Rows, "a try")!;
        Assert.Equal(["C2FVL", "UNet"], chart.X.Categories!);
        Assert.Equal([[2.5, 1.0], [5.0, 3.0]], chart.Series.Select(series => series.Y.ToArray()));
        Assert.Equal(2, Assert.Single(chart.Lines).Value);
        Assert.Null(BenchReport.Steps([Row(BenchMeasure.Loading)], ""));
    }

    [Fact]
    public void AChildsLineReadsBack()
    {
        BenchSample sample = Sample(BenchMeasure.PlainStep, "UNet++", 4) with { Seconds = 0.1, Gflop = 3, PageFaults = 7, PeakMiB = 1.5 };
        Assert.Equal(sample, BenchSample.FromLine(sample.ToLine()));
        Assert.Null(BenchSample.FromLine("libtorch says something"));
    }

    [Fact]
    public void JobsAreSplitByProcessAndTurn()
    {
        BenchMeasure[] all = Enum.GetValues<BenchMeasure>();
        IReadOnlyList<BenchJob> jobs = BenchJob.Plan(all, ["UNet", "C2FVL"], Scale.Paper, Scale.Mini, batch: 2, steps: 5, threads: 1);
        Assert.Equal(all.Order(), jobs.SelectMany(job => job.Measures).Distinct().Order());
        Assert.Equal(["C2FVL", "C2FVL", "UNet", "UNet", "C2FVL", "C2FVL", "C2FVL", "C2FVL"], jobs.Select(job => job.Model));
        Assert.Equal([false, true, false, true, false, true, false, false], jobs.Select(job => job.Plain));
        Assert.Equal([2, 2, 2, 2, 8, 8, 2, 2], jobs.Select(job => job.Batch));
        Assert.All(jobs.Skip(4).Take(2), job => Assert.Equal(Scale.Mini, job.Scale));

        // The limit is C2FVL's, whichever methods are asked for.
        BenchJob limit = Assert.Single(BenchJob.Plan([BenchMeasure.Convolutions], ["UNet"], Scale.Paper, Scale.Mini, 4, 3, 2));
        Assert.Equal("C2FVL", limit.Model);
    }

    private static BenchSample Sample(BenchMeasure measure, string model, int batch) => new(measure, model, batch, 224, 1);

    private static BenchRow Row(BenchMeasure measure) => Rows.First(row => row.Measure == measure);
}

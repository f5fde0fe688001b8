using C2FVL.Training;
using C2FVL.Workbook.Commands;

namespace C2FVL.Tests.Workbook.Commands;

public sealed class PipedLinesTests
{
    private readonly StringWriter written = new();
    private readonly TextWriter output;

    public PipedLinesTests() => output = TextWriter.Synchronized(written);

    [Fact]
    public void NewsComeAtOnceAndTheRestInTime()
    {
        using var lines = new PipedLines("preparing", output, TimeSpan.FromHours(1));
        lines.Report("epoch 1", isNews: true);
        Assert.Equal("epoch 1", Assert.Single(Lines()));
        lines.Report("batch 2", isNews: false);
        Assert.Single(Lines());
    }

    [Fact]
    public void ALongStepDoesNotGoSilent()
    {
        using var lines = new PipedLines("preparing", output, TimeSpan.FromMilliseconds(20));
        lines.Report("batch 2", isNews: false);
        Assert.True(SpinWait.SpinUntil(() => Lines().Count(line => line.StartsWith("batch 2 (") && line.EndsWith("s ago)")) >= 2, TimeSpan.FromMinutes(2)));
    }

    private string[] Lines()
    {
        lock (output) // the synchronized writer's own lock
            return written.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    [Fact]
    public void ProgressHasNoNumberBeforeThereIsOne()
    {
        var first = new TrainingProgress("train", 1, 3, 2, 8, 0.5, double.NaN, double.NaN, 12, TimeSpan.FromSeconds(65));
        Assert.Equal("epoch 1/3 train 2/8  loss 0.5000  12.0 images/s  0:01:05 left", first.ToString());
        Assert.Equal(
            "epoch 2/3 train 2/8  loss 0.5000  Dice 0.4000 (best 0.4500)  12.0 images/s  0:01:05 left",
            (first with { Epoch = 2, LastDice = 0.4, BestDice = 0.45 }).ToString());
        Assert.Equal(
            "test 2/8  Dice 0.4000 (best 0.4500)  12.0 images/s  0:01:05 left",
            (first with { Stage = TrainingProgress.Test, Loss = double.NaN, LastDice = 0.4, BestDice = 0.45 }).ToString());
    }
}

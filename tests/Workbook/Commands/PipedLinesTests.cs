using C2FVL.Training;
using C2FVL.Workbook.Commands;

namespace C2FVL.Tests.Workbook.Commands;

public sealed class PipedLinesTests
{
    [Fact]
    public void NewsComeAtOnceAndALongStepDoesNotGoSilent()
    {
        var output = new StringWriter();
        using (var lines = new PipedLines("preparing", TextWriter.Synchronized(output), TimeSpan.FromMilliseconds(80)))
        {
            lines.Report("epoch 1", isNews: true);
            Assert.Equal("epoch 1", Assert.Single(Lines()));
            lines.Report("batch 2", isNews: false);
            Assert.Single(Lines());
            Assert.True(SpinWait.SpinUntil(() => Lines().Length >= 3, TimeSpan.FromSeconds(20)));
            Assert.StartsWith("batch 2 (", Lines()[1]);
            Assert.EndsWith("s ago)", Lines()[2]);
        }

        string[] Lines()
        {
            lock (output)
                return output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        }
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

using C2FVL.Training;

namespace C2FVL.Tests.Training;

public sealed class TrainingSettingsTests
{
    [Fact]
    public void TheDefaultsAreTheAuthors()
    {
        var settings = new TrainingSettings();
        Assert.Equal((OptimizerKind.Adam, 1e-3, 4, 2000, 50), (settings.Optimizer, settings.LearningRate, settings.BatchSize, settings.Epochs, settings.EarlyStop));
        Assert.Equal((ScheduleKind.CosineWarmRestarts, 10, 1e-4), (settings.Schedule, settings.RestartPeriod, settings.FloorLearningRate));
        settings.Validate();
    }

    [Theory]
    [InlineData(0, 1e-3)]
    [InlineData(5, 5.5e-4)]
    [InlineData(9, 1.2202456766718e-4)]
    [InlineData(10, 1e-3)]
    public void CosineRestartsEveryTenEpochs(int epoch, double expected) =>
        Assert.Equal(expected, new TrainingSettings().LearningRateAt(epoch, 2000), 12);

    [Fact]
    public void ThePolynomialFallsOverAllEpochs()
    {
        TrainingSettings settings = new() { Schedule = ScheduleKind.Polynomial, LearningRate = 1e-2 };
        Assert.Equal(1e-2, settings.LearningRateAt(0, 100));
        Assert.Equal(1e-2 * Math.Pow(0.5, 0.9), settings.LearningRateAt(50, 100), 15);
    }

    [Fact]
    public void ByStepTheCosineFallsWithinAnEpochAndByEpochItDoesNot()
    {
        TrainingSettings byEpoch = new() { RestartPeriod = 4, FloorLearningRate = 0, LearningRate = 1 }, byStep = byEpoch with { ScheduleByStep = true };
        Assert.Equal(byEpoch.LearningRateAt(1, 4), byEpoch.LearningRateAt(1, 4, 7, 10));
        Assert.Equal(0.5 * (1 + Math.Cos(Math.PI * 1.7 / 4)), byStep.LearningRateAt(1, 4, 7, 10), 12);
        Assert.InRange(byStep.LearningRateAt(3, 4, 9, 10), 1e-4, 0.01); // the last step's rate is low
        Assert.Equal(Math.Pow(0.75, 0.9), (byStep with { Schedule = ScheduleKind.Polynomial }).LearningRateAt(0, 2, 5, 10), 12);
    }

    [Fact]
    public void TheWarmUpRisesStepByStepToTheSchedulesRate()
    {
        TrainingSettings settings = new() { Schedule = ScheduleKind.Constant, LearningRate = 1, WarmupEpochs = 1.5 };
        Assert.Equal([0.1 / 1.5, 1 / 1.5, 1.4 / 1.5, 1, 1], new[] { (0, 0), (0, 9), (1, 3), (1, 4), (2, 0) }.Select(at => settings.LearningRateAt(at.Item1, 3, at.Item2, 10)), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void AValueOutOfRangeIsNamedWithItsRange()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new TrainingSettings { BatchSize = 0 }.Validate());
        Assert.StartsWith("BatchSize is 0; it must be at least 1.", error.Message);
        Assert.Throws<ArgumentException>(() => new TrainingSettings { LearningRate = 0 }.Validate());
        Assert.Throws<ArgumentException>(() => new TrainingSettings { FloorLearningRate = 1 }.Validate());
        Assert.Throws<ArgumentException>(() => new TrainingSettings { EarlyStop = 0 }.Validate());
        Assert.Throws<ArgumentException>(() => new TrainingSettings { AverageDecay = 1 }.Validate());
        Assert.Throws<ArgumentException>(() => new TrainingSettings { WarmupEpochs = -1 }.Validate());
    }
}

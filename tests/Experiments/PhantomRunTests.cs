using C2FVL.Experiments;
using C2FVL.Tests.Support;

namespace C2FVL.Tests.Experiments;

/// <summary>What the drawn pictures promise, by real trainings of the phantom presets.</summary>
[Collection(nameof(SeededTorch))]
public sealed class PhantomRunTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void WithoutLookAlikesAPlainUNetFindsTheLesions()
    {
        RunSpec preset = Presets.For(Scale.Phantom, model: "UNet");
        Run run = new RunStore(folder["runs"], folder["results"]).GetOrTrain(preset with
        {
            Data = preset.Data with { Set = "phantom-xray-plain" },
        });
        Assert.True(run.Cases.Average(c => c.Dice) >= 0.8, $"mean Dice {run.Cases.Average(c => c.Dice):0.000}");
    }
}

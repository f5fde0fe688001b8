using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Models;
using C2FVL.Tests.Support;
using C2FVL.Training;

namespace C2FVL.Tests.Experiments;

public sealed class RunSpecTests
{
    private static readonly RunSpec Mini = Presets.For(Scale.Mini);

    [Fact]
    public void ASpecReadBackIsTheSpec()
    {
        foreach (Scale scale in Enum.GetValues<Scale>())
        {
            foreach (string model in ModelCatalog.Names)
            {
                RunSpec spec = Presets.For(scale, ImageKind.CT, model) with { Text = TextMode.Mirrored, TextDropout = 0.1 };
                Assert.Equal(spec, RunSpec.FromJson(spec.ToJson(), "test"));
            }
        }
    }

    [Fact]
    public void WhatChangesAResultChangesTheName()
    {
        RunSpec[] others =
        [
            Mini with { Seed = 1 },
            Mini with { Threads = 1 },
            Mini with { Text = TextMode.Missing },
            Mini with { Data = Mini.Data with { Train = 1201 } },
            Mini with { Loss = Mini.Loss with { Alpha = 0.1 } },
            Mini with { Training = Mini.Training with { Epochs = 11 } },
            Mini with { Model = C2FVLSettings.Small with { Dropout = 0 } },
        ];
        Assert.Distinct([Mini.Name, .. others.Select(o => o.Name)]);
        Assert.Equal(Mini.Name, Presets.For(Scale.Mini).Name);
    }

    [Fact]
    public void TheMiniRunKeepsItsNameSoThatTrackedResultsAreFound() => Assert.Equal("C2FVL-QaTa-COV19-7767b0fe2e14", Mini.Name);

    [Fact]
    public void AFieldThatCameLaterChangesNoNameUntilItIsUsed()
    {
        string json = Mini.ToJson();
        string[] later =
        [
            nameof(DataSpec.ReportsFromMasks), nameof(RunSpec.FlipAtTest), nameof(TrainingSettings.ScheduleByStep),
            nameof(TrainingSettings.WarmupEpochs), nameof(TrainingSettings.AverageDecay),
        ];
        Assert.All(later, field => Assert.DoesNotContain($"\"{field}\"", json));
        Assert.NotEqual(Mini.Name, (Mini with { FlipAtTest = true }).Name);
        Assert.NotEqual(Mini.Name, (Mini with { Training = Mini.Training with { AverageDecay = 0.9 } }).Name);
        Assert.NotEqual(Mini.Name, (Mini with { Data = Mini.Data with { ReportsFromMasks = true } }).Name);
        Assert.True(Presets.For(Scale.Mini, ImageKind.CT).Data.ReportsFromMasks);
    }

    [Fact]
    public void AThreadCountAndADeviceAreTheMachinesOwn() =>
        Assert.Equal(Mini.Portable, (Mini with { Threads = 16, Device = "cuda" }).Portable);

    [Fact]
    public void ABrokenSpecNamesItsFile()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["spec.json"], Mini.ToJson().Replace("\"Seed\": 666,\n  \"Threads\"", "\"Sed\": 666,\n  \"Threads\""));
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => RunSpec.Load(folder["spec.json"]));
        Assert.StartsWith($"{folder["spec.json"]} holds no run spec of this version: ", error.Message);
        Assert.Contains("Sed", error.Message);
    }
}

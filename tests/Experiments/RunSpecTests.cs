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
            nameof(DataSpec.Folds), nameof(DataSpec.Fold), nameof(RunSpec.From),
        ];
        Assert.All(later, field => Assert.DoesNotContain($"\"{field}\"", json));
        Assert.NotEqual(Mini.Name, (Mini with { FlipAtTest = true }).Name);
        Assert.NotEqual(Mini.Name, (Mini with { Training = Mini.Training with { AverageDecay = 0.9 } }).Name);
        Assert.NotEqual(Mini.Name, (Mini with { Data = Mini.Data with { ReportsFromMasks = true } }).Name);
        Assert.True(Presets.For(Scale.Mini, ImageKind.CT).Data.ReportsFromMasks);
        RunSpec[] folds =
            [.. Enumerable.Range(1, 5).Select(k => Mini with { Data = Mini.Data with { Folds = 5, Fold = k } })];
        Assert.Distinct([Mini.Name, .. folds.Select(fold => fold.Name)]);
        Assert.Equal(folds[2], RunSpec.FromJson(folds[2].ToJson(), "test"));
    }

    [Fact]
    public void WhereARunStartsFromIsPartOfItsNameAndThePlaceIsNot()
    {
        RunSpec a = Mini with { From = new StartWeights("/a/best.safetensors", "01") };
        RunSpec b = a with { From = a.From! with { Digest = "02" } };
        Assert.Distinct([Mini.Name, a.Name, b.Name]);
        Assert.Equal(a, RunSpec.FromJson(a.ToJson(), "test"));
        Assert.Equal(a.Portable, (a with { From = a.From! with { Path = "/moved/best.safetensors" } }).Portable);
        Assert.NotEqual(a.Portable, b.Portable);
    }

    [Theory]
    [InlineData(5, null, "Data has one of Folds and Fold; write both, or neither.")]
    [InlineData(1, 1, "Data.Folds is 1; it must be at least 2.")]
    [InlineData(5, 6, "Data.Fold is 6; it must be from 1 to 5.")]
    public void AFoldThatIsNoneIsRefused(int? folds, int? fold, string cause)
    {
        string json = (Mini with { Data = Mini.Data with { Folds = folds, Fold = fold } }).ToJson();
        var error = Assert.Throws<InvalidDataException>(() => RunSpec.FromJson(json, "spec.json"));
        Assert.Equal($"spec.json is not a run spec of this version: {cause}", error.Message);
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
        Assert.StartsWith($"{folder["spec.json"]} is not a run spec of this version: ", error.Message);
        Assert.Contains("Sed", error.Message);
    }

    [Theory]
    [InlineData("datanull", "Data is null; write the section, or leave it out for its default.")]
    [InlineData("modelnull", "Model is null; write the section, or leave it out for its default.")]
    [InlineData("nosystem", "Model has no \"system\"; it must name one of the paper's methods, such as \"C2FVL\".")]
    [InlineData("optnum", "Training.Optimizer: 77 is not one of Adam, AdamW, ")]
    [InlineData("mlphuge", "C2FVL's MlpRatio is 2000000000; it must be at most 64.")]
    public void SharedCasesNameTheSectionOrValue(string name, string cause)
    {
        string path = SharedData.Require($"cases/spec/{name}.json");
        var error = Assert.Throws<InvalidDataException>(() => RunSpec.Load(path));
        Assert.StartsWith($"{path} is not a run spec of this version: {cause}", error.Message);
    }

    [Theory]
    [InlineData("\"LearningRate\": 0.01", "\"LearningRate\": -1", "LearningRate is -1; it must be above 0.")]
    [InlineData("\"Width\": 8", "\"Width\": 80000", "C2FVL's Width is 80000; it must be at most 512.")]
    [InlineData("\"ImageSize\": 64", "\"ImageSize\": 65536", "C2FVL's ImageSize is 65536; it must be at most 2048.")]
    [InlineData("\"Text\": \"Correct\"", "\"Text\": 9", "Text: 9 is not one of Correct, ")]
    [InlineData("\"Text\": \"Correct\"", "\"Text\": \"Correct, Missing\"", "Text: Correct, Missing is not one of Correct, ")]
    [InlineData("\"Scale\": \"Phantom\"", "\"Scale\": \"7\"", "Scale: 7 is not one of Phantom, ")]
    [InlineData("\"TextDropout\": 0", "\"TextDropout\": 2", "TextDropout is 2; it must be from 0 to 1.")]
    [InlineData("\"Loss\": {", "\"Loss\": null, \"X\": {", "Loss is null; write the section, or leave it out for its default.")]
    [InlineData("\"Seed\": 666,\n  \"Threads\"", "\"Sed\": 666,\n  \"Threads\"", "there is no setting Sed (line ")]
    [InlineData("{\n", "[\n", "")]
    public void ValuesOutOfRangeAndUnknownNamesAreRefused(string was, string isNow, string cause)
    {
        string json = Presets.For(Scale.Phantom).ToJson(), damaged = json.Replace(was, isNow);
        Assert.NotEqual(json, damaged);
        var error = Assert.Throws<InvalidDataException>(() => RunSpec.FromJson(damaged, "spec.json"));
        Assert.StartsWith($"spec.json is not a run spec of this version: {cause}", error.Message);
    }
}

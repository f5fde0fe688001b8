using System.CommandLine;
using C2FVL.Experiments;
using C2FVL.Models;
using C2FVL.Tests.Support;
using C2FVL.Training;
using C2FVL.Workbook.Commands;

namespace C2FVL.Tests.Workbook.Commands;

public sealed class SpecOptionsTests
{
    [Fact]
    public void WithoutOptionsItIsTheScalesPreset() => Assert.Equal(Presets.For(Scale.Phantom).Name, Read().Name);

    [Fact]
    public void MirroringIsNnUNetsAndChangesNothingElse()
    {
        RunSpec plain = Read("--model", "nnUNet"), mirrored = Read("--model", "nnUNet", "--mirror", "true");
        Assert.Equal(Presets.For(Scale.Phantom, model: "nnUNet").Name, plain.Name);
        Assert.Equal(plain with { Model = (NnUNetSettings)plain.Model with { MirrorAtTest = true } }, mirrored);
        Assert.Equal(
            "--mirror applies only to nnUNet, and this is C2FVL. Leave it out, or add --model nnUNet.",
            Assert.Throws<ArgumentException>(() => Read("--mirror", "true")).Message);
    }

    [Fact]
    public void AtFullScaleOneCycleStaysOneCycleWhateverTheEpochs()
    {
        RunSpec full = Read("--scale", "full", "--epochs", "20", "--lr", "2e-3", "--batch", "16", "--floor-lr", "1e-6", "--warmup-epochs", "0.5", "--average-decay", "0.999", "--flip-at-test", "true");
        TrainingSettings training = full.Training;
        Assert.Equal((20, 20, 20), (training.Epochs, training.RestartPeriod, training.EarlyStop));
        Assert.Equal((2e-3, 1e-6, 16, 0.5, 0.999), (training.LearningRate, training.FloorLearningRate, training.BatchSize, training.WarmupEpochs, training.AverageDecay));
        Assert.True(full.FlipAtTest);
        Assert.Equal(10, Read("--scale", "mini", "--epochs", "20").Training.RestartPeriod); // as always: two cycles
    }

    [Fact]
    public void ARelativeSetInASpecBeginsAtTheShellsFolder()
    {
        using var folder = new TemporaryFolder();
        RunSpec preset = Presets.For(Scale.Phantom);
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, folder.Path);
        File.WriteAllText(folder["spec.json"], (preset with { Data = preset.Data with { Set = relative } }).ToJson());
        Assert.Equal(folder.Path, Read("--spec", folder["spec.json"]).Data.Set);
        Assert.Equal(folder.Path, Read("--data", relative + Path.DirectorySeparatorChar).Data.Set);
    }

    [Fact]
    public void StartingWeightsInTheRepositoryHaveAPathThatHoldsInEveryCopyOfIt()
    {
        string weights = Path.Combine(SharedData.Repository, "data", "weights", "c2fvl-full.safetensors");
        StartWeights start = Read("--from", weights).From!;
        Assert.Equal("data/weights/c2fvl-full.safetensors", start.Path);
        start.Require(); // wherever the shell is

        using var folder = new TemporaryFolder();
        File.Copy(weights, folder["own.safetensors"]);
        Assert.Equal(start with { Path = folder["own.safetensors"] }, Read("--from", folder["own.safetensors"]).From);
    }

    [Fact]
    public void SheetsInThePatientsSidesAreAnOption()
    {
        Assert.False(Read().Data.PatientSides);
        Assert.True(Read("--patient-sides").Data.PatientSides);
        Assert.False(Read("--patient-sides", "false").Data.PatientSides);
    }

    private static RunSpec Read(params string[] arguments)
    {
        var command = new Command("train");
        var options = new SpecOptions(command);
        return options.Read(command.Parse(arguments));
    }
}

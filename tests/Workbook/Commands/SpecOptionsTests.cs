using System.CommandLine;
using C2FVL.Experiments;
using C2FVL.Models;
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
            "--mirror is nnUNet's, and this is C2FVL. Leave it out, or add --model nnUNet.",
            Assert.Throws<ArgumentException>(() => Read("--mirror", "true")).Message);
    }

    private static RunSpec Read(params string[] arguments)
    {
        var command = new Command("train");
        var options = new SpecOptions(command);
        return options.Read(command.Parse(arguments));
    }
}

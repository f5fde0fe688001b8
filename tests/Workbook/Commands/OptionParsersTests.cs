using System.CommandLine;
using C2FVL.Experiments;
using C2FVL.Workbook.Commands;

namespace C2FVL.Tests.Workbook.Commands;

public sealed class OptionParsersTests
{
    [Theory]
    [InlineData("--lr", "0,001", "--lr is 0,001; write 0.001.")]
    [InlineData("--lr", "1,000.5", "--lr is 1,000.5; it must be a number above 0 and at most 10.")]
    [InlineData("--lr", "NaN", "--lr is NaN; it must be a number above 0 and at most 10.")]
    [InlineData("--lr", "Infinity", "--lr is Infinity; it must be a number above 0 and at most 10.")]
    [InlineData("--lr", "1e999", "--lr is 1e999; it must be a number above 0 and at most 10.")]
    [InlineData("--lr", "0", "--lr is 0; it must be a number above 0 and at most 10.")]
    [InlineData("--lr", "-1e-3", "--lr is -1e-3; it must be a number above 0 and at most 10.")]
    [InlineData("--lr", " 1e-3", "--lr is  1e-3; it must be a number above 0 and at most 10.")]
    [InlineData("--text-dropout", "0,5", "--text-dropout is 0,5; write 0.5.")]
    [InlineData("--text-dropout", "1.1", "--text-dropout is 1.1; it must be a number from 0 to 1.")]
    [InlineData("--checkpoint-seconds", "soon", "--checkpoint-seconds is soon; it must be a number from 0 to 10000000.")]
    [InlineData("--epochs", "0", "--epochs is 0; it must be a whole number of at least 1.")]
    [InlineData("--epochs", "2.5", "--epochs is 2.5; it must be a whole number of at least 1.")]
    [InlineData("--epochs", "99999999999", "--epochs is 99999999999; it must be a whole number from 1 to 2147483647.")]
    [InlineData("--batch", "1,000", "--batch is 1,000; it must be a whole number from 1 to 4096.")]
    [InlineData("--train", "-1", "--train is -1; it must be a whole number of at least 1.")]
    [InlineData("--seed", "x", "--seed is x; it must be a whole number.")]
    [InlineData("--threads", "0", "--threads is 0; it must be a whole number from 1 to 256.")]
    [InlineData("--threads", "-2", "--threads is -2; it must be a whole number from 1 to 256.")]
    [InlineData("--threads", "1000", "--threads is 1000; it must be a whole number from 1 to 256.")]
    [InlineData("--scale", "7", "--scale is 7; it must be one of ")]
    [InlineData("--scale", "0", "--scale is 0; it must be one of ")]
    [InlineData("--scale", "phantom,mini", "--scale is phantom,mini; it must be one of ")]
    [InlineData("--text", "9", "--text is 9; it must be one of Correct, ")]
    [InlineData("--kind", "MRI", "--kind is MRI; it must be one of XRay, CT.")]
    [InlineData("--augmentation", "1", "--augmentation is 1; it must be one of ")]
    [InlineData("--score-with", "3", "--score-with is 3; it must be one of Correct, ")]
    public async Task WhatIsNeitherANumberInRangeNorANameIsRefused(string option, string value, string error)
    {
        (int code, string said) = await ConsoleRun.Of(TrainCommand.Create(), option, value);
        Assert.Equal(1, code);
        Assert.StartsWith("error: " + error, said);
        Assert.Single(said.TrimEnd('\n').Split('\n'));
    }

    [Theory]
    [InlineData("bench", "--batch", "-1", "--batch is -1; it must be a whole number from 1 to 256.")]
    [InlineData("bench", "--steps", "0", "--steps is 0; it must be a whole number from 1 to 1000.")]
    [InlineData("bench", "--threads", "1000", "--threads is 1000; it must be a whole number from 1 to 256.")]
    [InlineData("check-data", "--most", "-1", "--most is -1; it must be a whole number of at least 0.")]
    [InlineData("sweep", "--jobs", "0", "--jobs is 0; it must be a whole number of at least 1.")]
    [InlineData("evaluate", "--part", "2", "--part is 2; it must be one of Train, Val, Test.")]
    [InlineData("explain", "--pixels", "0", "--pixels is 0; it must be one of ")]
    [InlineData("run", "--scale", "1", "--scale is 1; it must be one of ")]
    [InlineData("run", "--out", "X", "There is no option --out. 'workbook run --help' lists the options.")]
    [InlineData("predict", "--scale", "2", "--scale is 2; it must be one of ")]
    public async Task EveryCommandReadsItsOptionsTheSameWay(string name, string option, string value, string error)
    {
        Command command = new[]
        {
            BenchCommand.Create(), CheckDataCommand.Create(), SweepCommand.Create(), EvaluateCommand.Create(),
            ExplainCommand.Create(), RunCommand.Create(), PredictCommand.Create(),
        }.Single(c => c.Name == name);
        string[] list = name == "sweep" ? ["table2"] : []; // its argument
        (int code, string said) = await ConsoleRun.Of(command, [.. list, option, value]);
        Assert.Equal(1, code);
        Assert.Contains("error: " + error, said);
    }

    [Fact]
    public void NamesAreReadInAnyCaseAndNumbersAsInEnglish()
    {
        TestOption("--scale", "MINI", Scale.Mini, new Option<Scale>("--scale"));
        TestOption("--lr", "1e-3", 0.001, new Option<double?>("--lr").AboveZero(10));
        TestOption("--batch", "+4", 4, new Option<int>("--batch").Within(1));
    }

    [Fact]
    public async Task ADeviceThatIsNotThereIsRefusedInOneLine()
    {
        Assert.SkipWhen(TorchSharp.torch.cuda.is_available(), "this machine has a GPU");
        foreach (string[] command in new string[][] { ["--dry-run"], ["--epochs", "1"] })
        {
            (int code, string said) = await ConsoleRun.Of(TrainCommand.Create(), [.. command, "--device", "cuda"]);
            Assert.Equal(1, code);
            Assert.EndsWith(
                "error: The device is cuda, but libtorch sees no CUDA GPU. Use cpu (--device cpu), or build with -p:TorchBackend=cuda-linux (or cuda-windows) and check the driver.\n",
                said);
        }

        (int sweep, string told) = await ConsoleRun.Of(SweepCommand.Create(), "table2", "--device", "tpu");
        Assert.Equal((1, "error: The device is tpu; it must be cpu, cuda or cuda:N.\n"), (sweep, told));
    }

    private static void TestOption<T>(string name, string value, T expected, Option<T> option)
    {
        var command = new RootCommand { option };
        OptionParsers.SetAll(command);
        Assert.Equal(expected, command.Parse([name, value]).GetValue(option));
    }

    private static void TestOption(string name, string value, double expected, Option<double?> option)
    {
        var command = new RootCommand { option };
        Assert.Equal(expected, command.Parse([name, value]).GetValue(option));
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using C2FVL.Tests.Support;
using C2FVL.Tests.Workbook.Commands;
using C2FVL.Workbook.Bench;
using C2FVL.Workbook.Commands;

namespace C2FVL.Tests.Workbook;

public sealed partial class BenchCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task LargeBlocksStayWithTheProcessOnAPoolThread()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the allocator setting is glibc's");
        string[] what = ["--scale", "mini", "--models", "C2FVL", "--measures", "step,plain-step", "--batch", "4", "--steps", "4"];
        (int code, string output, _) = await Bench([.. what, "--out", folder["bench.csv"]]);

        Assert.Equal(0, code);
        double[] faults = [.. Timings().Matches(output).Select(row => double.Parse(row.Groups[1].Value, CultureInfo.InvariantCulture))];
        Assert.Equal(2, faults.Length);
        Assert.True(faults[0] < faults[1] / 10, output);
    }

    [Fact]
    public async Task AQuickBenchTimesEveryMeasure()
    {
        string path = folder["speed.csv"];
        (int code, string output, string error) = await Bench("--quick", "--out", path);

        Assert.True(code == 0, error);
        IReadOnlyList<BenchRow> rows = BenchRow.Load(path);
        Assert.Equal(BenchMeasures.Default, rows.Select(row => row.Measure));
        Assert.All(rows, row => Assert.InRange(row.Median, double.Epsilon, 60));
        Assert.All(rows, row => Assert.InRange(row.Median, row.Low, row.High));
        double convolutions = rows.Single(row => row.Measure == BenchMeasure.Convolutions).Median;
        Assert.Equal(convolutions, rows.Single(row => row.Measure == BenchMeasure.Step).Limit);
        Assert.True(output.IndexOf("**Ratios**", StringComparison.Ordinal) < output.IndexOf("**Timings**", StringComparison.Ordinal), output);
        Assert.All(new[] { "speed.csv", "speed.md", "speed.png", "speed.svg" }, name => Assert.True(new FileInfo(folder[name]).Length > 0));
    }

    [Theory]
    [InlineData("--batch", "-1", "--batch is -1; it must be a whole number from 1 to 256.")]
    [InlineData("--batch", "four", "--batch is four; it must be a whole number from 1 to 256.")]
    [InlineData("--steps", "0", "--steps is 0; it must be a whole number from 1 to 1000.")]
    [InlineData("--rounds", "101", "--rounds is 101; it must be a whole number from 1 to 100.")]
    [InlineData("--threads", "0", "--threads is 0; it must be a whole number from 1 to")]
    [InlineData("--scale", "7", "--scale is 7; it must be one of Phantom, Mini, ")]
    [InlineData("--measures", "speed", "There is no measure speed. Choose from sgemm, ")]
    [InlineData("--models", "ResNet", "There is no method ResNet. Choose from UNet, ")]
    [InlineData("--models", ",", "is not a list of names. Separate names by commas")]
    public async Task AnOptionOutsideItsRangeIsRefused(string option, string value, string message)
    {
        (int code, string said) = await ConsoleRun.Of(BenchCommand.Create(), option, value);
        Assert.NotEqual(0, code);
        Assert.Contains(message, said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFailedChildIsReportedOnce()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the test breaks the data folder through the environment");
        string broken = Directory.CreateDirectory(folder["QaTa-COV19"]).FullName; // there, and no data set
        (int code, _, string error) = await Bench(["--scale", "mini", "--measures", "loading"], ("C2FVL_DATA", folder.Path));

        Assert.Equal(1, code);
        Assert.StartsWith("error: The process that timed loading of C2FVL exited with code 1: ", error);
        Assert.Contains(broken, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'), line => line.Contains("error:", StringComparison.Ordinal));
    }

    private static Task<(int Code, string Output, string Error)> Bench(params string[] arguments) => Bench(arguments, []);

    private static async Task<(int Code, string Output, string Error)> Bench(string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(SharedData.Repository, "workbook", "bin", "workbook.dll"), "bench", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        using Process bench = Process.Start(start)!;
        Task<string> error = bench.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await bench.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await bench.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (bench.ExitCode, output, await error);
    }

    [GeneratedRegex(@"^\| (?:plain-)?step \| C2FVL \|.* ([0-9]+) \|$", RegexOptions.Multiline)]
    private static partial Regex Timings();
}

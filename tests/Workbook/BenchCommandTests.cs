using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using C2FVL.Tests.Support;

namespace C2FVL.Tests.Workbook;

public sealed partial class BenchCommandTests
{
    [Fact]
    public async Task LargeBlocksStayWithTheProcessOnAPoolThread()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the allocator setting is glibc's");
        var start = new ProcessStartInfo("dotnet", [Path.Combine(SharedData.Repository, "workbook", "bin", "workbook.dll"), "bench", "--scale", "mini", "--batch", "4", "--steps", "4", "--rounds", "1"])
        {
            RedirectStandardOutput = true,
        };
        using Process bench = Process.Start(start)!;
        string output = await bench.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await bench.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, bench.ExitCode);
        double[] faults = [.. Faults().Matches(output).Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];
        Assert.Equal(2, faults.Length);
        Assert.True(faults[1] < faults[0] / 10, output);
        Assert.Contains("times faster", output);
    }

    [GeneratedRegex(@"([0-9]+) page faults a step")]
    private static partial Regex Faults();
}

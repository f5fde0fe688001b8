using System.Diagnostics;
using C2FVL.Platform;
using C2FVL.Tests.Support;

namespace C2FVL.Tests.Platform;

public sealed class AllocatorTests
{
    [Fact]
    public void TheSettingIsInForceOnceTheLibraryIsLoaded()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the allocator setting is glibc's");
        Assert.Equal(Environment.GetEnvironmentVariable("C2FVL_ALLOCATOR") != "default", Allocator.KeepsLargeBlocks);
    }

    [Theory]
    [InlineData("keep")]
    [InlineData("default")]
    public async Task AProgramThatRestartsItselfKeepsItsArgumentsAndItsExitCode(string setting)
    {
        using var folder = new TemporaryFolder();
        string missing = folder["no such \"picture\" é.png"];
        var start = new ProcessStartInfo("dotnet", [Path.Combine(SharedData.Repository, "workbook", "bin", "workbook.dll"), "predict", "--image", missing, "--text", "Unilateral pulmonary infection, one infected area, lower left lung.", "--weights", missing]) { RedirectStandardError = true };
        start.Environment.Remove("MALLOC_ARENA_MAX");
        start.Environment["C2FVL_ALLOCATOR"] = setting;
        using Process process = Process.Start(start)!;
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, process.ExitCode);
        Assert.Contains(missing, error, StringComparison.Ordinal);
    }
}

using C2FVL.Platform;

namespace C2FVL.Tests.Platform;

public sealed class FastPathsTests
{
    [Fact]
    public async Task TheyAreOffOnlyForTheOneWhoSwitchedThemOff()
    {
        Assert.True(FastPaths.On);
        var other = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = new TaskCompletionSource();
        var thread = new Thread(() =>
        {
            asked.Task.Wait();
            other.SetResult(FastPaths.On);
        });
        thread.Start();
        using (FastPaths.SwitchOff())
        {
            using (FastPaths.SwitchOff())
                Assert.False(FastPaths.On);
            Assert.False(FastPaths.On);
            Assert.False(await Task.Run(() => FastPaths.On));
            asked.SetResult();
            Assert.True(await other.Task);
        }

        Assert.True(FastPaths.On);
    }
}

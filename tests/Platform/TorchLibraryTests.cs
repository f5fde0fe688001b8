using C2FVL.Platform;
using C2FVL.Tests.Support;

namespace C2FVL.Tests.Platform;

public sealed class TorchLibraryTests
{
    [Fact]
    public void AMissingFileIsSaidWithTheCommandThatMakesIt() =>
        Assert.Equal(
            "/nowhere/libLibTorchSharp.so is missing. Build the library for this machine: dotnet build -c Release C2FVL.Lib.csproj",
            TorchLibrary.Explain("/nowhere/libLibTorchSharp.so", null, "not found"));

    [Fact]
    public void ALibraryBuiltElsewhereIsSaidWithTheBuildThatCuresIt()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["lib.so"], SymbolVersionsTests.Original());
        File.WriteAllBytes(folder["libstdc++.so.6"], SymbolVersionsTests.AllVersionsBut("GLIBCXX_3.4.32"));
        Assert.Equal(
            $"{folder["lib.so"]} was built on another machine: it needs GLIBCXX_3.4.32 of libstdc++, and {folder["libstdc++.so.6"]} lacks it. Build on this machine, which cures it: dotnet build -c Release C2FVL.Lib.csproj",
            TorchLibrary.Explain(folder["lib.so"], folder["libstdc++.so.6"], "version not found"));
    }

    [Fact]
    public void WhereNoCureHelpsTheTrueCauseIsSaid()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["lib.so"], SymbolVersionsTests.Original());
        File.WriteAllBytes(folder["libstdc++.so.6"], SymbolVersionsTests.AllVersionsBut("GLIBCXX_3.4"));
        string message = TorchLibrary.Explain(folder["lib.so"], folder["libstdc++.so.6"], "version not found");
        Assert.StartsWith($"{folder["lib.so"]} needs GLIBCXX_3.4 of libstdc++ for ", message);
        Assert.EndsWith("is older. Install the libstdc++6 of a newer GCC, or use a newer system.", message);
    }

    [Fact]
    public void AnyOtherFailureKeepsTheLoadersWords()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["lib.so"], [1, 2, 3]);
        Assert.Equal($"{folder["lib.so"]} cannot be loaded: file too short", TorchLibrary.Explain(folder["lib.so"], null, "file too short"));
    }

    [Fact]
    public void ItLoadsHere() => TorchLibrary.EnsureLoaded();
}

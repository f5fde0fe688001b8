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
    public void AFileThatCouldNotBeReplacedIsSaidWithTheFolder()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["lib.so"], SymbolVersionsTests.Original());
        File.WriteAllBytes(folder["libstdc++.so.6"], SymbolVersionsTests.AllVersionsBut("GLIBCXX_3.4.32"));
        Assert.Equal(
            $"{folder["lib.so"]} needs GLIBCXX_3.4.32 of libstdc++, and {folder["libstdc++.so.6"]} lacks it. The library fixes this by "
            + $"replacing the file, but cannot write to {folder.Path}. Make that folder writable for one start.",
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

    [Theory]
    [InlineData("win-arm64")]
    [InlineData("osx-x64")]
    [InlineData("linux-musl-x64")]
    [InlineData("linux-arm64")]
    public void SystemsWithoutLibtorchAreToldThoseThatHaveOne(string system) => Assert.Equal(
        $"There is no libtorch for this system, {system}. It runs on linux-x64, win-x64, osx-arm64.",
        TorchLibrary.WhyAbsent("/nowhere/lib.so", system));

    /// <summary>As in the output of a program elsewhere, where the file may be a hard link into NuGet's cache.</summary>
    [Fact]
    public void AnUncuredFileIsReplacedAndWhatItWasLinkedToIsNot()
    {
        using var folder = new TemporaryFolder();
        byte[] original = SymbolVersionsTests.Original();
        File.WriteAllBytes(folder["lib.so"], original);
        File.WriteAllBytes(folder["libstdc++.so.6"], SymbolVersionsTests.AllVersionsBut("GLIBCXX_3.4.32"));

        Assert.True(TorchLibrary.Cure(folder["lib.so"], folder["libstdc++.so.6"]));

        Assert.Single(original.Zip(File.ReadAllBytes(folder["lib.so"])), pair => pair.First != pair.Second);
        Assert.False(TorchLibrary.Cure(folder["lib.so"], folder["libstdc++.so.6"])); // it needs nothing more
        File.WriteAllBytes(folder["lib.so"], original);
        File.WriteAllBytes(folder["libstdc++.so.6"], SymbolVersionsTests.AllVersionsBut("GLIBCXX_3.4"));
        Assert.False(TorchLibrary.Cure(folder["lib.so"], folder["libstdc++.so.6"]));
        Assert.Equal(original, File.ReadAllBytes(folder["lib.so"]));
    }

    [Fact]
    public void ItLoadsHere() => TorchLibrary.EnsureLoaded();
}

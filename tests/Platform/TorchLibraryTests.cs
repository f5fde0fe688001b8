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
        File.WriteAllBytes(folder["lib.so"], Original());
        File.WriteAllText(folder["libstdc++.so.6"], "\0GLIBCXX_3.4.30\0GLIBCXX_3.4.3\0");
        Assert.Equal(
            $"{folder["lib.so"]} needs GLIBCXX_3.4.32 of libstdc++, and {folder["libstdc++.so.6"]} lacks it. The library fixes this by "
            + $"replacing the file, but cannot write to {folder.Path}. Make that folder writable for one start.",
            TorchLibrary.Explain(folder["lib.so"], folder["libstdc++.so.6"], "version not found"));
    }

    [Fact]
    public void WhereNoCureHelpsTheLoadersWordsHaveACure()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["lib.so"], [1, 2, 3]);
        string said = "/lib/libstdc++.so.6: version `GLIBCXX_3.4.33' not found (required by lib.so)";
        Assert.Equal(
            $"{folder["lib.so"]} cannot be loaded: {said}. Install the libstdc++6 of a newer GCC, or use a newer system.",
            TorchLibrary.Explain(folder["lib.so"], null, said));
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
        byte[] original = Original();
        File.WriteAllBytes(folder["lib.so"], original);
        File.WriteAllText(folder["libstdc++.so.6"], "\0GLIBCXX_3.4.30\0GLIBCXX_3.4.3\0");

        Assert.True(TorchLibrary.Cure(folder["lib.so"], folder["libstdc++.so.6"]));

        Assert.Single(original.Zip(File.ReadAllBytes(folder["lib.so"])), pair => pair.First != pair.Second);
        Assert.False(TorchLibrary.Cure(folder["lib.so"], folder["libstdc++.so.6"])); // it needs nothing more
        File.WriteAllBytes(folder["lib.so"], original);
        File.WriteAllText(folder["libstdc++.so.6"], "\0GLIBCXX_3.4.30\0GLIBCXX_3.4.32\0"); // the system has the version
        Assert.False(TorchLibrary.Cure(folder["lib.so"], folder["libstdc++.so.6"]));
        Assert.Equal(original, File.ReadAllBytes(folder["lib.so"]));
    }

    [Fact]
    public void TheNeedIsTheHashOfItsVersionAndStandsOnceInTheLibrary()
    {
        uint hash = 0;
        foreach (char letter in "GLIBCXX_3.4.32")
        {
            hash = (hash << 4) + letter;
            uint top = hash & 0xf0000000;
            hash = (hash ^ (top >> 24)) & ~top;
        }

        Assert.Equal([.. BitConverter.GetBytes(hash), 0, 0], TorchLibrary.Need.ToArray());
        ReadOnlySpan<byte> original = Original();
        Assert.Equal(1, original.Count(TorchLibrary.Need));
        Assert.True(original.IndexOf("_ZSt21ios_base_library_initv"u8) > 0);
    }

    [Fact]
    public void TheLibraryBesideTheTestsNeedsNothingThatThisSystemLacks()
    {
        string? provider = TorchLibrary.SystemLibStdCxx();
        Assert.SkipWhen(provider is null, "needs a system with libstdc++");
        Assert.False(TorchLibrary.Cure(NativeFile, provider));
    }

    [Fact]
    public void ItLoadsHere() => TorchLibrary.EnsureLoaded();

    private static string NativeFile =>
        Path.Combine(Path.GetDirectoryName(typeof(TorchLibrary).Assembly.Location)!, "libLibTorchSharp.so");

    /// <summary>The library as TorchSharp ships it: the weak flag of the cure taken off again where it was set.</summary>
    private static byte[] Original()
    {
        Assert.SkipUnless(File.Exists(NativeFile), "needs TorchSharp's Linux library");
        byte[] file = File.ReadAllBytes(NativeFile);
        int cured = file.AsSpan().IndexOf((byte[])[.. TorchLibrary.Need[..4], 2, 0]);
        if (cured >= 0)
            file[cured + 4] = 0;
        return file;
    }
}

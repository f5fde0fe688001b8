using System.Text;
using C2FVL.Platform;

namespace C2FVL.Tests.Platform;

public sealed class SymbolVersionsTests
{
    private const string Newest = "GLIBCXX_3.4.32";

    [Fact]
    public void TheNeedThatKeepsTorchSharpFromLoadingIsFoundWithItsOneSymbol()
    {
        SymbolVersions.Need need = Assert.Single(SymbolVersions.Read(Original()), n => n.Version == Newest);
        Assert.Equal("libstdc++.so.6", need.Library);
        Assert.Equal(["_ZSt21ios_base_library_initv"], need.Symbols);
        Assert.True(need.IsCurable);
        Assert.False(need.IsWeak);
    }

    [Fact]
    public void WeakeningChangesOneBitOfACopyAndNothingElse()
    {
        byte[] file = Original();
        byte[] before = [.. file];
        byte[] cured = SymbolVersions.Weaken(file, SymbolVersions.Read(file).Where(n => n.Version == Newest));

        Assert.Equal(before, file);
        int different = Assert.Single(Enumerable.Range(0, file.Length), i => file[i] != cured[i]);
        Assert.Equal(2, file[different] ^ cured[different]);
        Assert.True(Assert.Single(SymbolVersions.Read(cured), n => n.Version == Newest).IsWeak);
    }

    [Fact]
    public void NothingIsMissingWhereTheSystemHasTheVersion() =>
        Assert.Empty(SymbolVersions.Missing(Original(), AllVersionsBut("")));

    [Fact]
    public void TheVersionIsMissingWhereTheSystemLacksIt() =>
        Assert.Equal([Newest], SymbolVersions.Missing(Original(), AllVersionsBut(Newest)).Select(n => n.Version));

    [Fact]
    public void AVersionThatRealSymbolsCarryIsNotCurable()
    {
        SymbolVersions.Need need = Assert.Single(SymbolVersions.Missing(Original(), AllVersionsBut("GLIBCXX_3.4")));
        Assert.False(need.IsCurable);
        Assert.True(need.Symbols.Count > 10);
    }

    [Fact]
    public void AFileThatIsNoElfNeedsNothing() => Assert.Empty(SymbolVersions.Read(Encoding.ASCII.GetBytes(new string('x', 200))));

    [Fact]
    public void TheLibraryBesideTheTestsNeedsNothingThatThisSystemLacks()
    {
        string? provider = SymbolVersions.SystemLibStdCxx();
        Assert.SkipWhen(provider is null, "needs a system with libstdc++");
        Assert.Empty(SymbolVersions.Missing(File.ReadAllBytes(NativeFile), File.ReadAllBytes(provider!)));
    }

    internal static string NativeFile => Path.Combine(Path.GetDirectoryName(typeof(SymbolVersions).Assembly.Location)!, "libLibTorchSharp.so");

    /// <summary>The library as TorchSharp ships it: the weak flag of the cure taken off again where it was set.</summary>
    internal static byte[] Original()
    {
        Assert.SkipUnless(File.Exists(NativeFile), "needs TorchSharp's Linux library");
        byte[] file = File.ReadAllBytes(NativeFile);
        foreach (SymbolVersions.Need need in SymbolVersions.Read(file).Where(n => n.Version == Newest && n.IsWeak))
            file[need.FlagsOffset] &= 0xfd;
        return file;
    }

    /// <summary>Bytes that name every version the library asks of libstdc++ but one, as a libstdc++ would.</summary>
    internal static byte[] AllVersionsBut(string version) => Encoding.ASCII.GetBytes(
        "\0" + string.Join("\0", SymbolVersions.Read(Original()).Where(n => n.Library == "libstdc++.so.6" && n.Version != version).Select(n => n.Version)) + "\0");
}

using System.Buffers.Binary;
using System.Text;

namespace C2FVL.Platform;

/// <summary>
/// The symbol versions that an ELF file asks of other libraries (<c>.gnu.version_r</c>), and the cure for the one
/// that keeps TorchSharp from loading on Debian 12 and Ubuntu 22.04. No package changes them.
/// </summary>
/// <remarks>
/// TorchSharp's Linux library is built with GCC 13 and asks libstdc++ for <c>GLIBCXX_3.4.32</c>. The only symbol of
/// that version is a marker which nothing relocates against, so the need can be made weak: the loader then warns at
/// most, and every other symbol is found. A version that real symbols carry cannot be cured this way.
/// </remarks>
internal static class SymbolVersions
{
    /// <summary>An undefined symbol that exists only to record which standard library a file was built with.</summary>
    private const string Marker = "_ZSt21ios_base_library_initv";

    private const string LibStdCxx = "libstdc++.so.6";
    private const uint DynamicSymbols = 11, VersionNeeds = 0x6ffffffe, VersionOfSymbol = 0x6fffffff;
    private const int WeakFlag = 2;

    /// <summary>All versions that a 64-bit little-endian ELF file needs; empty for any other file.</summary>
    public static IReadOnlyList<Need> Read(byte[] file)
    {
        if (file.Length < 64 || file is not [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, ..])
            return [];
        long[] sections = [.. Enumerable.Range(0, U16(0x3c)).Select(i => I64(0x28) + ((long)i * U16(0x3a)))];
        if (Section(VersionNeeds) is not long needed)
            return [];

        ILookup<int, string> symbols = Enumerable.Empty<string>().ToLookup(_ => 0);
        if (Section(DynamicSymbols) is long table && Section(VersionOfSymbol) is long versions)
            symbols = Enumerable.Range(0, (int)(I64(table + 0x20) / 24)).ToLookup(
                i => U16(Start(versions) + (2L * i)) & 0x7fff, i => Text(table, U32(Start(table) + (24L * i))));

        var needs = new List<Need>();
        long entry = Start(needed);
        for (uint i = 0; i < U32(needed + 0x2c); i++, entry += U32(entry + 12))
        {
            long version = entry + U32(entry + 8);
            for (int j = 0; j < U16(entry + 2); j++, version += U32(version + 12))
                needs.Add(new Need(Text(needed, U32(entry + 4)), Text(needed, U32(version + 8)),
                    (U16(version + 4) & WeakFlag) != 0, [.. symbols[U16(version + 6)]], version + 4));
        }

        return needs;

        // The place of a section's header; the place of its content; a text of the section that it is linked to.
        long? Section(uint type) => sections.Where(at => U32(at + 4) == type).Select(at => (long?)at).FirstOrDefault();
        long Start(long section) => I64(section + 0x18);
        string Text(long section, long at)
        {
            ReadOnlySpan<byte> text = file.AsSpan((int)(Start(sections[U32(section + 0x28)]) + at));
            return Encoding.ASCII.GetString(text[..text.IndexOf((byte)0)]);
        }

        int U16(long at) => BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan((int)at));
        uint U32(long at) => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan((int)at));
        long I64(long at) => BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan((int)at));
    }

    /// <summary>The strong needs of a file that a libstdc++ does not meet.</summary>
    /// <param name="file">The ELF file that fails to load.</param>
    /// <param name="libStdCxx">The bytes of the system's libstdc++.</param>
    public static IReadOnlyList<Need> Missing(byte[] file, byte[] libStdCxx) =>
        [.. Read(file).Where(need => need.Library == LibStdCxx && !need.IsWeak
            && libStdCxx.AsSpan().IndexOf(Encoding.ASCII.GetBytes(need.Version + "\0")) < 0)];

    /// <summary>A copy of <paramref name="file"/> in which the given needs are weak.</summary>
    public static byte[] Weaken(byte[] file, IEnumerable<Need> needs)
    {
        byte[] copy = [.. file];
        foreach (Need need in needs)
            copy[need.FlagsOffset] |= WeakFlag;
        return copy;
    }

    /// <summary>The libstdc++ that this process runs on; null where the .NET runtime has loaded none.</summary>
    public static string? SystemLibStdCxx() => !File.Exists("/proc/self/maps") ? null
        : File.ReadLines("/proc/self/maps").Where(line => line.Contains("/" + LibStdCxx))
            .Select(line => line[line.IndexOf('/')..]).FirstOrDefault(File.Exists);

    /// <summary>One version that a file asks of a library.</summary>
    /// <param name="Library">The library's name, such as <c>libstdc++.so.6</c>.</param>
    /// <param name="Version">The version's name, such as <c>GLIBCXX_3.4.32</c>.</param>
    /// <param name="IsWeak">Whether the loader goes on without it.</param>
    /// <param name="Symbols">The undefined symbols that carry this version.</param>
    /// <param name="FlagsOffset">The place of the weak flag in the file.</param>
    internal sealed record Need(
        string Library, string Version, bool IsWeak, IReadOnlyList<string> Symbols, long FlagsOffset)
    {
        /// <summary>Whether nothing but the marker carries it, so that making it weak is safe.</summary>
        public bool IsCurable => Symbols.All(symbol => symbol == Marker);
    }
}

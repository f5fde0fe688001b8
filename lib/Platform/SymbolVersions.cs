// Compiled twice: into the library (which explains a failed load) and, without C2FVL_LIB, into the build step
// of Directory.Build.targets (which writes the cured copy). So it keeps to what netstandard2.0 offers.
#nullable enable
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
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
public static class SymbolVersions
{
    /// <summary>Undefined symbols that exist only to record which standard library a file was built with.</summary>
    private static readonly string[] Markers = { "_ZSt21ios_base_library_initv" };

    private const uint DynamicSymbols = 11, VersionNeeds = 0x6ffffffe, VersionOfSymbol = 0x6fffffff;
    private const int WeakFlag = 2;

    /// <summary>One version that a file asks of a library.</summary>
    public sealed class Need
    {
        public Need(string library, string version, bool isWeak, IReadOnlyList<string> symbols, long flagsOffset)
        {
            Library = library;
            Version = version;
            IsWeak = isWeak;
            Symbols = symbols;
            FlagsOffset = flagsOffset;
        }

        /// <summary>The library's name, such as <c>libstdc++.so.6</c>.</summary>
        public string Library { get; }

        /// <summary>The version's name, such as <c>GLIBCXX_3.4.32</c>.</summary>
        public string Version { get; }

        /// <summary>Whether the loader goes on without it.</summary>
        public bool IsWeak { get; }

        /// <summary>The undefined symbols that carry this version.</summary>
        public IReadOnlyList<string> Symbols { get; }

        /// <summary>Whether nothing but markers carries it, so that making it weak is safe.</summary>
        public bool IsCurable => Symbols.All(s => Markers.Contains(s));

        internal long FlagsOffset { get; }
    }

    /// <summary>All versions that a 64-bit little-endian ELF file needs; empty for any other file.</summary>
    public static IReadOnlyList<Need> Read(byte[] file)
    {
        var needs = new List<Need>();
        if (file.Length < 64 || file[0] != 0x7f || file[1] != 'E' || file[2] != 'L' || file[3] != 'F' || file[4] != 2
            || file[5] != 1)
            return needs;

        Section[] sections = Sections(file);
        Section? needSection = sections.FirstOrDefault(s => s.Type == VersionNeeds);
        if (needSection is null)
            return needs;

        Dictionary<ushort, List<string>> symbols = SymbolsByVersion(file, sections);
        long names = sections[needSection.Link].Offset;
        long entry = needSection.Offset;
        for (int i = 0; i < needSection.Info; i++)
        {
            string library = Text(file, names + U32(file, entry + 4));
            int count = U16(file, entry + 2);
            long aux = entry + U32(file, entry + 8);
            for (int j = 0; j < count; j++)
            {
                int flags = U16(file, aux + 4);
                string version = Text(file, names + U32(file, aux + 8));
                symbols.TryGetValue((ushort)U16(file, aux + 6), out List<string>? carried);
                needs.Add(new Need(library, version, (flags & WeakFlag) != 0, carried ?? new List<string>(), aux + 4));
                aux += U32(file, aux + 12);
            }

            entry += U32(file, entry + 12);
        }

        return needs;
    }

    /// <summary>
    /// The strong needs of <paramref name="file"/> that the library <paramref name="provider"/> does not meet.
    /// </summary>
    /// <param name="file">The ELF file that fails to load.</param>
    /// <param name="provider">The bytes of the system's library.</param>
    /// <param name="providerName">Its name as the ELF file spells it, such as <c>libstdc++.so.6</c>.</param>
    public static IReadOnlyList<Need> Missing(byte[] file, byte[] provider, string providerName)
    {
        return Read(file).Where(n => n.Library == providerName && !n.IsWeak && !Contains(provider, n.Version)).ToList();
    }

    /// <summary>A copy of <paramref name="file"/> in which the given needs are weak.</summary>
    public static byte[] Weaken(byte[] file, IEnumerable<Need> needs)
    {
        byte[] copy = (byte[])file.Clone();
        foreach (Need need in needs)
            copy[need.FlagsOffset] |= WeakFlag;
        return copy;
    }

    /// <summary>
    /// The libstdc++ that this process runs on (the .NET runtime has it loaded), else the first one in the usual
    /// places; null if there is none, as on Windows.
    /// </summary>
    public static string? SystemLibStdCxx()
    {
        if (File.Exists("/proc/self/maps"))
        {
            string? mapped = File.ReadLines("/proc/self/maps")
                .Where(line => line.Contains("/libstdc++.so.6"))
                .Select(line => line.Substring(line.IndexOf('/')))
                .FirstOrDefault(File.Exists);
            if (mapped != null)
                return mapped;
        }

        string[] folders =
        {
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu",
            "/usr/lib64",
            "/usr/lib",
            "/lib64",
            "/lib",
        };
        return folders.Select(f => f + "/libstdc++.so.6").FirstOrDefault(File.Exists);
    }

    private static Section[] Sections(byte[] file)
    {
        long table = (long)U64(file, 0x28);
        int size = U16(file, 0x3a), count = U16(file, 0x3c);
        var sections = new Section[count];
        for (int i = 0; i < count; i++)
        {
            long at = table + ((long)i * size);
            sections[i] = new Section(
                U32(file, at + 4), (long)U64(file, at + 0x18), (long)U64(file, at + 0x20), (int)U32(file, at + 0x28),
                (int)U32(file, at + 0x2c));
        }

        return sections;
    }

    private static Dictionary<ushort, List<string>> SymbolsByVersion(byte[] file, Section[] sections)
    {
        var byVersion = new Dictionary<ushort, List<string>>();
        Section? table = sections.FirstOrDefault(s => s.Type == DynamicSymbols);
        Section? versions = sections.FirstOrDefault(s => s.Type == VersionOfSymbol);
        if (table is null || versions is null)
            return byVersion;

        long names = sections[table.Link].Offset;
        for (int i = 0; i < table.Size / 24; i++)
        {
            ushort version = (ushort)(U16(file, versions.Offset + (2L * i)) & 0x7fff);
            if (!byVersion.TryGetValue(version, out List<string>? list))
                byVersion[version] = list = new List<string>();
            list.Add(Text(file, names + U32(file, table.Offset + (24L * i))));
        }

        return byVersion;
    }

    /// <summary>Whether the bytes hold the text as a whole, zero-ended string.</summary>
    private static bool Contains(byte[] bytes, string text)
    {
        byte[] wanted = Encoding.ASCII.GetBytes(text + "\0");
        for (
            int i = Array.IndexOf(bytes, wanted[0]); i >= 0
                && i <= bytes.Length - wanted.Length; i = Array.IndexOf(bytes, wanted[0], i + 1))
        {
            int j = 1;
            while (j < wanted.Length && bytes[i + j] == wanted[j])
                j++;
            if (j == wanted.Length)
                return true;
        }

        return false;
    }

    private static string Text(byte[] file, long at)
    {
        int end = Array.IndexOf(file, (byte)0, (int)at);
        return Encoding.ASCII.GetString(file, (int)at, end - (int)at);
    }

    private static int U16(byte[] file, long at) => BitConverter.ToUInt16(file, (int)at);

    private static uint U32(byte[] file, long at) => BitConverter.ToUInt32(file, (int)at);

    private static ulong U64(byte[] file, long at) => BitConverter.ToUInt64(file, (int)at);

    private sealed class Section
    {
        public Section(uint type, long offset, long size, int link, int info)
        {
            Type = type;
            Offset = offset;
            Size = size;
            Link = link;
            Info = info;
        }

        public uint Type { get; }

        public long Offset { get; }

        public long Size { get; }

        public int Link { get; }

        public int Info { get; }
    }
}

#if !C2FVL_LIB
/// <summary>
/// The build step: writes a cured copy of a native file into a folder where this machine's libstdc++ lacks a version
/// that only markers carry. The original, which may be the package cache's own file, is never touched.
/// </summary>
public sealed class CureSymbolVersions : Microsoft.Build.Utilities.Task
{
    [Microsoft.Build.Framework.Required]
    public string File { get; set; } = "";

    [Microsoft.Build.Framework.Required]
    public string Folder { get; set; } = "";

    /// <summary>The cured copy, or empty if none is needed or none can help.</summary>
    [Microsoft.Build.Framework.Output]
    public string Cured { get; set; } = "";

    public override bool Execute()
    {
        string? provider = SymbolVersions.SystemLibStdCxx();
        if (provider is null)
            return true;

        byte[] bytes = System.IO.File.ReadAllBytes(File);
        IReadOnlyList<SymbolVersions.Need> missing = SymbolVersions.Missing(
            bytes, System.IO.File.ReadAllBytes(provider), "libstdc++.so.6");
        if (missing.Count == 0)
            return true;

        SymbolVersions.Need? hopeless = missing.FirstOrDefault(n => !n.IsCurable);
        if (hopeless != null)
        {
            Log.LogWarning(
                "{0} needs {1} of libstdc++ for {2}, and {3} lacks it: install the libstdc++6 of a newer GCC.", 
                File, hopeless.Version, string.Join(", ", hopeless.Symbols.Take(3)), provider);
            return true;
        }

        Directory.CreateDirectory(Folder);
        string cured = Path.Combine(Folder, Path.GetFileName(File));
        byte[] weak = SymbolVersions.Weaken(bytes, missing);
        if (!System.IO.File.Exists(cured) || !System.IO.File.ReadAllBytes(cured).SequenceEqual(weak))
            System.IO.File.WriteAllBytes(cured, weak);
        Cured = cured;
        Log.LogMessage(
            "{0}: {1} made weak for {2}", cured, string.Join(", ", missing.Select(n => n.Version)), provider);
        return true;
    }
}
#endif

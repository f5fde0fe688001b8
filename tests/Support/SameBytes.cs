namespace C2FVL.Tests.Support;

/// <summary>Byte for byte, without xunit's slow element by element comparison.</summary>
public static class SameBytes
{
    public static void InFiles(string expected, string actual) =>
        Assert.True(File.ReadAllBytes(expected).AsSpan().SequenceEqual(File.ReadAllBytes(actual)), $"{Path.GetFileName(expected)} differs");
}

using System.Buffers.Binary;
using System.IO.Compression;

namespace C2FVL.Tests.Workbook.Imports;

/// <summary>Changes numbers in the header of a little-endian .nii.gz.</summary>
internal static class NiftiChange
{
    public static void Floats(string path, params (int At, float Value)[] changes)
    {
        using var bytes = new MemoryStream();
        using (var zipped = new GZipStream(File.OpenRead(path), CompressionMode.Decompress))
            zipped.CopyTo(bytes);
        foreach ((int at, float value) in changes)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.GetBuffer().AsSpan(at), value);
        using var again = new GZipStream(File.Create(path), CompressionMode.Compress);
        again.Write(bytes.GetBuffer(), 0, (int)bytes.Length);
    }
}

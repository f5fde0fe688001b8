using System.Buffers.Binary;
using System.Text;
using C2FVL.Tests.Support;
using C2FVL.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Training;

public sealed class SafetensorsTests
{
    [Fact]
    public void EveryTypeComesBackWithItsShapeValuesAndMetadata()
    {
        using DisposeScope scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        ScalarType[] types = [ScalarType.Float32, ScalarType.Float64, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Int64, ScalarType.Int32, ScalarType.Byte, ScalarType.Bool];
        Dictionary<string, Tensor> tensors = types.ToDictionary(t => $"ä \"{t}\"", t => arange(6).reshape(2, 3).to(t));
        tensors["scalar"] = tensor(3.5f);
        tensors["empty"] = zeros(0, 4);
        tensors["strided"] = arange(6).reshape(2, 3).transpose(0, 1);

        Safetensors.Write(folder["a.safetensors"], tensors, new Dictionary<string, string> { ["spec"] = "{\"x\": 1}\nü" });
        using TensorFile read = Safetensors.Read(folder["a.safetensors"]);

        Assert.Equal(tensors.Keys, read.Tensors.Keys);
        foreach ((string name, Tensor expected) in tensors)
        {
            Assert.Equal(expected.dtype, read.Tensors[name].dtype);
            Assert.Equal(expected.shape, read.Tensors[name].shape);
            Assert.True(expected.eq(read.Tensors[name]).all().ToBoolean(), name);
        }

        Assert.Equal("{\"x\": 1}\nü", read.Metadata["spec"]);
        Assert.Equal("{\"x\": 1}\nü", Safetensors.ReadMetadata(folder["a.safetensors"])["spec"]);
        Assert.Equal([folder["a.safetensors"]], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void TensorLargerThanOneChunkComesBack()
    {
        using DisposeScope scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        Tensor large = arange(5_000_001).to(ScalarType.Float32);

        Safetensors.Write(folder["a.safetensors"], new Dictionary<string, Tensor> { ["large"] = large });
        using TensorFile read = Safetensors.Read(folder["a.safetensors"]);

        Assert.True(large.eq(read.Tensors["large"]).all().ToBoolean());
    }

    [Fact]
    public void FailedWriteLeavesTheOldFileAndNoTemporary()
    {
        using DisposeScope scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        string path = folder["a.safetensors"];
        Safetensors.Write(path, new Dictionary<string, Tensor> { ["a"] = ones(3) });
        byte[] before = File.ReadAllBytes(path);
        var unsupported = new Dictionary<string, Tensor> { ["a"] = zeros(3), ["b"] = zeros(3, dtype: ScalarType.ComplexFloat32) };
        Tensor disposed = zeros(3);
        disposed.Dispose();

        var error = Assert.Throws<NotSupportedException>(() => Safetensors.Write(path, unsupported));
        Assert.ThrowsAny<Exception>(() => Safetensors.Write(path, new Dictionary<string, Tensor> { ["a"] = disposed }));

        Assert.StartsWith("Tensor b has type ComplexFloat32", error.Message);
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void EveryTruncationNamesTheFile()
    {
        using DisposeScope scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        string path = folder["a.safetensors"];
        Safetensors.Write(path, new Dictionary<string, Tensor> { ["a"] = ones(3), ["b"] = ones(2, 2) });
        byte[] whole = File.ReadAllBytes(path);

        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            var error = Assert.Throws<InvalidDataException>(() => Safetensors.Read(path));
            Assert.StartsWith(path + " is ", error.Message);
        }
    }

    [Theory]
    [InlineData("""{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}""", " is damaged: tensor a of shape (2) and type F32 does not fill its place, bytes 0 to 4.")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}""", " is damaged: tensor a")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [4611686018427387905, 4], "data_offsets": [0, 16]}}""", " is damaged: tensor a")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [1], "data_offsets": [-4, 0]}}""", " is damaged: tensor a")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [1], "data_offsets": [8, 12]}}""", " is cut short: tensor a ends at byte 12 of the values but 8 are there. Copy or download it again.")]
    [InlineData("""{"a": {"dtype": "F8_E4M3", "shape": [1], "data_offsets": [0, 1]}}""", ": tensor a has type F8_E4M3; supported types are F64, F32,")]
    [InlineData("""{"a": {"dtype": "F32", "data_offsets": [0, 4]}}""", " is damaged: tensor a needs a dtype in quotes, and a shape and data_offsets of whole numbers.")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, "b": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}""", " is damaged: tensors a and b share bytes. Write it again.")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}""", " is damaged: bytes 0 to 4 of the values, before tensor a, belong to no tensor. Write it again.")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}""", " is damaged: 4 bytes follow the last tensor. Copy or download it again.")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, "a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}""", " is damaged: it names tensor a twice.")]
    [InlineData("""{"__metadata__": {"epoch": 3}, "a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}""", ": the metadata entry epoch is 3, but the format allows only text. Write the file again with \"epoch\" as text.")]
    [InlineData("""{"__metadata__": null}""", ": __metadata__ must be an object with text values. Write the file again.")]
    [InlineData("{}\0\0\0", " is not a safetensors file: its header is padded with NUL bytes, where the format has spaces.")]
    [InlineData("""[1, 2, 3]""", " is not a safetensors file: its header cannot be read")]
    [InlineData("""{"a": """, " is not a safetensors file: its header cannot be read")]
    public void DamagedHeaderIsExplained(string header, string message)
    {
        using var folder = new TemporaryFolder();
        string path = folder["a.safetensors"];
        byte[] json = Encoding.UTF8.GetBytes(header), length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        File.WriteAllBytes(path, [.. length, .. json, .. new byte[8]]);

        var error = Assert.Throws<InvalidDataException>(() => Safetensors.Read(path));

        Assert.StartsWith(path + message, error.Message);
    }

    /// <summary>A file of this format is small; two minutes were needed before its names were looked up by hash.</summary>
    [Fact]
    public void AHundredThousandEntriesAreReadInSeconds()
    {
        using var folder = new TemporaryFolder();
        string header = "{" + string.Join(',', Enumerable.Range(0, 100_000).Select(i =>
            $"\"layer.{i}.weight\":{{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[{i},{i + 1}]}}")) + "}";
        byte[] json = Encoding.UTF8.GetBytes(header), length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        File.WriteAllBytes(folder["a.safetensors"], [.. length, .. json, .. new byte[100_000]]);

        var clock = System.Diagnostics.Stopwatch.StartNew();
        using TensorFile file = Safetensors.Read(folder["a.safetensors"]);

        Assert.Equal(100_000, file.Tensors.Count);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 30);
    }

    [Theory]
    [InlineData("small-overlap", "tensors a and b share bytes")]
    [InlineData("small-nul-padded", "padded with NUL bytes")]
    [InlineData("small-numeric-metadata", "the metadata entry epoch is 3")]
    [InlineData("small-space-padded", null)]
    public void SharedCasesGiveTheirRightValueOrCause(string name, string? cause)
    {
        string path = SharedData.Require($"cases/safetensors/{name}.safetensors");
        if (cause is not null)
        {
            Assert.Contains(cause, Assert.Throws<InvalidDataException>(() => Safetensors.Read(path)).Message);
            return;
        }

        using TensorFile file = Safetensors.Read(path);
        Assert.Equal(["a", "b"], file.Tensors.Keys);
    }

    [Fact]
    public void EveryFlippedBitIsFound()
    {
        using DisposeScope scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        string path = folder["a.safetensors"];
        Safetensors.Write(path, new Dictionary<string, Tensor> { ["a"] = ones(3) }, new Dictionary<string, string> { ["epoch"] = "7" });
        byte[] whole = File.ReadAllBytes(path);
        for (int bit = 0; bit < 8 * whole.Length; bit++)
        {
            byte[] damaged = [.. whole];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            if (IsHarmless(damaged, whole))
                continue;
            File.WriteAllBytes(path, damaged);
            Assert.StartsWith(path, Assert.Throws<InvalidDataException>(() => Safetensors.Read(path)).Message);
        }

        // Without its key there is no digest; a space between tokens of the header may be a tab or a line's end.
        static bool IsHarmless(byte[] damaged, byte[] whole)
        {
            int header = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(whole);
            return !damaged.AsSpan(0, header).SequenceEqual(whole.AsSpan(0, header))
                && (damaged.AsSpan().IndexOf("\"sha256\""u8) < 0 || Encoding.UTF8.GetString(damaged[8..header]).Trim() == Encoding.UTF8.GetString(whole[8..header]).Trim());
        }
    }
}

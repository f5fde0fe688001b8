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

        Assert.StartsWith("Tensor b is of type ComplexFloat32", error.Message);
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
    [InlineData("""{"a": {"dtype": "F32", "shape": [1], "data_offsets": [8, 12]}}""", " is cut short: tensor a ends at byte 12 of the values and 8 are there. Copy or download it again.")]
    [InlineData("""{"a": {"dtype": "F8_E4M3", "shape": [1], "data_offsets": [0, 1]}}""", ": tensor a is of type F8_E4M3; known are F64, F32,")]
    [InlineData("""{"a": {"dtype": "F32", "data_offsets": [0, 4]}}""", " is no safetensors file: its header cannot be read")]
    [InlineData("""[1, 2, 3]""", " is no safetensors file: its header cannot be read")]
    [InlineData("""{"a": """, " is no safetensors file: its header cannot be read")]
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

    [Fact]
    public void ZipFileIsNoSafetensors()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["model.pth"], [.. "PK\u0003\u0004"u8, .. new byte[] { 0, 0, 8, 8, 0, 0 }]);

        var error = Assert.Throws<InvalidDataException>(() => Safetensors.Read(folder["model.pth"]));

        Assert.EndsWith("A PyTorch .pt or .pth file must be converted first.", error.Message);
    }
}

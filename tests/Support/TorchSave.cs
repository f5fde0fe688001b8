using System.Buffers.Binary;
using System.Collections;
using System.IO.Compression;
using System.Text;
using static TorchSharp.torch;

namespace C2FVL.Tests.Support;

/// <summary>
/// Writes a file as <c>torch.save</c> does: a zip archive with a pickle of protocol 2, in which each tensor points to
/// a file of raw values. Dictionaries become Python's, tensors are rebuilt by torch._utils, the rest are plain values.
/// </summary>
internal sealed class TorchSave
{
    private readonly MemoryStream pickle = new();
    private readonly List<byte[]> storages = [];
    private readonly Dictionary<string, byte> modules = [];
    private int protocol, memoized;

    private TorchSave()
    {
    }

    /// <summary>An object of a Python class: reduced to a call with arguments, and given a state if that is not null.</summary>
    public sealed record Foreign(string Module, string Class, object?[] Arguments, object? State = null);

    /// <summary>An OrderedDict, as a state dict is, with the attribute that PyTorch hangs on it.</summary>
    public sealed record Ordered(IReadOnlyDictionary<string, object?> Items);

    /// <summary>A view of values that lie in one storage, by offset and strides.</summary>
    public sealed record View(float[] Values, long Offset, long[] Shape, long[] Strides);

    /// <param name="path">The file.</param>
    /// <param name="value">What is saved.</param>
    /// <param name="root">The archive's folder; PyTorch takes the file's name.</param>
    /// <param name="protocol">The pickle's protocol: 2 as PyTorch takes by itself, or 4.</param>
    public static void Write(string path, object? value, string root = "archive", int protocol = 2)
    {
        var writer = new TorchSave { protocol = protocol };
        writer.pickle.Write([0x80, (byte)protocol]);
        writer.Put(value);
        writer.pickle.WriteByte((byte)'.');

        using ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Create);
        Add("data.pkl", writer.pickle.ToArray());
        Add("byteorder", "little"u8.ToArray());
        foreach ((byte[] bytes, int i) in writer.storages.Select((bytes, i) => (bytes, i)))
            Add($"data/{i}", bytes);
        Add("version", "3\n"u8.ToArray());

        void Add(string name, byte[] bytes)
        {
            using Stream stream = zip.CreateEntry($"{root}/{name}", CompressionLevel.NoCompression).Open();
            stream.Write(bytes);
        }
    }

    private void Put(object? value)
    {
        switch (value)
        {
            case null:
                Op('N');
                break;
            case bool flag:
                pickle.WriteByte(flag ? (byte)0x88 : (byte)0x89);
                break;
            case int number:
                PutInteger(number);
                break;
            case long number:
                PutInteger(number);
                break;
            case double number:
                Op('G');
                Span<byte> eight = stackalloc byte[8];
                BinaryPrimitives.WriteDoubleBigEndian(eight, number);
                pickle.Write(eight);
                break;
            case string text:
                PutText(text);
                break;
            case Tensor tensor:
                PutTensor(Store(tensor), StorageName(tensor.dtype), tensor.numel(), 0, tensor.shape, Strides(tensor.shape));
                break;
            case View view:
                storages.Add([.. view.Values.SelectMany(BitConverter.GetBytes)]);
                PutTensor(storages.Count - 1, "FloatStorage", view.Values.Length, view.Offset, view.Shape, view.Strides);
                break;
            case Ordered ordered:
                PutOrdered(ordered.Items);
                Op('}', '(');
                PutText("_metadata");
                PutOrdered(new Dictionary<string, object?> { [""] = new Dictionary<string, object?> { ["version"] = 1 } });
                Op('u', 'b');
                break;
            case IDictionary dictionary:
                Op('}', '(');
                foreach (DictionaryEntry item in dictionary)
                {
                    Put(item.Key);
                    Put(item.Value);
                }

                Op('u');
                break;
            case object?[] list:
                Op(']', '(');
                Array.ForEach(list, Put);
                Op('e');
                break;
            case Foreign foreign:
                PutGlobal(foreign.Module, foreign.Class);
                PutTuple(foreign.Arguments);
                Op('R');
                if (foreign.State is not null)
                {
                    Put(foreign.State);
                    Op('b');
                }

                break;
            default:
                throw new ArgumentException($"No pickle of a {value.GetType()}.");
        }
    }

    private void PutOrdered(IReadOnlyDictionary<string, object?> items)
    {
        PutGlobal("collections", "OrderedDict");
        Op(')', 'R', '(');
        foreach ((string key, object? item) in items)
        {
            PutText(key);
            Put(item);
        }

        Op('u');
    }

    /// <summary>_rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, backward_hooks).</summary>
    private void PutTensor(int key, string storage, long count, long offset, long[] shape, long[] strides)
    {
        PutGlobal("torch._utils", "_rebuild_tensor_v2");
        Op('(', '(');
        PutText("storage");
        PutGlobal("torch", storage);
        PutText($"{key}");
        PutText("cpu");
        PutInteger(count);
        Op('t', 'Q');
        PutInteger(offset);
        PutTuple([.. shape.Cast<object>()]);
        PutTuple([.. strides.Cast<object>()]);
        Put(false);
        PutGlobal("collections", "OrderedDict");
        Op(')', 'R', 't', 'R');
    }

    private int Store(Tensor tensor)
    {
        using Tensor contiguous = tensor.detach().cpu().contiguous().reshape(-1);
        storages.Add(contiguous.bytes.ToArray());
        return storages.Count - 1;
    }

    private void PutTuple(object?[] items)
    {
        Op('(');
        Array.ForEach(items, Put);
        Op('t');
    }

    private void PutInteger(long number)
    {
        if (number is < int.MinValue or > int.MaxValue)
        {
            Span<byte> eight = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(eight, number);
            pickle.Write([0x8a, 8, .. eight]);
            return;
        }

        Span<byte> four = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(four, (int)number);
        Op('J');
        pickle.Write(four);
    }

    private void PutText(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        Op('X');
        pickle.Write(length);
        pickle.Write(bytes);
    }

    private void PutGlobal(string module, string name)
    {
        if (protocol == 4)
        {
            if (modules.TryGetValue(module, out byte place))
                pickle.Write([(byte)'h', place]);
            else
                PutMemoized(module);
            modules.TryAdd(module, (byte)(memoized - 1));
            PutMemoized(name);
            pickle.WriteByte(0x93);
            return;
        }

        // The number 99 is the letter c, which also starts a global: readers must not be misled by it.
        pickle.Write([(byte)'K', 99, (byte)'0']);
        pickle.Write(Encoding.UTF8.GetBytes($"c{module}\n{name}\n"));
    }

    private void PutMemoized(string text)
    {
        pickle.Write([0x8c, (byte)text.Length, .. Encoding.UTF8.GetBytes(text), 0x94]);
        memoized++;
    }

    private void Op(params ReadOnlySpan<char> codes)
    {
        foreach (char code in codes)
            pickle.WriteByte((byte)code);
    }

    private static long[] Strides(long[] shape)
    {
        var strides = new long[shape.Length];
        long step = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = step;
            step *= shape[i];
        }

        return strides;
    }

    private static string StorageName(ScalarType type) => type switch
    {
        ScalarType.Float32 => "FloatStorage",
        ScalarType.Float64 => "DoubleStorage",
        ScalarType.Float16 => "HalfStorage",
        ScalarType.BFloat16 => "BFloat16Storage",
        ScalarType.Int64 => "LongStorage",
        ScalarType.Int32 => "IntStorage",
        ScalarType.Int16 => "ShortStorage",
        ScalarType.Int8 => "CharStorage",
        ScalarType.Byte => "ByteStorage",
        ScalarType.Bool => "BoolStorage",
        ScalarType.ComplexFloat32 => "ComplexFloatStorage",
        _ => throw new ArgumentException($"{type} has no storage."),
    };
}

using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using C2FVL.Platform;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Training;

/// <summary>
/// Reads and writes the safetensors format: 8 bytes with the header's length, a JSON header with each tensor's type,
/// shape and place, then the raw little-endian values. Nothing in such a file is ever executed. What the library writes
/// also carries a SHA-256 of its names, text and values in its metadata; reading checks it where it is there. Written
/// by hand for these checks; TorchSharp.PyBridge has the format without them.
/// </summary>
public static class Safetensors
{
    private const string MetadataKey = "__metadata__", DigestKey = "sha256";
    private const long LargestHeader = 100_000_000;
    private const int ChunkBytes = 1 << 24;

    private static readonly Dictionary<string, ScalarType> Types = new()
    {
        ["F64"] = ScalarType.Float64,
        ["F32"] = ScalarType.Float32,
        ["F16"] = ScalarType.Float16,
        ["BF16"] = ScalarType.BFloat16,
        ["I64"] = ScalarType.Int64,
        ["I32"] = ScalarType.Int32,
        ["I16"] = ScalarType.Int16,
        ["I8"] = ScalarType.Int8,
        ["U8"] = ScalarType.Byte,
        ["BOOL"] = ScalarType.Bool,
    };

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>What a file is that is often taken for weights: how it begins, and the cure.</summary>
    private static readonly (int At, string Mark, string Kind)[] OtherKinds =
    [
        (0, "version https://git-lfs", "is a pointer of Git LFS, not the weights. Fetch them with: git lfs pull"),
        (0, "<!doctype", "is a web page, not weights. Download the file itself."),
        (0, "<html", "is a web page, not weights. Download the file itself."),
        (0, "\x1f\x8b", "is compressed with gzip. Unpack it, and name the file inside."),
        (0, "\x89HDF", "is an HDF5 file, as Keras writes. Only safetensors and PyTorch's .pt and .pth are read."),
        (0, "PK\x3\x4", "is a zip archive, such as PyTorch's. Convert it first: workbook convert FILE OUT.safetensors"),
        (0, "\x80\x02", "is a pickle, such as PyTorch's. Convert it first: workbook convert FILE OUT.safetensors"),
        (257, "ustar", "is a tar archive, PyTorch's oldest format or a folder of files. Unpack it, or save the weights "
            + "again in Python: torch.save(model.state_dict(), 'new.pth')"),
    ];

    /// <summary>
    /// Writes a file, or replaces one, in a single step (<see cref="AtomicFile"/>): whatever goes wrong leaves an
    /// existing file as it was.
    /// </summary>
    /// <param name="path">The file; its folder is made if need be.</param>
    /// <param name="tensors">By name, on any device.</param>
    /// <param name="metadata">Free text by key, or null.</param>
    /// <exception cref="NotSupportedException">A tensor is of a type that the format has no name for.</exception>
    public static void Write(
        string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var text = new Dictionary<string, string>(metadata ?? new Dictionary<string, string>());
        text.Remove(DigestKey); // of the file that this text was read from
        text[DigestKey] = DigestOf(tensors, text);
        byte[] header = HeaderOf(tensors, text);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(BitConverter.GetBytes((long)header.Length));
            stream.Write(header);
            foreach (Tensor tensor in tensors.Values)
                ForEachChunk(tensor, bytes => stream.Write(bytes));
        });
    }

    /// <summary>Reads a whole file into new tensors on the CPU.</summary>
    /// <exception cref="InvalidDataException">
    /// It is not a safetensors file, or is cut short or damaged; the message says which and where.
    /// </exception>
    public static TensorFile Read(string path)
    {
        using FileStream stream = File.OpenRead(path);
        (List<Entry> entries, IReadOnlyDictionary<string, string> metadata) = ReadHeader(stream, path);
        using IncrementalHash hash = StartDigest(metadata);
        using DisposeScope scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>();
        foreach (Entry entry in entries)
        {
            Append(hash, entry.Name, entry.Type, entry.Shape);
            tensors[entry.Name] = empty(entry.Shape, entry.Type);
            ForEachChunk(tensors[entry.Name], bytes =>
            {
                stream.ReadExactly(bytes);
                hash.AppendData(bytes);
            });
        }

        if (metadata.TryGetValue(DigestKey, out string? digest)
            && digest != Convert.ToHexStringLower(hash.GetHashAndReset()))
            throw new InvalidDataException(
                $"{path} is damaged: its content is not what its digest (metadata entry {DigestKey}) was made from. "
                + "Copy or download it again. If you changed the file on purpose, remove that entry.");
        return TensorFile.Own(tensors, metadata);
    }

    /// <summary>Reads only the free text.</summary>
    /// <exception cref="InvalidDataException">As for <see cref="Read"/>.</exception>
    public static IReadOnlyDictionary<string, string> ReadMetadata(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return ReadHeader(stream, path).Metadata;
    }

    /// <summary>Shows a tensor's values in parts, as one span cannot hold more than 2 GiB; a contiguous CPU tensor's
    /// own memory.</summary>
    internal static void ForEachChunk(Tensor tensor, Action<Span<byte>> action)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor flat = tensor.detach().cpu().contiguous().reshape(-1);
        long count = flat.numel(), step = ChunkBytes / flat.element_size();
        for (long start = 0; start < count; start += step)
            action(flat.narrow(0, start, Math.Min(step, count - start)).bytes);
    }

    /// <summary>The SHA-256 of the text, then of each tensor's name, type, shape and bytes, in hexadecimal.</summary>
    private static string DigestOf(
        IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string> text)
    {
        using IncrementalHash hash = StartDigest(text);
        foreach ((string name, Tensor tensor) in tensors)
        {
            Append(hash, name, tensor.dtype, tensor.shape);
            ForEachChunk(tensor, bytes => hash.AppendData(bytes));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static IncrementalHash StartDigest(IReadOnlyDictionary<string, string> text)
    {
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string key, string value) in text.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            if (key != DigestKey)
                Append(hash, $"{key}\0{value}");
        }

        return hash;
    }

    private static void Append(IncrementalHash hash, string name, ScalarType type, long[] shape) =>
        Append(hash, $"{name}\0{type}\0{string.Join(',', shape)}");

    private static void Append(IncrementalHash hash, string text) =>
        hash.AppendData(Encoding.UTF8.GetBytes(text + "\0\0"));

    /// <summary>
    /// The JSON, with spaces to a multiple of 8, so that the values are aligned for readers that map the file.
    /// </summary>
    private static byte[] HeaderOf(
        IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var entries = new Dictionary<string, object> { [MetadataKey] = metadata };
        long end = 0;
        foreach ((string name, Tensor tensor) in tensors)
        {
            long start = end;
            end += tensor.numel() * tensor.element_size();
            string type = Types.FirstOrDefault(known => known.Value == tensor.dtype).Key
                ?? throw new NotSupportedException(
                    $"Tensor {name} has type {tensor.dtype}, which cannot be written to safetensors; supported types "
                        + $"are {string.Join(", ", Types.Values)}.");
            entries[name] = new Place(type, tensor.shape, [start, end]);
        }

        byte[] json = JsonSerializer.SerializeToUtf8Bytes(entries, Json);
        return [.. json, .. Enumerable.Repeat((byte)' ', -json.Length & 7)];
    }

    private static (List<Entry> Entries, IReadOnlyDictionary<string, string> Metadata) ReadHeader(
        FileStream stream, string path)
    {
        var start = new byte[512];
        int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (read < sizeof(long))
            throw NotSafetensors(path, "it has fewer than 8 bytes");
        string text = Encoding.Latin1.GetString(start, 0, read).TrimStart();
        if (OtherKinds.FirstOrDefault(kind => IsAt(text, kind.At, kind.Mark)).Kind is string other)
            throw new InvalidDataException($"{path} {other}");

        long length = BinaryPrimitives.ReadInt64LittleEndian(start);
        if (length is < 2 or > LargestHeader)
            throw NotSafetensors(path, $"its header would be {unchecked((ulong)length)} bytes long");
        if (length > stream.Length - sizeof(long))
            throw new InvalidDataException(
                $"{path} is cut short (or not a safetensors file): its header should be {length} bytes but "
                    + $"{stream.Length - sizeof(long)} are there. Copy or download it again.");

        var bytes = new byte[length];
        stream.Position = sizeof(long);
        stream.ReadExactly(bytes);
        if (bytes[0] != '{')
            throw NotSafetensors(path, "its header cannot be read (it does not start with a brace)");
        if (bytes[^1] == 0)
            throw new InvalidDataException(
                $"{path} is not a safetensors file: its header is padded with NUL bytes, where the format has spaces. "
                + "Write it again with a current version of the program that made it.");

        try
        {
            using JsonDocument header = JsonDocument.Parse(bytes);
            return ParseHeader(header.RootElement, path, stream.Length - stream.Position);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or DecoderFallbackException)
        {
            string message = e.Message.Split(" LineNumber:")[0].TrimEnd('.');
            throw NotSafetensors(path, $"its header cannot be read ({message})");
        }

        static bool IsAt(string text, int at, string mark) =>
            text.Length > at && string.Compare(text, at, mark, 0, mark.Length, StringComparison.OrdinalIgnoreCase) == 0;
    }

    private static (List<Entry> Entries, IReadOnlyDictionary<string, string> Metadata) ParseHeader(
        JsonElement header, string path, long dataLength)
    {
        var entries = new Dictionary<string, Entry>();
        var metadata = new Dictionary<string, string>();
        foreach (JsonProperty property in header.EnumerateObject())
        {
            if (property.Name == MetadataKey)
                ParseMetadata(property.Value, path, metadata);
            else if (!entries.TryAdd(property.Name, ParseEntry(property, path, dataLength)))
                throw new InvalidDataException($"{path} is damaged: it names tensor {property.Name} twice.");
        }

        List<Entry> ordered = [.. entries.Values.OrderBy(e => e.Start).ThenBy(e => e.End)];
        RequireNoGaps(ordered, path, dataLength);
        return (ordered, metadata);
    }

    private static void ParseMetadata(JsonElement value, string path, Dictionary<string, string> metadata)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw new InvalidDataException(
                $"{path}: {MetadataKey} must be an object with text values. Write the file again.");
        foreach (JsonProperty text in value.EnumerateObject())
        {
            if (text.Value.ValueKind != JsonValueKind.String)
                throw new InvalidDataException(
                    $"{path}: the metadata entry {text.Name} is {text.Value.GetRawText()}, but the format allows only "
                        + $"text. Write the file again with \"{text.Name}\" as text.");
            if (!metadata.TryAdd(text.Name, text.Value.GetString()!))
                throw new InvalidDataException(
                    $"{path} is damaged: it names the metadata entry {text.Name} twice. Write it again.");
        }
    }

    private static Entry ParseEntry(JsonProperty property, string path, long dataLength)
    {
        Place place;
        try
        {
            place = property.Value.Deserialize<Place>(Json) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new InvalidDataException(
                $"{path} is damaged: tensor {property.Name} needs a dtype in quotes, and a shape and data_offsets "
                + "of whole numbers. Write it again.");
        }

        if (!Types.TryGetValue(place.Dtype, out ScalarType type))
            throw new InvalidDataException(
                $"{path}: tensor {property.Name} has type {place.Dtype}; supported types are "
                    + $"{string.Join(", ", Types.Keys)}. Convert it to one of these.");

        if (place.DataOffsets is not [>= 0 and var start, var end] || place.Shape.Any(side => side < 0)
            || place.Shape.Aggregate((BigInteger)type.ElementSize(), (n, side) => n * side) != (BigInteger)end - start)
            throw new InvalidDataException(
                $"{path} is damaged: tensor {property.Name} of shape ({string.Join(", ", place.Shape)}) and type "
                + $"{place.Dtype} does not fill its place, bytes {string.Join(" to ", place.DataOffsets)}.");

        return end <= dataLength
            ? new Entry(property.Name, type, place.Shape, start, end)
            : throw new InvalidDataException(
                $"{path} is cut short: tensor {property.Name} ends at byte {end} of the values but "
                    + $"{dataLength} are there. Copy or download it again.");
    }

    /// <summary>The format allows no overlap, no hole and nothing behind the last tensor.</summary>
    private static void RequireNoGaps(List<Entry> ordered, string path, long dataLength)
    {
        long end = 0;
        string before = "";
        foreach (Entry entry in ordered)
        {
            if (entry.Start != end)
                throw new InvalidDataException($"{path} is damaged: " + (entry.Start < end
                    ? $"tensors {before} and {entry.Name} share bytes. Write it again."
                    : $"bytes {end} to {entry.Start} of the values, before tensor {entry.Name}, belong to no tensor. "
                        + "Write it again."));
            (end, before) = (entry.End, entry.Name);
        }

        if (dataLength > end)
            throw new InvalidDataException(
                $"{path} is damaged: {dataLength - end} bytes follow the last tensor. Copy or download it again.");
    }

    private static InvalidDataException NotSafetensors(string path, string reason) =>
        new($"{path} is not a safetensors file: {reason}.");

    /// <summary>A tensor in the header's JSON.</summary>
    private sealed record Place(string Dtype, long[] Shape, long[] DataOffsets);

    /// <summary>A tensor and the place of its bytes among the values.</summary>
    private sealed record Entry(string Name, ScalarType Type, long[] Shape, long Start, long End);
}

/// <summary>Tensors by name, as a file holds them. The owner disposes it, and the tensors with it.</summary>
/// <param name="Tensors">By name, on the CPU.</param>
/// <param name="Metadata">Free text by key; empty if the file has none.</param>
public sealed record TensorFile(
    IReadOnlyDictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata) : IDisposable
{
    /// <summary>What else the file holds and a reader leaves out, such as epoch and optimizer.</summary>
    public IReadOnlyList<string> Skipped { get; init; } = [];

    public void Dispose()
    {
        foreach (Tensor tensor in Tensors.Values)
            tensor.Dispose();
    }

    /// <summary>Takes tensors out of the dispose scopes that they are in.</summary>
    internal static TensorFile Own(
        IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        foreach (Tensor tensor in tensors.Values)
            tensor.DetachFromDisposeScope();
        return new TensorFile(tensors, metadata);
    }
}

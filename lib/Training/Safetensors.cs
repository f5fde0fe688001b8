using System.Buffers.Binary;
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
        AtomicFile.Write(path, stream =>
        {
            WriteHeader(stream, tensors, text);
            foreach (Tensor tensor in tensors.Values)
                WriteValues(stream, tensor);
        });
    }

    /// <summary>Reads a whole file into new tensors on the CPU.</summary>
    /// <exception cref="InvalidDataException">
    /// It is not a safetensors file, or is cut short or damaged; the message says which and where.
    /// </exception>
    public static TensorFile Read(string path)
    {
        var tensors = new Dictionary<string, Tensor>();
        try
        {
            IReadOnlyDictionary<string, string> metadata = Read(
                path, _ => { }, (name, tensor) => tensors.Add(name, tensor.DetachFromDisposeScope()));
            return new TensorFile(tensors, metadata);
        }
        catch
        {
            foreach (Tensor tensor in tensors.Values)
                tensor.Dispose();
            throw;
        }
    }

    /// <summary>Reads only the free text.</summary>
    /// <exception cref="InvalidDataException">As for <see cref="Read(string)"/>.</exception>
    public static IReadOnlyDictionary<string, string> ReadMetadata(string path)
    {
        using FileStream stream = Open(path);
        return ReadHeader(stream, path).Metadata;
    }

    /// <summary>
    /// Reads a file tensor by tensor, so that one at a time is in memory: first shows all shapes, then each tensor in
    /// the order of its bytes. Throws after the last one where the file's digest is another.
    /// </summary>
    internal static IReadOnlyDictionary<string, string> Read(
        string path, Action<IReadOnlyDictionary<string, long[]>> onShapes, Action<string, Tensor> onTensor)
    {
        using FileStream stream = Open(path);
        (List<Entry> entries, IReadOnlyDictionary<string, string> metadata) = ReadHeader(stream, path);
        onShapes(entries.ToDictionary(e => e.Name, e => e.Shape));
        bool hasDigest = metadata.TryGetValue(DigestKey, out string? digest);
        using IncrementalHash hash = StartDigest(metadata);
        foreach (Entry entry in entries)
        {
            using DisposeScope scope = NewDisposeScope();
            stream.Position = entry.Start;
            Tensor tensor = empty(entry.Shape, entry.Type);
            AppendHeader(hash, entry.Name, entry.Type, entry.Shape);
            ForEachChunk(tensor, bytes =>
            {
                stream.ReadExactly(bytes);
                if (hasDigest)
                    hash.AppendData(bytes);
            });
            onTensor(entry.Name, tensor);
        }

        if (hasDigest && digest != Convert.ToHexStringLower(hash.GetHashAndReset()))
            throw new InvalidDataException(
                $"{path} is damaged: its content is not what its digest (metadata entry {DigestKey}) was made from. "
                + "Copy or download it again. If you changed the file on purpose, remove that entry.");

        return metadata;
    }

    /// <summary>Shows a contiguous CPU tensor's own memory in parts, as one span cannot hold more than 2 GiB.</summary>
    internal static void ForEachChunk(Tensor tensor, SpanAction action)
    {
        Tensor flat = tensor.reshape(-1);
        long count = flat.numel(), step = ChunkBytes / flat.element_size();
        for (long start = 0; start < count; start += step)
        {
            using Tensor chunk = flat.narrow(0, start, Math.Min(step, count - start));
            action(chunk.bytes);
        }
    }

    private static FileStream Open(string path) => Directory.Exists(path)
        ? throw new IOException($"{path} is a folder; name the weights file in it.")
        : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);

    /// <summary>The SHA-256 of the text, then of each tensor's name, type, shape and bytes, in hexadecimal.</summary>
    private static string DigestOf(
        IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string> text)
    {
        using IncrementalHash hash = StartDigest(text);
        foreach ((string name, Tensor tensor) in tensors)
        {
            using DisposeScope scope = NewDisposeScope();
            AppendHeader(hash, name, tensor.dtype, tensor.shape);
            ForEachChunk(tensor.detach().cpu().contiguous(), bytes => hash.AppendData(bytes));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static IncrementalHash StartDigest(IReadOnlyDictionary<string, string> text)
    {
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        IEnumerable<KeyValuePair<string, string>> covered = text.Where(t => t.Key != DigestKey);
        foreach ((string key, string value) in covered.OrderBy(t => t.Key, StringComparer.Ordinal))
            Append(hash, $"{key}\0{value}");
        return hash;
    }

    private static void AppendHeader(IncrementalHash hash, string name, ScalarType type, long[] shape) =>
        Append(hash, $"{name}\0{type}\0{string.Join(',', shape)}");

    private static void Append(IncrementalHash hash, string text) =>
        hash.AppendData(Encoding.UTF8.GetBytes(text + "\0\0"));

    private static void WriteHeader(
        Stream stream, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using var header = new MemoryStream();
        using (var json = new Utf8JsonWriter(header))
        {
            json.WriteStartObject();
            json.WriteStartObject(MetadataKey);
            foreach ((string key, string value) in metadata)
                json.WriteString(key, value);
            json.WriteEndObject();

            long offset = 0;
            foreach ((string name, Tensor tensor) in tensors)
            {
                long end = offset + tensor.numel() * tensor.element_size();
                json.WriteStartObject(name);
                json.WriteString("dtype", NameOf(name, tensor.dtype));
                WriteNumbers(json, "shape", tensor.shape);
                WriteNumbers(json, "data_offsets", [offset, end]);
                json.WriteEndObject();
                offset = end;
            }

            json.WriteEndObject();
        }

        // Spaces to a multiple of 8, so that the values are aligned for readers that map the file.
        while (header.Length % 8 != 0)
            header.WriteByte((byte)' ');

        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        header.WriteTo(stream);
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, ReadOnlySpan<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (long number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private static void WriteValues(Stream stream, Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        ForEachChunk(tensor.detach().cpu().contiguous(), bytes => stream.Write(bytes));
    }

    private static (List<Entry> Entries, IReadOnlyDictionary<string, string> Metadata) ReadHeader(
        FileStream stream, string path)
    {
        Span<byte> lengthBytes = stackalloc byte[8];
        if (stream.ReadAtLeast(lengthBytes, 8, throwOnEndOfStream: false) < 8)
            throw NotSafetensors(path, "it has fewer than 8 bytes");

        long length = BinaryPrimitives.ReadInt64LittleEndian(lengthBytes);
        if (OtherKind(stream) is string kind)
            throw new InvalidDataException($"{path} {kind}");
        if (length is < 2 or > LargestHeader)
            throw NotSafetensors(path, $"its header would be {unchecked((ulong)length)} bytes long");
        if (length > stream.Length - 8)
            throw new InvalidDataException(
                $"{path} is cut short (or not a safetensors file): its header should be {length} bytes but "
                    + $"{stream.Length - 8} are there. Copy or download it again.");

        var bytes = new byte[length];
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
            return ParseHeader(header.RootElement, path, 8 + length, stream.Length);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException
            or FormatException or DecoderFallbackException)
        {
            string message = e.Message.Split(" LineNumber:")[0].TrimEnd('.');
            throw NotSafetensors(path, $"its header cannot be read ({message})");
        }
    }

    private static (List<Entry> Entries, IReadOnlyDictionary<string, string> Metadata) ParseHeader(
        JsonElement header, string path, long dataStart, long fileLength)
    {
        var entries = new Dictionary<string, Entry>();
        var metadata = new Dictionary<string, string>();
        foreach (JsonProperty property in header.EnumerateObject())
        {
            if (property.Name == MetadataKey)
            {
                ParseMetadata(property.Value, path, metadata);
                continue;
            }

            Entry entry = ParseEntry(property, path, dataStart, fileLength);
            if (!entries.TryAdd(entry.Name, entry))
                throw new InvalidDataException($"{path} is damaged: it names tensor {entry.Name} twice.");
        }

        List<Entry> ordered = [.. entries.Values.OrderBy(e => e.Start).ThenBy(e => e.End)];
        RequireNoGaps(ordered, path, dataStart, fileLength);
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

    private static Entry ParseEntry(JsonProperty property, string path, long dataStart, long fileLength)
    {
        (string typeName, long[] shape, long[] offsets) = ReadEntry(property, path);
        if (!Types.TryGetValue(typeName, out ScalarType type))
            throw new InvalidDataException(
                $"{path}: tensor {property.Name} has type {typeName}; supported types are "
                    + $"{string.Join(", ", Types.Keys)}. Convert it to one of these.");

        if (offsets.Length != 2 || offsets[0] < 0 || offsets[1] < offsets[0]
            || !Spans(shape, type, offsets[1] - offsets[0]))
            throw new InvalidDataException(
                $"{path} is damaged: tensor {property.Name} of shape ({string.Join(", ", shape)}) and type {typeName} "
                + $"does not fill its place, bytes {string.Join(" to ", offsets)}.");

        if (offsets[1] > fileLength - dataStart)
            throw new InvalidDataException(
                $"{path} is cut short: tensor {property.Name} ends at byte {offsets[1]} of the values but "
                    + $"{fileLength - dataStart} are there. Copy or download it again.");

        return new Entry(property.Name, type, shape, dataStart + offsets[0], dataStart + offsets[1]);
    }

    private static (string Type, long[] Shape, long[] Offsets) ReadEntry(JsonProperty property, string path)
    {
        try
        {
            return (property.Value.GetProperty("dtype").GetString() ?? "", Numbers("shape"), Numbers("data_offsets"));
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new InvalidDataException(
                $"{path} is damaged: tensor {property.Name} needs a dtype in quotes, and a shape and data_offsets "
                + "of whole numbers. Write it again.");
        }

        long[] Numbers(string name) => [.. property.Value.GetProperty(name).EnumerateArray().Select(e => e.GetInt64())];
    }

    /// <summary>The format allows no overlap, no hole and nothing behind the last tensor.</summary>
    private static void RequireNoGaps(List<Entry> ordered, string path, long dataStart, long fileLength)
    {
        long end = dataStart;
        string before = "";
        foreach (Entry entry in ordered)
        {
            if (entry.Start < end)
                throw new InvalidDataException(
                    $"{path} is damaged: tensors {before} and {entry.Name} share bytes. Write it again.");

            if (entry.Start > end)
                throw new InvalidDataException(
                    $"{path} is damaged: bytes {end - dataStart} to {entry.Start - dataStart} of the values, before "
                    + $"tensor {entry.Name}, belong to no tensor. Write it again.");

            (end, before) = (entry.End, entry.Name);
        }

        if (fileLength > end)
            throw new InvalidDataException(
                $"{path} is damaged: {fileLength - end} bytes follow the last tensor. Copy or download it again.");
    }

    private static bool Spans(long[] shape, ScalarType type, long bytes)
    {
        if (shape.Any(side => side < 0))
            return false;

        UInt128 count = (UInt128)type.ElementSize();
        foreach (long side in shape)
        {
            count *= (UInt128)side;
            if (count > long.MaxValue)
                return false;
        }

        return count == (UInt128)bytes;
    }

    private static string NameOf(string tensor, ScalarType type)
    {
        foreach ((string name, ScalarType known) in Types)
        {
            if (known == type)
                return name;
        }

        throw new NotSupportedException(
            $"Tensor {tensor} has type {type}, which cannot be written to safetensors; supported types are "
                + $"{string.Join(", ", Types.Values)}.");
    }

    /// <summary>What a file is that is often taken for weights, with the cure; null for any other.</summary>
    private static string? OtherKind(FileStream stream)
    {
        var start = new byte[512];
        stream.Position = 0;
        int length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        stream.Position = sizeof(long);
        string text = Encoding.Latin1.GetString(start, 0, length);
        string head = text.TrimStart().ToLowerInvariant();
        if (text.StartsWith("version https://git-lfs", StringComparison.Ordinal))
            return "is a pointer of Git LFS, not the weights. Fetch them with: git lfs pull";
        if (head.StartsWith("<!doctype", StringComparison.Ordinal)
            || head.StartsWith("<html", StringComparison.Ordinal))
            return "is a web page, not weights. Download the file itself.";
        if (text.StartsWith("\x1f\x8b", StringComparison.Ordinal))
            return "is compressed with gzip. Unpack it, and name the file inside.";
        if (text.StartsWith("\x89HDF", StringComparison.Ordinal))
            return "is an HDF5 file, as Keras writes. Only safetensors and PyTorch's .pt and .pth are read.";
        if (text.Length > 262 && text[257..262] == "ustar")
            return "is a tar archive, PyTorch's oldest format or a folder of files. Unpack it, or save the weights "
                + "again in Python: torch.save(model.state_dict(), 'new.pth')";

        return null;
    }

    private static InvalidDataException NotSafetensors(string path, string reason) =>
        new($"{path} is not a safetensors file: {reason}.");

    internal delegate void SpanAction(Span<byte> bytes);

    private sealed record Entry(string Name, ScalarType Type, long[] Shape, long Start, long End);
}

/// <summary>What a safetensors file holds. The owner disposes it, and the tensors with it.</summary>
/// <param name="Tensors">By name, on the CPU.</param>
/// <param name="Metadata">Free text by key; empty if the file has none.</param>
public sealed record TensorFile(
    IReadOnlyDictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata) : IDisposable
{
    public void Dispose()
    {
        foreach (Tensor tensor in Tensors.Values)
            tensor.Dispose();
    }
}

using System.Collections;
using System.IO.Compression;
using System.IO.Hashing;
using C2FVL.Training;
using Razorvine.Pickle;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Workbook.Imports;

/// <summary>
/// The weights in a file of <c>torch.save</c> (.pt, .pth, .pth.tar): a zip archive with a pickle and a file of raw
/// values for each storage. Finds the state dict in it, also where it is one entry of a training checkpoint. Written by
/// hand on Razorvine.Pickle, as TorchSharp.PyBridge reads plain state dicts alone.
/// </summary>
internal sealed class PyTorchFile : IDisposable
{
    private const long LargestPickle = 100_000_000;
    private const int Depth = 3, DeepestNest = 8;

    // Under which names training code keeps the weights, most telling first.
    private static readonly string[] Nests =
        ["state_dict", "model_state_dict", "model", "module", "network", "net", "weights", "params"];

    private readonly string path;
    private readonly ZipArchive archive;
    private readonly string root;
    private readonly SortedDictionary<string, PyTorchTensor> tensors = new(StringComparer.Ordinal);
    private readonly List<string> skipped = [];

    /// <exception cref="InvalidDataException">
    /// It holds no weights that can be read; the message says why, with the cure.
    /// </exception>
    public PyTorchFile(string path)
    {
        this.path = path;
        if (!IsZip(path))
            throw new InvalidDataException(
                $"{path} is in PyTorch's old format, which only Python can read. Save it again with this line: "
                + $"python -c \"import torch; torch.save(torch.load('{Path.GetFileName(path)}', "
                + "map_location='cpu'), 'new.pth')\"");

        try
        {
            archive = ZipFile.OpenRead(path);
        }
        catch (InvalidDataException e)
        {
            throw Damaged(e.Message.TrimEnd('.'));
        }

        try
        {
            root = FindRoot();
            RequireLittleEndian();
            Take(FindState(ReadPickle(), ""));
        }
        catch (Exception e)
        {
            archive.Dispose();
            if (e is InvalidDataException && !e.Message.StartsWith(path, StringComparison.Ordinal))
                throw Damaged(e.Message.TrimEnd('.')); // the archive's list of files, which is read late
            throw;
        }
    }

    /// <summary>Lets all of the library read these files.</summary>
    public static void Register() => WeightsFile.OtherFormat = (Is, ReadAll);

    /// <summary>The weights by name.</summary>
    public IReadOnlyDictionary<string, PyTorchTensor> Tensors => tensors;

    /// <summary>What else the file holds, such as epoch and optimizer.</summary>
    public IReadOnlyList<string> Skipped => skipped;

    /// <summary>Whether a file begins as <c>torch.save</c> has them begin, in today's format or the old one.</summary>
    public static bool Is(string path)
    {
        byte[] start = Start(path);
        bool isOld = start.Length == 16 && start[0] == 0x80 && start[1] is >= 2 and <= 5
            && start[4..8].Any(b => b != 0);
        return IsZip(path) || isOld;
    }

    /// <summary>Reads one tensor, contiguous on the CPU.</summary>
    /// <exception cref="InvalidDataException">Its values are not there or not as many as they should be.</exception>
    public Tensor Read(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        PyTorchTensor tensor = tensors[name];
        PyTorchStorage storage = tensor.Storage;
        ScalarType type = storage.Type ?? throw new InvalidDataException(
            $"{path}: tensor {name} is a {storage.TypeName}, which cannot be read. Convert it to float32 in Python.");
        if (tensor.Repeats)
            throw new InvalidDataException(
                $"{path}: tensor {name} repeats its values, as expand() does. Save it whole in Python: state['{name}'] "
                    + $"= state['{name}'].contiguous()");

        string file = $"{root}data/{storage.Key}";
        ZipArchiveEntry entry = archive.GetEntry(file) ?? throw Damaged($"{file} of tensor {name} is missing");
        if (!tensor.Fits() || entry.Length != (Int128)storage.Count * type.ElementSize())
            throw Damaged($"tensor {name} of shape ({string.Join(", ", tensor.Shape)}) does not fit {file}, "
                + $"which has {entry.Length} bytes");

        try
        {
            Tensor whole = empty(storage.Count, type);
            var crc = new Crc32();
            using Stream stream = entry.Open();
            Safetensors.ForEachChunk(whole, bytes =>
            {
                stream.ReadExactly(bytes);
                crc.Append(bytes);
            });
            RequireSum(entry, crc);
            return whole.as_strided(tensor.Shape, tensor.Strides, tensor.Offset).contiguous().MoveToOuterDisposeScope();
        }
        catch (Exception e) when (e is EndOfStreamException
            || (e is InvalidDataException && !e.Message.StartsWith(path, StringComparison.Ordinal)))
        {
            throw Damaged($"{file} of tensor {name} cannot be read to its end");
        }
    }

    public void Dispose() => archive.Dispose();

    private static TensorFile ReadAll(string path)
    {
        using var file = new PyTorchFile(path);
        using DisposeScope scope = NewDisposeScope();
        return TensorFile.Own(file.Tensors.Keys.ToDictionary(name => name, file.Read), new Dictionary<string, string>())
            with { Skipped = file.Skipped };
    }

    private static bool IsZip(string path) => Start(path) is [(byte)'P', (byte)'K', 3, 4, ..];

    private static byte[] Start(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        var bytes = new byte[16];
        return bytes[..stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
    }

    /// <summary>The archive's one folder, with the slash; empty if the files lie at the top.</summary>
    private string FindRoot()
    {
        if (archive.Entries.Any(entry => entry.Name == "constants.pkl"))
            throw new InvalidDataException($"{path} is a TorchScript program, not weights. Save its weights in Python: "
                + "torch.save(torch.jit.load(file).state_dict(), 'new.pth')");

        return archive.Entries.FirstOrDefault(entry => entry.Name == "data.pkl")?.FullName[..^"data.pkl".Length]
            ?? throw new InvalidDataException(
                $"{path} is a zip archive without data.pkl, so torch.save did not write it. "
                + "If the weights are inside, unpack it and name them.");
    }

    private void RequireLittleEndian()
    {
        if (archive.GetEntry(root + "byteorder") is not ZipArchiveEntry entry)
            return; // older files have none and are little-endian
        using var reader = new StreamReader(entry.Open());
        var text = new char[16];
        if (new string(text, 0, reader.ReadBlock(text)).Trim() != "little")
            throw new InvalidDataException(
                $"{path} was written on a big-endian machine. Load and save it again on another one.");
    }

    private object? ReadPickle()
    {
        ZipArchiveEntry entry = archive.GetEntry(root + "data.pkl")!;
        if (entry.Length > LargestPickle)
            throw Damaged($"its data.pkl has {entry.Length} bytes");
        var bytes = new byte[entry.Length];
        try
        {
            using Stream stream = entry.Open();
            stream.ReadExactly(bytes);
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException)
        {
            throw Damaged($"its data.pkl cannot be read ({e.Message.TrimEnd('.')})");
        }

        var crc = new Crc32();
        crc.Append(bytes);
        RequireSum(entry, crc);
        try
        {
            return PyTorchPickle.Load(bytes);
        }
        catch (PickleException e)
        {
            throw new InvalidDataException(
                $"{path} holds objects that only Python can read ({e.Message.Trim().TrimEnd('.')}). Save only the "
                    + "weights in Python: torch.save(model.state_dict(), 'new.pth')");
        }
    }

    /// <summary>
    /// The dictionary with the weights; what lies beside it on the way goes into <see cref="Skipped"/>.
    /// </summary>
    private Hashtable FindState(object? value, string place)
    {
        if (value is PythonObject || value is not Hashtable dictionary)
            throw new InvalidDataException(
                $"{path} holds an object of the Python class {PyTorchPickle.ClassOf(value)}, not weights; "
                + "its code is not run. Save the weights in Python: torch.save(model.state_dict(), 'new.pth')");

        if (place.Count(c => c == '.') > DeepestNest)
            throw new InvalidDataException(
                $"{path} nests its dictionaries endlessly. Save only the weights in Python: "
                    + "torch.save(model.state_dict(), 'new.pth')");

        string? nest = Nests.FirstOrDefault(name => HoldsTensors(dictionary[name], Depth));
        if (nest is null && IsState(dictionary))
            return dictionary;
        nest ??= OnlyNest(dictionary);
        skipped.AddRange(dictionary.Keys.Cast<object>().Select(key => $"{key}").Where(key => key != nest)
            .Select(key => place + key).Order(StringComparer.Ordinal));
        return FindState(dictionary[nest], $"{place}{nest}.");
    }

    private string OnlyNest(Hashtable dictionary)
    {
        string[] keys = [.. dictionary.Keys.OfType<string>().Order(StringComparer.Ordinal)];
        string[] nests = [.. keys.Where(key =>
            !key.StartsWith("optim", StringComparison.OrdinalIgnoreCase) && HoldsTensors(dictionary[key], Depth))];
        if (nests.Length == 1)
            return nests[0];
        string found = keys.Length == 0 ? "nothing" : WeightsFile.Names(keys);
        throw new InvalidDataException(
            $"{path} has {(nests.Length == 0 ? "no weights" : "several sets of weights")}: it holds {found}. "
            + "Save one set of weights in Python: torch.save(model.state_dict(), 'new.pth')");
    }

    /// <summary>
    /// A checkpoint may hold a tensor too, such as a random generator's state, beside a dictionary of more.
    /// </summary>
    private static bool IsState(Hashtable dictionary)
    {
        int own = dictionary.Values.Cast<object?>().Count(value => value is PyTorchTensor || IsSpecialTensor(value));
        return own > 0 && !dictionary.Values.OfType<Hashtable>()
            .Any(nested => nested.Values.OfType<PyTorchTensor>().Count() > own);
    }

    private static bool IsSpecialTensor(object? value) =>
        value is PythonObject { Name: var name } && name.StartsWith("torch._utils._rebuild_", StringComparison.Ordinal);

    private static bool HoldsTensors(object? value, int depth) =>
        value is Hashtable dictionary and not PythonObject && dictionary.Values.Cast<object?>().Any(item =>
            item is PyTorchTensor || (depth > 0 && HoldsTensors(item, depth - 1)));

    private void Take(Hashtable state)
    {
        foreach (DictionaryEntry entry in state)
        {
            if (entry.Key is string name && entry.Value is PyTorchTensor tensor)
            {
                tensors.Add(name, tensor);
            }
            else if (entry.Value is PyTorchTensor)
            {
                throw new InvalidDataException(
                    $"{path}: a tensor in its state dict is named {entry.Key}, of the Python class "
                        + $"{PyTorchPickle.ClassOf(entry.Key)}. Names must be texts, as state_dict() gives them. Save "
                        + "the weights again in Python: torch.save(model.state_dict(), 'new.pth')");
            }
            else if (IsSpecialTensor(entry.Value))
            {
                throw new InvalidDataException(
                    $"{path}: {entry.Key} in its state dict is a sparse, quantized or other special tensor. "
                    + "Save it as a plain one in Python: state[key].to_dense(), or state[key].dequantize().");
            }
            else if (entry.Value is null or string or bool or int or long or double)
            {
                skipped.Add($"{entry.Key}");
            }
            else
            {
                throw new InvalidDataException(
                    $"{path}: {entry.Key} in its state dict is an object of the Python class "
                        + $"{PyTorchPickle.ClassOf(entry.Value)}, not a tensor; its code is not run. Save only tensors "
                        + "in Python: torch.save({k: v for k, v in state.items() if torch.is_tensor(v)}, "
                        + "'new.pth')");
            }
        }
    }

    /// <summary>.NET's zip reader leaves the archive's own checksums unread.</summary>
    private void RequireSum(ZipArchiveEntry entry, Crc32 read)
    {
        if (read.GetCurrentHashAsUInt32() != entry.Crc32)
            throw Damaged($"the bytes of {entry.FullName} are not those that its checksum was made from");
    }

    private InvalidDataException Damaged(string reason) =>
        new($"{path} is damaged: {reason}. Copy or download it again.");
}

using System.Collections;
using System.Text;
using System.Text.RegularExpressions;
using Razorvine.Pickle;
using Razorvine.Pickle.Objects;
using TorchSharp;

namespace C2FVL.Workbook.Imports;

/// <summary>
/// Reads the pickle inside a PyTorch file. It knows tensors, dictionaries, numbers and text. Every other Python class
/// becomes a <see cref="PythonObject"/>: a name, with nothing of it run.
/// </summary>
internal sealed partial class PyTorchPickle : Unpickler
{
    // The unpickler's constructors are static, so one file at a time sets its own, and puts back what was there.
    private static readonly Lock Registry = new();

    private static readonly Dictionary<string, IObjectConstructor> Known = new()
    {
        ["torch._utils._rebuild_tensor"] = new Maker(TensorFrom),
        ["torch._utils._rebuild_tensor_v2"] = new Maker(TensorFrom),
        ["torch._utils._rebuild_parameter"] = new Maker(arguments => arguments[0]),
        ["torch._utils._rebuild_parameter_with_state"] = new Maker(arguments => arguments[0]),
        ["collections.OrderedDict"] = new Maker(_ => new PythonDictionary()),
        ["collections.deque"] = new Maker(_ => new ArrayList()),
    };

    private PyTorchPickle()
    {
    }

    /// <summary>The object in a pickle: a <see cref="Hashtable"/> for a dictionary.</summary>
    /// <exception cref="PickleException">The bytes are no pickle, or hold what this reader cannot skip.</exception>
    public static object? Load(byte[] pickle)
    {
        lock (Registry)
        {
            var before = new Dictionary<string, IObjectConstructor?>();
            try
            {
                foreach ((string name, IObjectConstructor known) in Known)
                    Set(name, known);
                foreach (string name in ClassNames(Encoding.Latin1.GetString(pickle)))
                {
                    if (!objectConstructors.ContainsKey(name))
                        Set(name, new PythonClass(name));
                }

                using var reader = new PyTorchPickle();
                return reader.loads(pickle);
            }
            catch (Exception e) when (e is not (PickleException or OutOfMemoryException))
            {
                throw new PickleException(e.Message, e); // damaged bytes fail in any way: a cast, an index, a null
            }
            finally
            {
                foreach ((string name, IObjectConstructor? former) in before)
                {
                    if (former is null)
                        objectConstructors.Remove(name);
                    else
                        objectConstructors[name] = former;
                }
            }

            void Set(string name, IObjectConstructor constructor)
            {
                before.TryAdd(name, objectConstructors.TryGetValue(name, out IObjectConstructor? c) ? c : null);
                objectConstructors[name] = constructor;
            }
        }
    }

    /// <summary>What Python calls the class of a value.</summary>
    public static string ClassOf(object? value) => value switch
    {
        null => "None",
        PyTorchTensor => "torch.Tensor",
        int or long => "int",
        double => "float",
        PythonObject o => o.Name,
        PythonClass c => c.Name,
        ClassDict c => c.ClassName,
        Hashtable => "dict",
        ArrayList => "list",
        object[] => "tuple",
        string => "str",
        _ => value.GetType().Name,
    };

    /// <summary>PyTorch keeps a tensor's values outside the pickle and points to them with such a tuple.</summary>
    protected override object persistentLoad(object pid)
    {
        if (pid is not object[] { Length: >= 5 } parts || parts[0] is not "storage" || parts[2] is not string key)
            throw new PickleException("a reference to values is not of the form that PyTorch writes");
        string type = parts[1] switch
        {
            PythonClass c => c.Name,
            ClassDictConstructor c => $"{c.module}.{c.name}",
            _ => throw new PickleException("a reference to values has no type"),
        };
        return new PyTorchStorage(key, type, ToInt64(parts[4]));
    }

    private static object TensorFrom(object[] arguments) =>
        arguments is [PyTorchStorage storage, object offset, object[] shape, object[] strides, ..]
            ? new PyTorchTensor(storage, ToInt64(offset), [.. shape.Select(ToInt64)], [.. strides.Select(ToInt64)])
            : throw new PickleException("a tensor is not of the form that PyTorch writes");

    private static long ToInt64(object value) => value switch
    {
        int number => number,
        long number => number,
        _ => throw new PickleException($"a count is a {ClassOf(value)}"),
    };

    /// <summary>
    /// The classes that a pickle may ask for. Some are named by chance; nothing asks for those. From protocol 4 on a
    /// module is written out once and repeated by its place, so each module may have each name.
    /// </summary>
    private static IEnumerable<string> ClassNames(string pickle)
    {
        MatchCollection found = StackedName().Matches(pickle);
        string[] modules = [.. found.Select(match => match.Groups[1].Value).Where(text => text.Length > 0).Distinct()];
        string[] names = [.. found.Select(match => match.Groups[2].Value).Distinct()];
        return GlobalName().Matches(pickle).Select(match => $"{match.Groups[1].Value}.{match.Groups[2].Value}")
            .Concat(modules.SelectMany(module => names.Select(name => $"{module}.{name}")));
    }

    /// <summary>
    /// From protocol 4 on: a class's name before the byte 0x93, and its module before it, written out or by its place.
    /// </summary>
    [GeneratedRegex(
        @"(?:\x8c[\s\S]([A-Za-z_][A-Za-z0-9_.]*)\x94?|h[\s\S]|j[\s\S]{4})"
        + @"\x8c[\s\S]([A-Za-z_][A-Za-z0-9_.]*)\x94?\x93")]
    private static partial Regex StackedName();

    /// <summary>Up to protocol 3: a module and a class's name, each on a line of its own behind the byte c.</summary>
    [GeneratedRegex(@"(?=c([A-Za-z_][A-Za-z0-9_.]*)\n([A-Za-z_][A-Za-z0-9_.]*)\n)")]
    private static partial Regex GlobalName();

    private sealed class Maker(Func<object[], object> make) : IObjectConstructor
    {
        public object construct(object[] args) => make(args);
    }

    /// <summary>A class that this reader does not know; its objects are names alone.</summary>
    internal sealed class PythonClass(string name) : IObjectConstructor
    {
        public string Name => name;

        public object construct(object[] args) => new PythonObject(name);
    }

    /// <summary>An ordered dictionary; what a module hangs on it besides its items is left out.</summary>
    private sealed class PythonDictionary : Hashtable
    {
        public void __setstate__(object state)
        {
        }
    }
}

/// <summary>
/// An object of a Python class other than tensors and dictionaries. Nothing of it is known but its class.
/// </summary>
internal sealed class PythonObject(string name) : Hashtable
{
    public string Name => name;

    public void __setstate__(object state)
    {
    }
}

/// <summary>The values of one or more tensors, in a file of their own inside a PyTorch file.</summary>
/// <param name="Key">The file's name under data/.</param>
/// <param name="TypeName">PyTorch's class, such as torch.FloatStorage.</param>
/// <param name="Count">How many values.</param>
internal sealed record PyTorchStorage(string Key, string TypeName, long Count)
{
    /// <summary>The values' type; null where TorchSharp has none.</summary>
    public torch.ScalarType? Type => TypeName switch
    {
        "torch.DoubleStorage" => torch.ScalarType.Float64,
        "torch.FloatStorage" => torch.ScalarType.Float32,
        "torch.HalfStorage" => torch.ScalarType.Float16,
        "torch.BFloat16Storage" => torch.ScalarType.BFloat16,
        "torch.LongStorage" => torch.ScalarType.Int64,
        "torch.IntStorage" => torch.ScalarType.Int32,
        "torch.ShortStorage" => torch.ScalarType.Int16,
        "torch.CharStorage" => torch.ScalarType.Int8,
        "torch.ByteStorage" => torch.ScalarType.Byte,
        "torch.BoolStorage" => torch.ScalarType.Bool,
        _ => null,
    };
}

/// <summary>A tensor as a view of a storage, in values, not bytes.</summary>
internal sealed record PyTorchTensor(PyTorchStorage Storage, long Offset, long[] Shape, long[] Strides)
{
    /// <summary>Whether the view shows a value more than once along a dimension.</summary>
    public bool Repeats => Shape.Zip(Strides).Any(side => side is (> 1, 0));

    /// <summary>Whether the view lies within its storage and shows no value more than once.</summary>
    public bool Fits()
    {
        if (Offset < 0 || Storage.Count < 0 || Shape.Length != Strides.Length
            || Shape.Any(n => n < 0) || Strides.Any(n => n < 0))
            return false;
        if (Shape.Contains(0))
            return true;

        UInt128 count = 1, last = (UInt128)Offset;
        foreach ((long size, long stride) in Shape.Zip(Strides))
        {
            count *= (UInt128)size;
            last += (UInt128)(size - 1) * (UInt128)stride;
            if (count > (UInt128)Storage.Count || last >= (UInt128)Storage.Count)
                return false;
        }

        return last < (UInt128)Storage.Count;
    }
}

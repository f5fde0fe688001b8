using C2FVL.Models;
using C2FVL.Tests.Support;
using C2FVL.Training;
using C2FVL.Workbook.Commands;
using C2FVL.Workbook.Imports;
using TorchSharp;
using TorchSharp.PyBridge;
using static TorchSharp.torch;
using Foreign = C2FVL.Tests.Support.TorchSave.Foreign;
using Ordered = C2FVL.Tests.Support.TorchSave.Ordered;

namespace C2FVL.Tests.Workbook.Imports;

[Collection(nameof(SeededTorch))]
public sealed class PyTorchFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void EveryTypeAndShapeComesBack()
    {
        ScalarType[] types = [ScalarType.Float32, ScalarType.Float64, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Int64,
            ScalarType.Int32, ScalarType.Int16, ScalarType.Int8, ScalarType.Byte, ScalarType.Bool];
        Dictionary<string, object?> saved = types.ToDictionary(t => t.ToString(), object? (t) => arange(6).reshape(2, 3).to(t));
        saved["scalar"] = tensor(3.5f);
        saved["empty"] = zeros(0, 4);
        TorchSave.Write(folder["w.pt"], new Ordered(saved));

        using var file = new PyTorchFile(folder["w.pt"]);

        Assert.Equal(saved.Keys.Order(StringComparer.Ordinal), file.Tensors.Keys);
        foreach ((string name, object? expected) in saved)
        {
            Tensor read = file.Read(name), was = (Tensor)expected!;
            Assert.Equal((was.dtype, string.Join(',', was.shape)), (read.dtype, string.Join(',', read.shape)));
            Assert.True(read.eq(was).all().ToBoolean(), name);
        }
    }

    /// <summary>A part of a storage, and one that is stored transposed, as PyTorch saves views.</summary>
    [Fact]
    public void AViewOfAStorageKeepsItsOffsetAndStrides()
    {
        TorchSave.Write(folder["w.pt"], new Ordered(new Dictionary<string, object?>
        {
            ["part"] = new TorchSave.View([0, 1, 2, 3, 4, 5, 6], 2, [2, 2], [2, 1]),
            ["transposed"] = new TorchSave.View([0, 1, 2, 3, 4, 5], 0, [3, 2], [1, 3]),
        }));
        using var file = new PyTorchFile(folder["w.pt"]);
        Assert.Equal([2f, 3, 4, 5], file.Read("part").data<float>().ToArray());
        Assert.Equal([0f, 3, 1, 4, 2, 5], file.Read("transposed").data<float>().ToArray());
    }

    /// <summary>Protocol 4 names classes in another way, and repeats a module by its place.</summary>
    [Fact]
    public void ACheckpointOfProtocol4IsReadAndItsOtherObjectsAreSkipped()
    {
        TorchSave.Write(
            folder["w.pth"],
            new Dictionary<string, object?>
            {
                ["epoch"] = 3,
                ["best"] = new Foreign("numpy.core.multiarray", "scalar", [1]),
                ["last"] = new Foreign("numpy.core.multiarray", "_reconstruct", [1], State: new object[] { 1 }),
                ["state_dict"] = new Ordered(new Dictionary<string, object?> { ["a"] = arange(3).to(ScalarType.Float32) }),
            },
            protocol: 4);
        using var file = new PyTorchFile(folder["w.pth"]);
        Assert.Equal(["best", "epoch", "last"], file.Skipped);
        Assert.Equal([0f, 1, 2], file.Read("a").data<float>().ToArray());
    }

    [Fact]
    public void ATensorBesideADictionaryOfMoreIsNoStateDict()
    {
        TorchSave.Write(folder["w.pth"], new Dictionary<string, object?>
        {
            ["rng_state"] = zeros(4),
            ["my_weights"] = new Ordered(new Dictionary<string, object?> { ["a"] = ones(1), ["b"] = ones(1) }),
        });
        using var file = new PyTorchFile(folder["w.pth"]);
        Assert.Equal(["a", "b"], file.Tensors.Keys);
        Assert.Equal(["rng_state"], file.Skipped);
    }

    [Fact]
    public void OddStateDictsSayWhatTheyHold()
    {
        Assert.StartsWith("a tensor in its state dict is named 0, of the Python class int.", Refused(new Dictionary<object, object?> { [0] = ones(1) }));
        Assert.StartsWith("a in its state dict is a sparse, quantized or other special tensor.", Refused(new Dictionary<string, object?>
        {
            ["a"] = new Foreign("torch._utils", "_rebuild_sparse_tensor", []),
            ["b"] = ones(1),
        }));
        Assert.StartsWith("holds an object of the Python class torch.Tensor, not weights", Refused(ones(1)));
        Assert.StartsWith("holds an object of the Python class list, not weights", Refused(new object?[] { ones(1) }));

        string Refused(object? saved)
        {
            File.Delete(folder["w.pth"]);
            TorchSave.Write(folder["w.pth"], saved);
            string message = Assert.Throws<InvalidDataException>(() => new PyTorchFile(folder["w.pth"])).Message;
            Assert.StartsWith(folder["w.pth"], message);
            return message[folder["w.pth"].Length..].TrimStart(':', ' ');
        }
    }

    /// <summary>A flipped bit in a weight or in the pickle: .NET's zip reader does not compare checksums.</summary>
    [Theory]
    [InlineData("data/0")]
    [InlineData("data.pkl")]
    public void AFlippedBitIsAnError(string entry)
    {
        string path = folder["w.pt"];
        TorchSave.Write(path, new Ordered(new Dictionary<string, object?> { ["weights"] = full(3, 1.5f) }));
        byte[] bytes = File.ReadAllBytes(path), wanted = entry == "data.pkl" ? "weights"u8.ToArray() : BitConverter.GetBytes(1.5f);
        int at = bytes.AsSpan().IndexOf(wanted);
        bytes[at + 2] ^= 1;
        File.WriteAllBytes(path, bytes);

        string message = Assert.Throws<InvalidDataException>(() => ConvertCommand.Convert(path, folder["out.safetensors"])).Message;

        Assert.Equal($"{path} is damaged: the bytes of archive/{entry} are not those that its checksum was made from. Copy or download it again.", message);
    }

    [Fact]
    public void AnExpandedTensorIsNamedWithTheLineThatMakesItWhole()
    {
        TorchSave.Write(folder["w.pt"], new Ordered(new Dictionary<string, object?> { ["a"] = new TorchSave.View([7], 0, [1L << 40], [0]) }));
        using var file = new PyTorchFile(folder["w.pt"]);
        string message = Assert.Throws<InvalidDataException>(() => file.Read("a")).Message;
        Assert.EndsWith("as expand() does. Save it whole in Python: state['a'] = state['a'].contiguous()", message);
    }

    /// <summary>A second writer, which this project did not make.</summary>
    [Fact]
    public void WhatPyBridgeWritesIsRead()
    {
        using C2FVLModel first = Tiny(1), second = Tiny(2);
        PyTorchPickler.PickleStateDict(folder["w.pth"], first.state_dict());
        Weights.Load(second, folder["w.pth"]);
        AssertEqual(first, second);
        Assert.Equal(first.state_dict().Count, PyTorchUnpickler.UnpickleStateDict(folder["w.pth"]).Count); // its constructors are as they were
    }

    /// <summary>The authors' training loop saves epoch, state_dict, val_loss and optimizer; numpy's scalars are classes of their own.</summary>
    [Fact]
    public void ATrainingCheckpointGivesItsWeightsAndNamesTheRest()
    {
        using C2FVLModel first = Tiny(1), second = Tiny(2);
        TorchSave.Write(folder["best_model-C2FVL.pth.tar"], AuthorsForm(first));

        WeightsReport report = Weights.Load(second, folder["best_model-C2FVL.pth.tar"]);

        AssertEqual(first, second);
        Assert.Equal(["best_model", "epoch", "model", "optimizer", "val_dice", "val_loss"], report.Beside);
        Assert.Equal("note: skipped because they are not weights (6): best_model, epoch, model, optimizer, val_dice, val_loss", report.Note);
    }

    [Theory]
    [InlineData("module.")]
    [InlineData("_orig_mod.module.")]
    [InlineData("module._orig_mod.")]
    [InlineData("model.module.")]
    [InlineData("state_dict.model.")]
    public void WrappersPrefixesAreDroppedAndNamed(string prefix)
    {
        using C2FVLModel first = Tiny(1), second = Tiny(2);
        TorchSave.Write(folder["w.pt"], new Ordered(first.state_dict().ToDictionary(s => prefix + s.Key, object? (s) => s.Value)));

        WeightsReport report = Weights.Load(second, folder["w.pt"]);

        AssertEqual(first, second);
        Assert.Equal([prefix], report.Prefixes);
        Assert.Equal($"note: prefixes dropped from the names (1): {prefix}", report.Note);
    }

    [Fact]
    public void ForeignObjectsInTheStateDictAreRefused()
    {
        var state = new Dictionary<string, object?> { ["a"] = ones(2), ["evil"] = new Foreign("os", "system", ["touch /tmp/never"]) };
        TorchSave.Write(folder["w.pt"], new Dictionary<string, object?> { ["state_dict"] = new Ordered(state) });
        Assert.Equal(
            $"{folder["w.pt"]}: evil in its state dict is an object of the Python class os.system, not a tensor; its code is not run. "
            + "Save only tensors in Python: torch.save({k: v for k, v in state.items() if torch.is_tensor(v)}, 'new.pth')",
            Refused("w.pt"));
    }

    [Fact]
    public void AWholeModuleIsRefusedWithTheCure()
    {
        TorchSave.Write(folder["w.pt"], new Foreign("nets.C2FVL", "C2FVL", [], new Dictionary<string, object?> { ["training"] = true }));
        Assert.Equal(
            $"{folder["w.pt"]} holds an object of the Python class nets.C2FVL.C2FVL, not weights; its code is not run. "
            + "Save the weights in Python: torch.save(model.state_dict(), 'new.pth')",
            Refused("w.pt"));
    }

    [Fact]
    public void TheOldFormatIsRefusedWithTheLineThatSavesItAnew()
    {
        File.WriteAllBytes(folder["old.pth"], [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e, 0x80, 2, 0x4d]);
        Assert.Equal(
            $"{folder["old.pth"]} is in PyTorch's old format, which only Python can read. Save it again with this line: "
            + "python -c \"import torch; torch.save(torch.load('old.pth', map_location='cpu'), 'new.pth')\"",
            Refused("old.pth"));
    }

    [Fact]
    public void FilesWithoutWeightsOrWithSeveralSayWhatTheyHold()
    {
        TorchSave.Write(folder["none.pt"], new Dictionary<string, object?> { ["epoch"] = 3, ["note"] = "x" });
        Assert.StartsWith($"{folder["none.pt"]} has no weights: it holds epoch, note. ", Refused("none.pt"));
        TorchSave.Write(folder["two.pt"], new Dictionary<string, object?>
        {
            ["generator"] = new Ordered(new Dictionary<string, object?> { ["a"] = ones(1) }),
            ["critic"] = new Ordered(new Dictionary<string, object?> { ["a"] = ones(1) }),
        });
        Assert.StartsWith($"{folder["two.pt"]} has several sets of weights: it holds critic, generator. ", Refused("two.pt"));
    }

    [Fact]
    public void ViewsBeyondTheirStorageAreDamage()
    {
        (long, long[], long[])[] views = [(0, [5], [1]), (3, [2], [1]), (-1, [1], [1]), (0, [2, 2], [1L << 62, 1]), (0, [2], [-1])];
        foreach ((long offset, long[] shape, long[] strides) in views)
        {
            File.Delete(folder["w.pt"]);
            TorchSave.Write(folder["w.pt"], new Ordered(new Dictionary<string, object?> { ["a"] = new TorchSave.View([1, 2, 3, 4], offset, shape, strides) }));
            using var file = new PyTorchFile(folder["w.pt"]);
            var error = Assert.Throws<InvalidDataException>(() => file.Read("a"));
            Assert.StartsWith($"{folder["w.pt"]} is damaged: tensor a of shape ({string.Join(", ", shape)}) does not fit archive/data/0", error.Message);
        }
    }

    [Fact]
    public void EveryTruncationAndManyFlippedBytesGiveNamedErrors()
    {
        TorchSave.Write(folder["w.pt"], new Dictionary<string, object?> { ["epoch"] = 1, ["state_dict"] = new Ordered(new Dictionary<string, object?> { ["a"] = ones(3) }) });
        byte[] whole = File.ReadAllBytes(folder["w.pt"]);
        var random = new Random(1);
        for (int i = 0; i < 400; i++)
        {
            byte[] damaged = i % 2 == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            if (i % 2 == 1)
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(folder["w.pt"], damaged);
            try
            {
                ConvertCommand.Convert(folder["w.pt"], folder["w.safetensors"]);
            }
            catch (InvalidDataException e)
            {
                Assert.StartsWith(folder["w.pt"], e.Message);
            }
        }
    }

    [Fact]
    public void ConvertedWeightsAreTheSameBits()
    {
        using C2FVLModel first = Tiny(1), second = Tiny(2), third = Tiny(3);
        TorchSave.Write(folder["w.pth.tar"], AuthorsForm(first));
        (IReadOnlyList<string> tensors, IReadOnlyList<string> skipped) = ConvertCommand.Convert(folder["w.pth.tar"], folder["w.safetensors"]);
        Assert.Equal((first.state_dict().Count, 6), (tensors.Count, skipped.Count));
        Weights.Load(second, folder["w.pth.tar"]);
        Weights.Load(third, folder["w.safetensors"]);
        AssertEqual(first, second);
        AssertEqual(second, third);
    }

    [Fact]
    public void WeightsRoundedToHalfTakeHalfTheBytesAndLoad()
    {
        using C2FVLModel first = Tiny(1), second = Tiny(2);
        using (no_grad())
            first.state_dict().First(s => s.Key.EndsWith("running_var", StringComparison.Ordinal)).Value[0] = 1e6f; // above 16 bits
        Weights.Save(first, folder["w.safetensors"]);
        ConvertCommand.Convert(folder["w.safetensors"], folder["half.safetensors"], half: true);
        long whole = new FileInfo(folder["w.safetensors"]).Length, half = new FileInfo(folder["half.safetensors"]).Length;
        Assert.InRange(half, 0.4 * whole, 0.7 * whole);
        Assert.Equal("C2FVL", Weights.Load(second, folder["half.safetensors"]).Metadata["model"]);
        foreach ((string name, Tensor weight) in first.state_dict())
            Assert.True(second.state_dict()[name].allclose(weight, rtol: 1e-3, atol: 1e-6), name);
    }

    /// <summary>As the released training code saves it.</summary>
    internal static Dictionary<string, object?> AuthorsForm(SegmentationModel model) => new()
    {
        ["epoch"] = 41,
        ["best_model"] = true,
        ["model"] = "C2FVL",
        ["state_dict"] = new Ordered(model.state_dict().ToDictionary(s => s.Key, object? (s) => s.Value)),
        ["val_loss"] = 0.31,
        ["val_dice"] = new Foreign("numpy.core.multiarray", "scalar", [new Foreign("numpy", "dtype", ["f8", false, true], new object?[] { 3, "<" }), "x"]),
        ["optimizer"] = new Dictionary<string, object?>
        {
            ["state"] = new Dictionary<int, object?> { [0] = new Dictionary<string, object?> { ["step"] = 12, ["exp_avg"] = ones(3) } },
            ["param_groups"] = new object?[] { new Dictionary<string, object?> { ["lr"] = 1e-3, ["params"] = new object?[] { 0 } } },
        },
    };

    private string Refused(string name)
    {
        using C2FVLModel model = Tiny(1);
        return Assert.Throws<InvalidDataException>(() => Weights.Load(model, folder[name])).Message;
    }

    private static C2FVLModel Tiny(int seed)
    {
        manual_seed(seed);
        return new C2FVLModel(C2FVLSettings.Tiny);
    }

    private static void AssertEqual(C2FVLModel expected, C2FVLModel actual)
    {
        Dictionary<string, Tensor> other = actual.state_dict();
        Assert.All(expected.state_dict(), s => Assert.True(s.Value.eq(other[s.Key]).all().ToBoolean(), s.Key));
    }
}

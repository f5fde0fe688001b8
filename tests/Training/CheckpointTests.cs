using C2FVL.Models;
using C2FVL.Tests.Support;
using C2FVL.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace C2FVL.Tests.Training;

[Collection(nameof(SeededTorch))]
public sealed class CheckpointTests : IDisposable
{
    private const string Cure = " Delete this file to train the run from its start.";

    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly C2FVLModel model;
    private readonly string path;

    public CheckpointTests()
    {
        manual_seed(1);
        model = new C2FVLModel(C2FVLSettings.Tiny);
        path = folder["last.safetensors"];
        using OptimizerHelper optimizer = NewOptimizer();
        Checkpoint.Save(path, "C2FVL", model, optimizer, new TrainingState { Epoch = 2, Batch = 1 });
    }

    public void Dispose()
    {
        scope.Dispose();
        model.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void ItComesBack()
    {
        using OptimizerHelper optimizer = NewOptimizer();
        TrainingState state = Checkpoint.Load(path, "C2FVL", model, optimizer);
        Assert.Equal((2, 1), (state.Epoch, state.Batch));
    }

    [Fact]
    public void AnyDamageNamesTheFileAndTheCure()
    {
        byte[] whole = File.ReadAllBytes(path);
        var random = new Random(1);
        for (int i = 0; i < 30; i++)
        {
            byte[] damaged = i % 3 == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            if (i % 3 > 0)
                damaged[i % 3 == 1 ? random.Next(damaged.Length) : random.Next(2000)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, damaged);
            string message = Refused();
            Assert.StartsWith(path, message);
            Assert.EndsWith(Cure, message);
        }
    }

    /// <summary>Files of older versions carry no digest: what is wrong in them is found where it is read.</summary>
    [Fact]
    public void WhatALackingEntryMeansIsSaid()
    {
        Rewrite(text => text.Remove("state"));
        Assert.Equal($"{path} is damaged: its metadata has no entry state.{Cure}", Refused());
        Rewrite(text => text["state"] = "{\"Epoch\": -1}");
        Assert.Equal($"{path} is damaged: its training state cannot be read (a count is negative or a list is missing).{Cure}", Refused());
        Rewrite(text => text["state"] = "{");
        Assert.StartsWith($"{path} is damaged: its training state cannot be read (", Refused());
        Rewrite(text => text["format"] = "c2fvl-checkpoint-1");
        Assert.Equal($"{path} was written by another version of this workbook.{Cure}", Refused());
        Rewrite(text => text.Remove("format"));
        Assert.Equal($"{path} is not a checkpoint of this workbook.{Cure}", Refused());
        Rewrite(text => text["model"] = "UNet");
        Assert.Equal($"{path} is a checkpoint of UNet, not of C2FVL. Give this run a folder of its own.", Refused());
        Rewrite(text => text["C2FVL_PLAIN"] = "1");
        Assert.Equal($"{path} was written with the environment variable C2FVL_PLAIN=1. Set it so again to resume the run. Or delete this file to train the run from its start.", Refused());
        Rewrite(text => text.Remove("C2FVL_PLAIN"), tensors => tensors.Remove("optimizer"));
        Assert.Equal($"{path} is damaged: it has no state of the optimizer.{Cure}", Refused());
        Rewrite(_ => { }, tensors => tensors["optimizer"] = tensor(new byte[] { 1, 2, 3 }, dtype: uint8));
        Assert.StartsWith($"{path} is damaged: its state of the optimizer cannot be read (", Refused());
        Rewrite(_ => { }, tensors => tensors["model.outc.bias"] = full(tensors["model.outc.bias"].shape, float.NaN));
        Assert.StartsWith($"{path} has NaN or infinite values in 1 entry: model.outc.bias. ", Refused());
        Rewrite(_ => { }, tensors => tensors["model.outc.bias"] = ones(7));
        Assert.StartsWith($"{path} is a checkpoint of a C2FVL with other settings: its model.outc.bias does not fit.", Refused());
    }

    /// <summary>Writes the first checkpoint with other content.</summary>
    private void Rewrite(Action<Dictionary<string, string>> changeText, Action<Dictionary<string, Tensor>>? change = null)
    {
        string original = folder["original.safetensors"];
        if (!File.Exists(original))
            File.Copy(path, original);
        using TensorFile file = Safetensors.Read(original);
        var text = new Dictionary<string, string>(file.Metadata);
        var tensors = new Dictionary<string, Tensor>(file.Tensors);
        changeText(text);
        change?.Invoke(tensors);
        Safetensors.Write(path, tensors, text);
    }

    private string Refused()
    {
        using OptimizerHelper optimizer = NewOptimizer();
        return Assert.Throws<InvalidDataException>(() => Checkpoint.Load(path, "C2FVL", model, optimizer)).Message;
    }

    private OptimizerHelper NewOptimizer() => optim.Adam(model.parameters(), 0.001);
}

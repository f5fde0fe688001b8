using C2FVL.Models;
using C2FVL.Tests.Support;
using C2FVL.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Training;

[Collection(nameof(SeededTorch))]
public sealed class WeightsTests
{
    [Fact]
    public void SavedWeightsComeBackBitForBit()
    {
        using DisposeScope scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using C2FVLModel first = Tiny(1), second = Tiny(2);
        first.call(rand(2, 3, 64, 64), ones(2, 8)); // moves the running statistics and the count of batches

        Weights.Save(first, folder["w.safetensors"], new Dictionary<string, string> { ["epoch"] = "7" });
        WeightsReport report = Weights.Load(second, folder["w.safetensors"]);

        AssertEqual(first, second);
        Assert.Equal(1, second.state_dict()["inc.norm.num_batches_tracked"].item<long>());
        Assert.Equal(first.state_dict().Keys, report.Loaded);
        Assert.Empty(report.Skipped);
        Assert.Equal(("7", "C2FVL"), (report.Metadata["epoch"], report.Metadata["model"]));
    }

    /// <summary>Its attention masks are buffers too; weights that are not finite would be refused.</summary>
    [Fact]
    public void TheAttentionMasksOfSwinUNetAreFiniteAndComeBack()
    {
        using DisposeScope scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using SegmentationModel first = SwinUNetSettings.Tiny.Create(), second = SwinUNetSettings.Tiny.Create();
        Assert.Contains(first.state_dict(), entry => entry.Key.EndsWith("attn.mask") && entry.Value.min().ToDouble() < -1e6);
        Assert.All(first.state_dict().Values, tensor => Assert.True(tensor.isfinite().all().ToBoolean()));

        Weights.Save(first, folder["w.safetensors"]);
        Weights.Load(second, folder["w.safetensors"]);

        Assert.All(first.state_dict(), entry => Assert.True(entry.Value.eq(second.state_dict()[entry.Key]).all().ToBoolean()));
    }

    /// <summary>Older versions wrote minus infinity there.</summary>
    [Fact]
    public void TheInfiniteMasksOfOlderSwinUNetsLoad()
    {
        using DisposeScope scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using SegmentationModel first = SwinUNetSettings.Tiny.Create(), second = SwinUNetSettings.Tiny.Create();
        Dictionary<string, Tensor> older = first.state_dict().ToDictionary(
            entry => entry.Key,
            entry => entry.Key.EndsWith("attn.mask") ? entry.Value.masked_fill(entry.Value < 0, float.NegativeInfinity) : entry.Value);
        Assert.Contains(older.Values, tensor => !tensor.isfinite().all().ToBoolean());

        Safetensors.Write(folder["w.safetensors"], older);
        Weights.Load(second, folder["w.safetensors"]);

        Assert.All(older, entry => Assert.True(entry.Value.eq(second.state_dict()[entry.Key]).all().ToBoolean()));
    }

    [Fact]
    public void ParallelPrefixAndAbsentBatchCountsAreUnderstood()
    {
        using DisposeScope scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using C2FVLModel first = Tiny(1), second = Tiny(2);
        Safetensors.Write(folder["w.safetensors"], first.state_dict().Where(s => !s.Key.EndsWith("num_batches_tracked")).ToDictionary(s => "module." + s.Key, s => s.Value));

        WeightsReport report = Weights.Load(second, folder["w.safetensors"]);

        AssertEqual(first, second);
        Assert.Contains("inc.conv.weight", report.Loaded);
    }

    /// <summary>All 582 entries that the released code saves, and its counts of batches; the dead ones as single numbers.</summary>
    [Fact]
    public void ReleasedCheckpointLoadsAndItsDeadEntriesAreNamed()
    {
        using DisposeScope scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var fixture = new ParityFixture("c2fvl-eval");
        using C2FVLModel first = Tiny(1), second = Tiny(2);
        Dictionary<string, Tensor> live = first.state_dict();
        string[] names = [.. fixture.State.Select(s => s.Name), .. fixture.State.Where(s => s.Name.EndsWith("running_var")).Select(s => s.Name.Replace("running_var", "num_batches_tracked"))];
        Safetensors.Write(folder["w.safetensors"], names.ToDictionary(n => "module." + n, n => live.TryGetValue(n, out Tensor? t) ? t : ones(1)));

        WeightsReport report = Weights.Load(second, folder["w.safetensors"]);

        AssertEqual(first, second);
        Assert.Equal(live.Keys.Order(), report.Loaded.Order());
        Assert.Equal(names.Except(live.Keys).Order(), report.Skipped.Order());
        Assert.Superset(fixture.State.Where(s => s.IsLive == false).Select(s => s.Name).ToHashSet(), report.Skipped.ToHashSet());
    }

    [Fact]
    public void MissingExtraAndReshapedEntriesAreListedAndNothingIsLoaded()
    {
        using DisposeScope scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using C2FVLModel first = Tiny(1), second = Tiny(2), untouched = Tiny(2);
        var state = new Dictionary<string, Tensor>(first.state_dict()) { ["outc.weight"] = ones(1, 9, 1, 1), ["outc5.bias"] = ones(1) };
        state.Remove("outc2.weight");
        string path = folder["w.safetensors"];
        Safetensors.Write(path, state);

        var error = Assert.Throws<InvalidDataException>(() => Weights.Load(second, path));

        Assert.Equal(
            $"{path} does not fit this C2FVL; build the model with the settings that the checkpoint was trained with (--scale on the command line).\n"
            + "Missing (1): outc2.weight\nExtra (1): outc5.bias\nOf a different shape (1): outc.weight (1, 9, 1, 1), the model has (1, 8, 1, 1)",
            error.Message);
        AssertEqual(untouched, second);
    }

    [Fact]
    public void CheckpointOfAnotherModelIsCalledThat()
    {
        using DisposeScope scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using C2FVLModel model = Tiny(1);
        Safetensors.Write(folder["w.safetensors"], Enumerable.Range(0, 20).ToDictionary(i => $"encoder.{i}.weight", _ => ones(1)));

        var error = Assert.Throws<InvalidDataException>(() => Weights.Load(model, folder["w.safetensors"]));

        Assert.StartsWith($"{folder["w.safetensors"]} is a checkpoint of another model, not of C2FVL.\nMissing (", error.Message);
        Assert.Contains("Extra (20): encoder.0.weight, encoder.1.weight,", error.Message);
        Assert.EndsWith(", encoder.8.weight, encoder.9.weight and 10 more", error.Message);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void WeightsThatAreNoNumbersAreRefusedAndTheModelStaysAsItWas(float value)
    {
        using DisposeScope scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using C2FVLModel first = Tiny(1), second = Tiny(2), untouched = Tiny(2);
        using (no_grad())
            first.state_dict()["outc.bias"].fill_(value);
        Weights.Save(first, folder["w.safetensors"]);

        var error = Assert.Throws<InvalidDataException>(() => Weights.Load(second, folder["w.safetensors"]));

        Assert.Equal(
            $"{folder["w.safetensors"]} has NaN or infinite values in 1 entry: outc.bias. "
            + "Its training diverged; train again with a lower learning rate, or use an earlier checkpoint.",
            error.Message);
        AssertEqual(untouched, second);
    }

    [Fact]
    public void AFolderAnAbsentFileAndAFileWithoutTensorsAreNamed()
    {
        using var folder = new TemporaryFolder();
        using C2FVLModel model = Tiny(1);
        Safetensors.Write(folder["none.safetensors"], new Dictionary<string, Tensor>());
        Assert.Equal(
            $"{folder.Path} is a folder; name the weights file in it.",
            Assert.Throws<IOException>(() => Weights.Load(model, folder.Path)).Message);
        Assert.Equal(
            $"{folder["absent.pth"]} does not exist. Weights are a run's best.safetensors, or a .pt or .pth file of PyTorch.",
            Assert.Throws<FileNotFoundException>(() => Weights.Load(model, folder["absent.pth"])).Message);
        Assert.Equal(
            $"{folder["none.safetensors"]} contains no tensors.",
            Assert.Throws<InvalidDataException>(() => Weights.Load(model, folder["none.safetensors"])).Message);
    }

    private static C2FVLModel Tiny(int seed)
    {
        manual_seed(seed);
        return new C2FVLModel(C2FVLSettings.Tiny);
    }

    private static void AssertEqual(C2FVLModel expected, C2FVLModel actual)
    {
        Dictionary<string, Tensor> other = actual.state_dict();
        Assert.All(expected.state_dict().Where(s => !s.Key.EndsWith("num_batches_tracked")), s => Assert.True(s.Value.eq(other[s.Key]).all().ToBoolean(), s.Key));
    }
}

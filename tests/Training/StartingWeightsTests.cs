using C2FVL.Models;
using C2FVL.Tests.Support;
using C2FVL.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Training;

[Collection(nameof(SeededTorch))]
public sealed class StartingWeightsTests : IDisposable
{
    private static readonly UNetSettings Settings = UNetSettings.Tiny with { ImageSize = 32 };
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void WeightsOfTheSameNetworkAreTakenWhole()
    {
        using SegmentationModel own = Network(Settings, 1), other = Network(Settings, 2);
        Weights.Save(other, folder["w.safetensors"]);
        StartingWeights start = StartingWeights.Take(own, folder["w.safetensors"]);
        Assert.All(own.state_dict(), entry => Assert.True(Bits.AreEqual(entry.Value, other.state_dict()[entry.Key])));
        Assert.Empty(start.AtRandom);
        Assert.Empty(start.NotUsed);
        int all = own.state_dict().Count(entry => !entry.Key.EndsWith("num_batches_tracked"));
        Assert.Equal(
            $"starts from {folder["w.safetensors"]}: {all} of the network's {all} entries are loaded.", start.ToText());
    }

    [Fact]
    public void WhatHasAnotherShapeOrNameIsLeftAndSaid()
    {
        using SegmentationModel own = Network(Settings, 1), other = Network(Settings, 2);
        Dictionary<string, Tensor> state = other.state_dict();
        string[] names = [.. state.Keys.Where(name => name.EndsWith("weight") && state[name].dim() == 4)];
        string reshaped = names[0], lacking = names[1];
        using Tensor wide = zeros([1, .. state[reshaped].shape[1..]]);
        var saved = new Dictionary<string, Tensor>(state) { [reshaped] = wide, ["head.extra"] = wide };
        saved.Remove(lacking);
        Safetensors.Write(folder["w.safetensors"], saved, new Dictionary<string, string>());
        using Tensor before = own.state_dict()[reshaped].clone(), alone = own.state_dict()[lacking].clone();

        StartingWeights start = StartingWeights.Take(own, folder["w.safetensors"]);
        Assert.True(Bits.AreEqual(before, own.state_dict()[reshaped]));
        Assert.True(Bits.AreEqual(alone, own.state_dict()[lacking]));
        Assert.True(Bits.AreEqual(state[names[2]], own.state_dict()[names[2]]));
        Assert.Equal(["head.extra"], start.NotUsed);
        string text = start.ToText();
        Assert.Contains($"not loaded, because of their shape (1): {reshaped} (1, ", text);
        Assert.Contains("not loaded, because this network lacks them (1): head.extra", text);
        Assert.Contains($"random, because the file lacks them (1): {lacking}", text);
    }

    [Fact]
    public void AnEntryThatIsThereWithAndWithoutAPrefixIsRefused()
    {
        using SegmentationModel own = Network(Settings, 1), other = Network(Settings, 2);
        Dictionary<string, Tensor> state = other.state_dict();
        Safetensors.Write(
            folder["w.safetensors"],
            state.Concat(state.Select(e => KeyValuePair.Create("module." + e.Key, e.Value))).ToDictionary(),
            new Dictionary<string, string>());
        string twice = $"{folder["w.safetensors"]} contains {state.Keys.First()} twice, with and without the prefix module.";
        Assert.StartsWith(twice, Assert.Throws<InvalidDataException>(() => StartingWeights.Take(own, folder["w.safetensors"])).Message);
        Assert.StartsWith(twice, Assert.Throws<InvalidDataException>(() => Weights.Load(own, folder["w.safetensors"])).Message);
    }

    [Fact]
    public void AnEncoderOfPyTorchFitsUnderThePrefixOfTheNetworkThatHoldsIt()
    {
        using SegmentationModel own = Network(GLoRIASettings.Tiny, 1), other = Network(GLoRIASettings.Tiny, 2);
        const string inside = "encoder.";
        KeyValuePair<string, Tensor>[] encoder = [.. other.state_dict().Where(entry => entry.Key.StartsWith(inside))];
        Assert.True(encoder.Length > 100);
        using Tensor classes = zeros(1000, 64);
        var saved = new Dictionary<string, object?> { ["module.fc.weight"] = classes };
        foreach ((string name, Tensor value) in encoder)
            saved["module." + name[inside.Length..]] = value;
        TorchSave.Write(folder["resnet.pth"], new TorchSave.Ordered(saved));

        StartingWeights start = StartingWeights.Take(own, folder["resnet.pth"]);
        Assert.Equal(("module.", inside), start.Prefixes);
        Assert.Equal(encoder.Select(entry => entry.Key), start.Taken);
        Assert.Equal(["module.fc.weight"], start.NotUsed);
        Assert.All(encoder, entry => Assert.True(Bits.AreEqual(entry.Value, own.state_dict()[entry.Key])));
        Assert.Contains("module. dropped from and encoder. put before the file's names", start.ToText());
    }

    [Fact]
    public void WeightsThatFitNowhereAndNaNAreRefused()
    {
        using SegmentationModel own = Network(Settings, 1);
        using Tensor some = zeros(3, 3);
        var saved = new Dictionary<string, Tensor> { ["a.weight"] = some, ["b.bias"] = some };
        Safetensors.Write(folder["w.safetensors"], saved, new Dictionary<string, string>());
        string said = Assert.Throws<InvalidDataException>(() =>
            StartingWeights.Take(own, folder["w.safetensors"])).Message;
        Assert.Contains($"{folder["w.safetensors"]} does not fit ", said);
        Assert.Contains("of its 2 entries 0 have a name and shape of this network", said);

        using SegmentationModel broken = Network(Settings, 2);
        using (no_grad())
            broken.parameters().First().fill_(double.NaN);
        Weights.Save(broken, folder["nan.safetensors"]);
        Assert.Contains("NaN", Assert.Throws<InvalidDataException>(() =>
            StartingWeights.Take(own, folder["nan.safetensors"])).Message);
    }

    private static SegmentationModel Network(ModelSettings settings, long seed)
    {
        manual_seed(seed);
        return settings.Create();
    }
}

using C2FVL.Data;
using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Tests.Support;
using C2FVL.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace C2FVL.Tests.Models;

/// <summary>What every system must do. A new one joins by a line in each of the lists.</summary>
[Collection(nameof(SeededTorch))]
public sealed class EveryModelTests
{
    /// <summary>The smallest preset of each system.</summary>
    private static readonly ModelSettings[] Tiny =
    [
        C2FVLSettings.Tiny,
        UNetSettings.Tiny,
        UNetPlusPlusSettings.Tiny with { DeepSupervision = true },
        AttUNetSettings.Tiny,
        NnUNetSettings.Tiny,
        TransUNetSettings.Tiny,
        SwinUNetSettings.Tiny,
        UCTransNetSettings.Tiny,
        TGANetSettings.Tiny,
        GLoRIASettings.Tiny,
    ];

    public static TheoryData<string> Systems => [.. Tiny.Select(s => s.Name)];

    /// <summary>Published counts at 3 x 224 x 224, one class.</summary>
    public static TheoryData<ModelSettings, long> PublishedCounts => new()
    {
        { C2FVLSettings.Published, 24_196_088 },
        { UNetSettings.Published, 14_751_873 },
        { UNetPlusPlusSettings.Published, 9_163_329 },
        { UNetPlusPlusSettings.PublishedWide, 36_629_633 },
        { AttUNetSettings.Published, 34_878_573 },
        { NnUNetSettings.Published, 20_618_148 },
        { TransUNetSettings.Published, 105_277_361 },
        { SwinUNetSettings.Published, 27_168_132 },
        { UCTransNetSettings.Published, 66_430_657 },
        { TGANetSettings.Published, 19_837_423 }, // the comparisons count 19.84 million
        { GLoRIASettings.Published, 38_438_769 },
    };

    /// <summary>The presets whose results stand in one table with C2FVL's.</summary>
    public static TheoryData<ModelSettings, ModelSettings> Comparable => new()
    {
        { UNetSettings.Small, UNetSettings.Tiny },
        { UNetPlusPlusSettings.Small, UNetPlusPlusSettings.Tiny },
        { AttUNetSettings.Small, AttUNetSettings.Tiny },
        { NnUNetSettings.Small, NnUNetSettings.Tiny },
        { TransUNetSettings.Small, TransUNetSettings.Tiny },
        { SwinUNetSettings.Small, SwinUNetSettings.Tiny },
        { UCTransNetSettings.Small, UCTransNetSettings.Tiny },
        { TGANetSettings.Small, TGANetSettings.Tiny },
        { GLoRIASettings.Small, GLoRIASettings.Tiny },
    };

    /// <summary>A setting out of its range, and the message.</summary>
    public static TheoryData<ModelSettings, string> Faults => new()
    {
        { UNetSettings.Tiny with { Width = 0 }, "UNet's Width is 0; it must be at least 1." },
        { UNetSettings.Tiny with { ImageSize = 40 }, "UNet's ImageSize is 40; it must be at least 32 and a multiple of 16, as it is halved 4 times." },
        { UNetPlusPlusSettings.Tiny with { ImageSize = 16 }, "UNet++'s ImageSize is 16; it must be at least 32 and a multiple of 16, as it is halved 4 times." },
        { AttUNetSettings.Tiny with { Width = 7 }, "AttUNet's Width is 7; it must be a positive even number, as the gates halve it." },
        { NnUNetSettings.Tiny with { ImageSize = 48 }, "nnUNet's ImageSize is 48; it must be at least 64 and a multiple of 16, as 5 stages halve it 4 times." },
        { NnUNetSettings.Tiny with { Stages = 2 }, "nnUNet's Stages is 2; it must be from 3 to 12." },
        { NnUNetSettings.Tiny with { ClipLow = 0.5, ClipHigh = 0.25 }, "nnUNet's ClipHigh is 0.25; it must be above ClipLow, 0.5, and both from 0 to 1." },
        { NnUNetSettings.Tiny with { Std = 0 }, "nnUNet's Std is 0; it must be above 0." },
        { TransUNetSettings.Tiny with { Width = 6 }, "TransUNet's Width is 6; it must be a positive multiple of the groups, 4." },
        { TransUNetSettings.Tiny with { Channels = 30 }, "TransUNet's Channels is 30; it must be a positive multiple of the heads, 4." },
        { TransUNetSettings.Tiny with { Units3 = 0 }, "TransUNet's Units3 is 0; it must be at least 1." },
        { TransUNetSettings.Tiny with { Dropout = 1 }, "TransUNet's Dropout is 1; it must be from 0 to below 1." },
        { TransUNetSettings.Tiny with { ImageSize = 40 }, "TransUNet's ImageSize is 40; it must be at least 32 and a multiple of 16, as it is halved 4 times." },
        { SwinUNetSettings.Tiny with { ImageSize = 48 }, "Swin-UNet's ImageSize is 48; it must be a positive multiple of 32, as whole windows of 4 x 4 patches of 2 pixels fill the coarsest of 3 stages." },
        { SwinUNetSettings.Tiny with { Heads = 5 }, "Swin-UNet's Width is 24; it must be a positive multiple of the heads, 5." },
        { SwinUNetSettings.Tiny with { Window = 1 }, "Swin-UNet's Window is 1; it must be at least 2." },
        { SwinUNetSettings.Tiny with { DropPath = 1 }, "Swin-UNet's DropPath is 1; it must be from 0 to below 1." },
        { UCTransNetSettings.Tiny with { Patch = 12 }, "UCTransNet's Patch is 12; it must be a positive multiple of 8, as it is halved three times." },
        { UCTransNetSettings.Tiny with { Heads = 0 }, "UCTransNet's Heads is 0; it must be at least 1." },
        { UCTransNetSettings.Tiny with { Dropout = 1 }, "UCTransNet's Dropout is 1; it must be from 0 to below 1." },
        { TGANetSettings.Tiny with { Width = 1 }, "TGANet's Width is 1; it must be at least 2." },
        { TGANetSettings.Tiny with { DilationStep = 0 }, "TGANet's DilationStep is 0; it must be at least 1." },
        { TGANetSettings.Tiny with { EmbeddingSize = 0 }, "TGANet's EmbeddingSize is 0; it must be at least 1." },
        { TGANetSettings.Tiny with { LabelWeight = -1 }, "TGANet's LabelWeight is -1; it must be 0 or more." },
        { TGANetSettings.Tiny with { ImageSize = 40 }, "TGANet's ImageSize is 40; it must be at least 32 and a multiple of 16, as it is halved 4 times." },
        { GLoRIASettings.Tiny with { Width = 0 }, "GLoRIA's Width is 0; it must be at least 1." },
        { GLoRIASettings.Tiny with { DecoderWidth = 0 }, "GLoRIA's DecoderWidth is 0; it must be at least 1." },
        { GLoRIASettings.Tiny with { EmbeddingSize = 0 }, "GLoRIA's EmbeddingSize is 0; it must be at least 1." },
        { GLoRIASettings.Tiny with { ImageSize = 72 }, "GLoRIA's ImageSize is 72; it must be at least 64 and a multiple of 16, as it is halved 4 times, and a fifth time rounded up." },
    };

    [Theory]
    [MemberData(nameof(PublishedCounts), DisableDiscoveryEnumeration = true)]
    public void ThePublishedModelHasThePublishedCount(ModelSettings settings, long count)
    {
        using SegmentationModel model = settings.Create();
        Assert.Equal(count, model.ParameterCount);
    }

    [Theory]
    [MemberData(nameof(Comparable), DisableDiscoveryEnumeration = true)]
    public void TheSmallPresetsHaveC2FVLsSizeWithinAnEighth(ModelSettings small, ModelSettings tiny)
    {
        foreach ((ModelSettings ours, ModelSettings c2fvl) in new[] { (small, (ModelSettings)C2FVLSettings.Small), (tiny, C2FVLSettings.Tiny) })
        {
            using SegmentationModel model = ours.Create(), reference = c2fvl.Create();
            Assert.Equal(reference.ParameterCount, model.ParameterCount, 0.125 * reference.ParameterCount);
        }
    }

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public void ASettingOutOfRangeIsNamedWithItsRange(ModelSettings settings, string message)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => settings.Create());
        Assert.StartsWith(message, error.Message);
    }

    [Theory]
    [MemberData(nameof(Systems))]
    public void TheMaskHasTheImagesSizeAndEveryCamLayerIsAModule(string system)
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (int side in new[] { 64, 96 })
        {
            using SegmentationModel model = Make(system, s => s with { ImageSize = side });
            foreach (bool training in new[] { true, false })
            {
                model.train(training);
                ModelOutput output = model.call(rand(2, 3, side, side), Text());
                Assert.Equal([2, 1, side, side], output.Logits.shape);
                Assert.All(output.DeepLogits, deep => Assert.Equal([2, 1], deep.shape[..2]));
                Assert.True(training || output.DeepLogits.Count == 0);
            }

            string[] modules = [.. model.named_modules().Select(m => m.name)];
            Assert.NotEmpty(model.CamLayers);
            Assert.All(model.CamLayers, layer => Assert.Contains(layer, modules));
        }
    }

    [Theory]
    [MemberData(nameof(Systems))]
    public void AnImageOfAnotherSizeIsRefused(string system)
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = Make(system);
        ArgumentException error = Assert.Throws<ArgumentException>(() => model.call(rand(2, 3, 32, 64), Text()));
        Assert.StartsWith($"{system} takes images of shape (B, 3, 64, 64), not (2, 3, 32, 64).", error.Message);
    }

    [Theory]
    [MemberData(nameof(Systems))]
    public void TheLossReachesEveryParameter(string system)
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = Make(system);
        model.train();
        Tensor image = rand(2, 3, 64, 64);
        HashSet<string> beforeNorm = [];
        using (new BiasesBeforeNorms(model, beforeNorm))
            Loss(model, image, Text(), Square()).backward();

        // A stage of pretraining may train what the segmentation never calls; with two reports, so that it has a contrast.
        Tensor different = Text();
        different.narrow(0, 0, 1).narrow(1, 4, 1).fill_(0);
        model.PretrainingLoss(image, different)?.backward();
        foreach ((string name, Parameter parameter) in model.named_parameters())
        {
            Tensor? gradient = parameter.grad;
            Assert.True(gradient is not null, $"{name} has no gradient");
            Assert.True(gradient.isfinite().all().item<bool>(), $"the gradient of {name} is not finite");

            // A bias right before a batch or instance norm moves nothing.
            if (!beforeNorm.Contains(name))
                Assert.True(gradient.count_nonzero().item<long>() > 0, $"the gradient of {name} is 0");
        }
    }

    [Fact]
    public void OnlyTheBiasesBeforeNormsAreLetOff()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = Make("UNet");
        HashSet<string> found = [];
        using (new BiasesBeforeNorms(model, found))
            model.call(rand(2, 3, 64, 64), Text());
        Assert.Contains("inc.conv.bias", found);
        Assert.DoesNotContain("inc.norm.bias", found);
        Assert.DoesNotContain("outc.bias", found);
    }

    [Theory]
    [MemberData(nameof(Systems))]
    public void AMissingReportGivesAMask(string system)
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = Make(system);
        model.eval();
        using IDisposable noGradient = no_grad();
        Tensor image = rand(2, 3, 64, 64);
        Tensor missing = model.call(image, full([2, TextVector.Length], float.NaN)).Probability;
        Assert.True(missing.isfinite().all().item<bool>());
        if (!model.UsesText)
            Assert.True(Bits.AreEqual(missing, model.call(image, Text()).Probability));
    }

    [Theory]
    [MemberData(nameof(Systems))]
    public void LiveTensorsDoNotGrowFromStepToStep(string system)
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = Make(system);
        model.train();
        using Adam optimizer = optim.Adam(model.parameters(), 1e-3);
        Tensor image = rand(2, 3, 64, 64), text = Text(), mask = Square();
        var live = new List<long>();
        for (int step = 0; step < 4; step++)
        {
            Step(model, optimizer, image, text, mask);
            Pretrain(model, optimizer, image, text);
            live.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }

        Assert.Equal(live[1], live[3]);
    }

    [Theory]
    [MemberData(nameof(Systems))]
    public void TheSameSeedGivesTheSameBitsAndAnotherSeedOthers(string system)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor first = Trained(1), again = Trained(1), other = Trained(2);
        Assert.True(Bits.AreEqual(first, again));
        Assert.False(Bits.AreEqual(first, other));

        Tensor Trained(int seed)
        {
            using SegmentationModel model = Make(system, seed: seed);
            model.train();
            using Adam optimizer = optim.Adam(model.parameters(), 1e-3);
            Seeds.Torch(3, "image");
            Tensor image = rand(2, 3, 64, 64);
            Step(model, optimizer, image, Text(), Square());
            return model.call(image, Text()).Logits.detach();
        }
    }

    [Theory]
    [MemberData(nameof(Systems))]
    public void SavedAndLoadedItGivesTheSameMask(string system)
    {
        using DisposeScope scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using SegmentationModel saved = Make(system), loaded = Make(system, seed: 2);
        Tensor image = rand(2, 3, 64, 64), text = Text();
        saved.train();
        saved.call(image, text); // moves the running statistics too
        Weights.Save(saved, folder["model.safetensors"]);
        Weights.Load(loaded, folder["model.safetensors"]);
        saved.eval();
        loaded.eval();
        using IDisposable noGradient = no_grad();
        Assert.True(Bits.AreEqual(saved.call(image, text).Logits, loaded.call(image, text).Logits));
    }

    [Theory]
    [MemberData(nameof(Systems))]
    public void ItOverfitsFourRealImages(string system)
    {
        const int MostSteps = 300;
        string folder = SharedData.Require("data/QaTa-COV19");
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = Make(system, WithoutDropout);
        using Adam optimizer = optim.Adam(model.parameters(), 4e-3);
        using Batch batch = LargeLesions(folder);

        double dice = 0;
        for (int step = 1; step <= MostSteps && dice <= 0.95; step++)
        {
            model.train();
            Step(model, optimizer, batch.Image, batch.Text, batch.Mask);
            if (step % 10 != 0)
                continue;

            model.eval();
            using IDisposable noGradient = no_grad();
            using DisposeScope inner = NewDisposeScope();
            Tensor predicted = model.call(batch.Image, batch.Text).Probability.ge(0.5).to(ScalarType.Float32);
            Tensor perCase = 2 * (predicted * batch.Mask).sum([1, 2, 3]) / (predicted + batch.Mask).sum([1, 2, 3]);
            dice = perCase.mean().ToDouble();
        }

        Assert.True(dice > 0.95, $"Dice {dice:0.000} after {MostSteps} steps");
    }

    /// <summary>The first four validation cases whose lesions cover 10 to 40 % of the picture, with the annotators' reports.</summary>
    private static Batch LargeLesions(string folder)
    {
        Case[] cases = [.. DatasetReader.Read(folder).Cases
            .Where(item => item.GivenPart == Part.Val && SampleReader.Read(item, 64).Mask.Area is >= 410 and <= 1640)
            .Take(4)];
        Assert.All(cases, item => Assert.NotNull(item.Report));
        return new BatchSource(cases, item => SampleReader.Read(item, 64), BatchSettings.ForScoring(4)).Epoch(0).Single();
    }

    /// <summary>Listens to a model until it is disposed, and collects the biases of layers whose output goes straight into a batch or instance norm.</summary>
    private sealed class BiasesBeforeNorms : IDisposable
    {
        private readonly List<Action> removals = [];
        private (string Name, Tensor? Output) last;

        public BiasesBeforeNorms(SegmentationModel model, HashSet<string> found)
        {
            foreach ((string name, nn.Module module) in model.named_modules())
            {
                if (module is not nn.Module<Tensor, Tensor> layer || module.children().Any())
                    continue;
                removals.Add(layer.register_forward_hook((_, input, output) =>
                {
                    if (layer is BatchNorm2d or InstanceNorm2d && ReferenceEquals(input, last.Output))
                        found.Add(last.Name + ".bias");
                    last = (name, output);
                    return output;
                }).remove);
            }
        }

        public void Dispose() => removals.ForEach(remove => remove());
    }

    private static ModelSettings WithoutDropout(ModelSettings settings) => settings switch
    {
        C2FVLSettings c2fvl => c2fvl with { Dropout = 0 },
        TransUNetSettings transUNet => transUNet with { Dropout = 0 },
        UCTransNetSettings ucTransNet => ucTransNet with { Dropout = 0 },
        _ => settings,
    };

    private static SegmentationModel Make(string system, Func<ModelSettings, ModelSettings>? change = null, int seed = 1)
    {
        ModelSettings settings = Tiny.Single(s => s.Name == system);
        Seeds.Torch(seed, "weights");
        return (change?.Invoke(settings) ?? settings).Create();
    }

    private static Tensor Text() => ones(2, TextVector.Length);

    private static Tensor Square()
    {
        Tensor mask = zeros(2, 1, 64, 64);
        mask.narrow(2, 16, 24).narrow(3, 8, 32).fill_(1);
        return mask;
    }

    private static Tensor Loss(SegmentationModel model, Tensor image, Tensor text, Tensor mask) =>
        new SegmentationLoss(new LossSettings()).Compute(model.call(image, text), mask).Total;

    private static void Step(SegmentationModel model, optim.Optimizer optimizer, Tensor image, Tensor text, Tensor mask)
    {
        using DisposeScope scope = NewDisposeScope();
        optimizer.zero_grad();
        Loss(model, image, text, mask).backward();
        optimizer.step();
    }

    /// <summary>A step of the stage before, where the model has one.</summary>
    private static void Pretrain(SegmentationModel model, optim.Optimizer optimizer, Tensor image, Tensor text)
    {
        using DisposeScope scope = NewDisposeScope();
        if (model.PretrainingLoss(image, text) is not { } loss)
            return;
        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
    }
}

using C2FVL.Data;
using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Tests.Support;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace C2FVL.Tests.Models;

[Collection(nameof(SeededTorch))]
public sealed class TGANetModelTests
{
    /// <summary>Concatenated, not summed: five words of E numbers are 5 E inputs, 1500 as published.</summary>
    [Fact]
    public void TheFusionTakesTheFiveWordsSideBySide()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = (TGANetSettings.Published with { ImageSize = 64 }).Create();
        Dictionary<string, long[]> shapes = model.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.shape);
        Assert.Equal([5, 300], shapes["words"]);
        Assert.Equal([128, 1500], shapes["textFusion.0.0.weight"]);
        Assert.Equal([128, 128], shapes["textFusion.0.2.weight"]);
        Assert.Equal([128, 1024], shapes["number.0.weight"]);
        Assert.Equal([2, 128], shapes["number.2.weight"]);
        Assert.Equal([3, 128], shapes["size.2.weight"]);
        Assert.DoesNotContain(shapes.Keys, name => name.StartsWith("encoder.layer4", StringComparison.Ordinal));

        // A 1x1 convolution and three dilated 3x3 ones in each enhancement, joined by a 3x3; no bias but in the mask's.
        Assert.Equal([[128, 64, 1, 1], [128, 64, 3, 3], [128, 64, 3, 3], [128, 64, 3, 3]], Enumerable.Range(0, 4).Select(i => shapes[$"fem1.branches.{i}.0.0.weight"]));
        Assert.Equal([128, 512, 3, 3], shapes["fem1.fuse.0.weight"]);
        Assert.Equal([8, 128], shapes["fem1.branches.0.2.mlp.0.weight"]);
        Assert.Equal([128, 256, 1, 1], shapes["up3.conv1.0.weight"]);
        Assert.Equal([128, 384, 1, 1], shapes["aggregate.conv1.0.weight"]);
        Assert.Equal(["outc.bias"], shapes.Where(entry => entry.Key.EndsWith("bias", StringComparison.Ordinal) && entry.Value is [1]).Select(entry => entry.Key));
    }

    [Fact]
    public void TheWordsAreNotTrained()
    {
        using SegmentationModel model = Tiny();
        Assert.DoesNotContain("words", model.named_parameters().Select(p => p.name));
        Assert.Contains("words", model.state_dict().Keys);
    }

    /// <summary>The cascade f0, f0 + f1, f0 + f1 + f2: what the first label layer makes reaches the other two.</summary>
    [Fact]
    public void TheLabelVectorsAddUpFromLevelToLevel()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using SegmentationModel model = Tiny();
        model.eval();
        var seen = new Dictionary<string, (Tensor In, Tensor Out)>();
        foreach (string name in new[] { "label3", "label2", "label1" })
        {
            var layer = (nn.Module<Tensor, Tensor>)model.named_modules().Single(m => m.name == name).module;
            layer.register_forward_hook((_, input, output) =>
            {
                seen[name] = (input.clone().DetachFromDisposeScope(), output.clone().DetachFromDisposeScope());
                return output;
            });
        }

        model.call(rand(2, 3, 64, 64), ones(2, TextVector.Length));
        Assert.True(Close(seen["label2"].In, seen["label3"].In + seen["label3"].Out));
        Assert.True(Close(seen["label1"].In, seen["label3"].In + seen["label3"].Out + seen["label2"].Out));
        Assert.True(seen["label3"].In.ge(0).all().ToBoolean()); // f0 comes out of a ReLU
    }

    [Fact]
    public void NoReportChangesTheMaskOfATrainedNetwork()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using SegmentationModel model = Tiny();
        model.eval();
        Tensor image = rand(1, 3, 64, 64);
        Tensor logits = model.call(image, Text("one infected area, lower left lung")).Logits;
        Assert.False(model.UsesText);
        Assert.True(Bits.AreEqual(logits, model.call(image, Text("two infected areas, all left lung")).Logits));
    }

    /// <summary>As the authors' code: a ReLU follows the convolution that joins the three maps.</summary>
    [Fact]
    public void TheAggregationsFirstMapHasNoNegativeValue()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using SegmentationModel model = Tiny();
        model.eval();
        Dictionary<string, nn.Module> modules = model.named_modules().ToDictionary(m => m.name, m => m.module);
        float least = float.NaN;
        ((nn.Module<Tensor, Tensor>)modules["aggregate.conv2"]).register_forward_pre_hook((_, input) => (least = input.min().item<float>(), input).input);
        model.call(rand(1, 3, 64, 64), Text("one infected area, lower left lung"));
        Assert.Equal(0, least);
    }

    [Fact]
    public void ResultsOfAnEarlierFormLoadAndItsNetworkIsRefusedWithTheCure()
    {
        ModelSettings[] earlier = [TGANetSettings.Small with { AsReleased = false }, TGANetSettings.Small with { Form = 0 }];
        foreach (ModelSettings settings in earlier)
        {
            Assert.True(settings.IsRetired);
            settings.Validate(); // a run of it still loads
            Assert.Equal(
                "This spec describes an earlier form of TGANet, which the library no longer has. Take the model of today's preset.",
                Assert.Throws<ArgumentException>(() => settings.Create()).Message);
        }

        Assert.StartsWith("TGANet's Form ", Assert.ThrowsAny<ArgumentException>((TGANetSettings.Small with { Form = 2 }).Validate).Message);
    }

    [Fact]
    public void TheHeadsLearnFromReportsInTrainingAlone()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = Tiny();
        Tensor image = rand(2, 3, 64, 64), known = ones(2, TextVector.Length), missing = full([2, TextVector.Length], float.NaN);
        model.train();
        Assert.True(model.call(image, known).AuxiliaryLoss!.ToDouble() > 0.1);
        Assert.Equal(0, model.call(image, missing).AuxiliaryLoss!.ToDouble());
        Assert.Equal(0, Tiny(TGANetSettings.Tiny with { LabelWeight = 0 }).call(image, known).AuxiliaryLoss!.ToDouble());
        model.eval();
        Assert.Null(model.call(image, known).AuxiliaryLoss);
    }

    [Fact]
    public void AMissingReportAddsNothingToTheOthersLoss()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = Tiny();
        model.train();
        Tensor image = rand(1, 3, 64, 64), text = ones(1, TextVector.Length);

        // The same image twice, so that batch norm sees the same numbers.
        Tensor two = cat([image, image]);
        double alone = model.call(two, cat([text, text])).AuxiliaryLoss!.ToDouble();
        double beside = model.call(two, cat([text, full_like(text, float.NaN)])).AuxiliaryLoss!.ToDouble();
        Assert.Equal(alone, beside, 1e-4);
    }

    [Fact]
    public void TheHeadsLearnTheLabels()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = Tiny();
        model.train();
        using Adam optimizer = optim.Adam(model.parameters(), 3e-3);
        Tensor image = rand(4, 3, 64, 64);
        Tensor text = cat([Text("one infected area, lower left lung"), Text("two infected areas, all left lung"), Text("three infected areas, all left lung and all right lung"), Text("one infected area, middle lower left lung")]);
        var losses = new List<double>();
        for (int step = 0; step < 20; step++)
        {
            using DisposeScope inner = NewDisposeScope();
            optimizer.zero_grad();
            Tensor loss = model.call(image, text).AuxiliaryLoss!;
            loss.backward();
            optimizer.step();
            losses.Add(loss.ToDouble());
        }

        Assert.True(losses[^1] < 0.3 * losses[0], $"{losses[0]} -> {losses[^1]}");
    }

    [Fact]
    public void TextOfAnotherShapeIsRefused()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = Tiny();
        ArgumentException error = Assert.Throws<ArgumentException>(() => model.call(rand(2, 3, 64, 64), ones(1, 8)));
        Assert.StartsWith("TGANet takes text of shape (2, 8), one row per image, not (1, 8).", error.Message);
    }

    private static SegmentationModel Tiny(TGANetSettings? settings = null)
    {
        Seeds.Torch(1, "weights");
        return (settings ?? TGANetSettings.Tiny).Create();
    }

    private static Tensor Text(string sentence) => tensor(LesionReport.Parse("Unilateral pulmonary infection, " + sentence).ToVector()).unsqueeze(0);

    private static bool Close(Tensor a, Tensor b) => (a - b).abs().max().item<float>() < 1e-5f;
}

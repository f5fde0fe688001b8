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
    [Fact]
    public void TheReportChangesTheMask()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using SegmentationModel model = Tiny();
        model.eval();
        Tensor image = rand(1, 3, 64, 64);
        Tensor logits = model.call(image, Text("one infected area, lower left lung")).Logits;
        foreach (string other in new[] { "two infected areas, lower left lung", "one infected area, all left lung" })
            Assert.False(Bits.AreEqual(logits, model.call(image, Text(other)).Logits));

        // Of where the zones are it reads nothing: two labels are all it takes.
        Assert.True(Bits.AreEqual(logits, model.call(image, Text("one infected area, upper right lung")).Logits));
    }

    [Fact]
    public void AMissingReportSaysUnknownAndOnlyInItsRow()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using SegmentationModel model = Tiny();
        model.eval();
        Tensor image = rand(1, 3, 64, 64), text = Text("one infected area, lower left lung");
        Tensor missing = text.clone();
        missing[0, 3] = float.NaN;
        Tensor both = model.call(cat([image, image]), cat([text, missing])).Logits;
        Assert.True(Close(both.narrow(0, 0, 1), model.call(image, text).Logits));
        Assert.True(Close(both.narrow(0, 1, 1), model.call(image, missing).Logits));
        Assert.False(Close(both.narrow(0, 0, 1), both.narrow(0, 1, 1)));

        // The last word of both labels: with other numbers there, a missing report's mask changes, a report's does not.
        foreach (string name in new[] { "number.words.weight", "size.words.weight" })
        {
            Tensor words = model.state_dict()[name];
            words.narrow(0, words.shape[0] - 1, 1).fill_(3);
        }

        Tensor after = model.call(cat([image, image]), cat([text, missing])).Logits;
        Assert.True(Bits.AreEqual(both.narrow(0, 0, 1), after.narrow(0, 0, 1)));
        Assert.False(Close(both.narrow(0, 1, 1), after.narrow(0, 1, 1)));
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
        Assert.StartsWith("TGANet takes text of shape (2, 8), one row an image, not (1, 8).", error.Message);
    }

    private static SegmentationModel Tiny(TGANetSettings? settings = null)
    {
        Seeds.Torch(1, "weights");
        return (settings ?? TGANetSettings.Tiny).Create();
    }

    private static Tensor Text(string sentence) => tensor(LesionReport.Parse("Unilateral pulmonary infection, " + sentence).ToVector()).unsqueeze(0);

    private static bool Close(Tensor a, Tensor b) => (a - b).abs().max().item<float>() < 1e-5f;
}

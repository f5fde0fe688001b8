using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Tests.Support;
using C2FVL.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace C2FVL.Tests.Models;

[Collection(nameof(SeededTorch))]
public sealed class GLoRIAModelTests
{
    private static readonly TrainingSettings Short = new() { BatchSize = 4, PretrainingEpochs = 2, Epochs = 2, RestartPeriod = 2 };

    [Fact]
    public void EveryWordOfTheReportChangesTheMask()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using SegmentationModel model = Tiny();
        model.eval();
        Tensor image = rand(1, 3, 64, 64);
        Tensor logits = model.call(image, Text("Unilateral pulmonary infection, one infected area, lower left lung.")).Logits;
        foreach (string other in new[]
        {
            "Bilateral pulmonary infection, one infected area, lower left lung.",
            "Unilateral pulmonary infection, two infected areas, lower left lung.",
            "Unilateral pulmonary infection, one infected area, lower right lung.",
            "Unilateral pulmonary infection, one infected area, middle lower left lung.",
        })
            Assert.False(Bits.AreEqual(logits, model.call(image, Text(other)).Logits), other);
    }

    [Fact]
    public void TheReportAloneCanTellWhere()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = Tiny();
        model.train();
        using Adam optimizer = optim.Adam(model.parameters(), 4e-3);
        Tensor one = rand(1, 3, 64, 64), image = cat([one, one]), mask = zeros(2, 1, 64, 64);
        Tensor text = cat([Text("Unilateral pulmonary infection, one infected area, upper left lung."), Text("Unilateral pulmonary infection, one infected area, lower right lung.")]);
        mask[0].narrow(1, 8, 16).narrow(2, 8, 16).fill_(1);
        mask[1].narrow(1, 40, 16).narrow(2, 40, 16).fill_(1);
        var loss = new SegmentationLoss(new LossSettings());
        double dice = 0;
        for (int step = 0; step < 100 && dice < 0.9; step++)
        {
            using DisposeScope inner = NewDisposeScope();
            optimizer.zero_grad();
            ModelOutput output = model.call(image, text);
            loss.Compute(output, mask).Total.backward();
            optimizer.step();
            Tensor predicted = output.Probability.ge(0.5).to(ScalarType.Float32);
            dice = (2 * (predicted * mask).sum() / (predicted + mask).sum()).ToDouble();
        }

        Assert.True(dice >= 0.9, $"Dice {dice}");
    }

    [Fact]
    public void AMissingReportSaysUnknownAndOnlyInItsRow()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using SegmentationModel model = Tiny();
        model.eval();
        Tensor image = rand(1, 3, 64, 64), text = Text("Unilateral pulmonary infection, one infected area, lower left lung.");
        Tensor two = cat([image, image]), one = cat([text, full_like(text, float.NaN)]);
        Tensor before = model.call(two, one).Logits;
        Assert.True(Difference(before.narrow(0, 0, 1), model.call(image, text).Logits) < 1e-5);
        Assert.False(Bits.AreEqual(model.call(image, text).Logits, model.call(image, full_like(text, float.NaN)).Logits));

        model.state_dict()["words.weight"].narrow(0, 0, 1).fill_(3); // "unknown"
        Tensor after = model.call(two, one).Logits;
        Assert.True(Bits.AreEqual(before.narrow(0, 0, 1), after.narrow(0, 0, 1)));
        Assert.False(Bits.AreEqual(before.narrow(0, 1, 1), after.narrow(0, 1, 1)));
    }

    [Fact]
    public void TheContrastFallsAndImagesFindTheirReports()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = Tiny();
        model.train();
        using Adam optimizer = optim.Adam(model.parameters(), 2e-3);
        Tensor image = rand(4, 3, 64, 64);
        Tensor text = cat([
            Text("Unilateral pulmonary infection, one infected area, lower left lung."),
            Text("Unilateral pulmonary infection, two infected areas, upper right lung."),
            Text("Bilateral pulmonary infection, two infected areas, all left lung and all right lung."),
            Text("Unilateral pulmonary infection, one infected area, lower left lung."), // as the first
        ]);
        var losses = new List<double>();
        for (int step = 0; step < 25; step++)
        {
            using DisposeScope inner = NewDisposeScope();
            optimizer.zero_grad();
            Tensor loss = model.PretrainingLoss(image, text)!;
            loss.backward();
            optimizer.step();
            losses.Add(loss.ToDouble());
        }

        // A loss that called the fourth report a negative of the first could not fall below 4 times half of ln 2.
        Assert.True(losses[^1] < 0.3 * losses[0] && losses[^1] < 2 * Math.Log(2), $"{losses[0]} -> {losses[^1]}");
    }

    [Fact]
    public void ACaseWithoutAReportTakesNoPartInTheContrast()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using SegmentationModel model = Tiny();
        model.eval();
        Tensor image = rand(3, 3, 64, 64), text = ones(3, TextVector.Length);
        text[1, 7] = 0;
        text[2] = float.NaN;
        Tensor three = model.PretrainingLoss(image, text)!, two = model.PretrainingLoss(image.narrow(0, 0, 2), text.narrow(0, 0, 2))!;
        Assert.Equal(two.ToDouble(), three.ToDouble(), 1e-4);
        Assert.Equal(0, model.PretrainingLoss(image, full_like(text, float.NaN))!.ToDouble());
    }

    [Fact]
    public void ASideThatCannotBeHalvedFiveTimesIsRoundedUp()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = (GLoRIASettings.Tiny with { ImageSize = 80 }).Create();
        Tensor image = rand(2, 3, 80, 80), text = ones(2, TextVector.Length);
        Assert.Equal([2, 1, 80, 80], model.call(image, text).Logits.shape);
        Assert.True(model.PretrainingLoss(image, text)!.isfinite().item<bool>());
    }

    [Fact]
    public void AWordThatIsNotSaidChangesNothing()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using SegmentationModel model = Tiny();
        model.eval();
        Tensor image = rand(2, 3, 64, 64);
        Tensor text = cat([Text("Unilateral pulmonary infection, one infected area, lower left lung."), Text("Unilateral pulmonary infection, two infected areas, lower left lung.")]);
        Tensor logits = model.call(image, text).Logits, loss = model.PretrainingLoss(image, text)!;
        model.state_dict()["words.weight"].narrow(0, 13, 3).fill_(3); // the right lung's zones
        Assert.True(Bits.AreEqual(logits, model.call(image, text).Logits));
        Assert.Equal(loss.ToDouble(), model.PretrainingLoss(image, text)!.ToDouble());
    }

    [Fact]
    public void ThePretrainingReachesTheEncoderAndTheAlignmentAlone()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = Tiny();
        model.train();
        Tensor text = ones(2, TextVector.Length);
        text[1, 7] = 0;
        model.PretrainingLoss(rand(2, 3, 64, 64), text)!.backward();
        string[] reached = [.. model.named_parameters().Where(p => p.parameter.grad is not null).Select(p => p.name.Split('.')[0]).Distinct()];
        Assert.Equal(["encoder", "ofImage", "ofRegion", "words", "ofReport"], reached);
    }

    [Fact]
    public void PretrainingThenTrainingLeavesBothInTheHistory()
    {
        using var folder = new TemporaryFolder();
        TrainingState state = Fit(folder.Path);
        Assert.True(state.Finished);
        Assert.Equal(["pretrain", "pretrain", "train", "train"], state.History.Select(e => e.Stage));
        Assert.All(state.History, e => Assert.True(double.IsFinite(e.Loss) && double.IsNaN(e.ValMeanDice) == (e.Stage == "pretrain")));
        Assert.InRange(state.BestEpoch, 3, 4);
    }

    [Theory]
    [InlineData(2)] // in the pretraining
    [InlineData(6)] // at its last step
    [InlineData(8)] // in the training
    public void ATrainingCutInEitherStageEndsBitEqualToAnUnbrokenOne(int stepsBeforeCancel)
    {
        using var unbroken = new TemporaryFolder();
        using var broken = new TemporaryFolder();
        Fit(unbroken.Path);
        using var stop = new CancellationTokenSource();
        int steps = 0;
        Assert.Throws<OperationCanceledException>(() => Fit(broken.Path, _ =>
        {
            if (++steps == stepsBeforeCancel)
                stop.Cancel();
        }, stop.Token));
        Fit(broken.Path);
        foreach (string name in new[] { Trainer.HistoryName, Trainer.BestName, Trainer.LastName })
            SameBytes.InFiles(unbroken[name], broken[name]);
    }

    [Fact]
    public void ItsRunsPretrainAndTheOthersDoNot()
    {
        Assert.Equal([1, 3, 50], new[] { Scale.Phantom, Scale.Mini, Scale.Paper }.Select(s => Presets.For(s, model: "GLoRIA").Training.PretrainingEpochs));
        RunSpec ours = Presets.For(Scale.Mini, model: "GLoRIA"), other = Presets.For(Scale.Mini, model: "TGANet");
        Assert.Equal(other.Training with { PretrainingEpochs = 3 }, ours.Training);
        Assert.Equal(other.Loss, ours.Loss);
    }

    private static SegmentationModel Tiny()
    {
        Seeds.Torch(1, "weights");
        return GLoRIASettings.Tiny.Create();
    }

    private static Tensor Text(string sentence) => tensor(LesionReport.Parse(sentence).ToVector()).unsqueeze(0);

    private static double Difference(Tensor a, Tensor b) => (a - b).abs().max().ToDouble();

    private static TrainingState Fit(string folder, Action<TrainingProgress>? onProgress = null, CancellationToken cancellation = default)
    {
        using SegmentationModel model = Tiny();
        var trainer = new Trainer(model, new SegmentationLoss(new LossSettings()), Short, 1, CPU);
        return trainer.Fit(Halves(12), Halves(4), folder, onProgress, cancellation);
    }

    /// <summary>Batches of 4 pictures of 64 x 64 with a bright bar in the half that the report names.</summary>
    private static BatchSource Halves(int count)
    {
        const int Size = 64;
        LesionReport[] reports = [new(false, 1, Zones.LeftMiddle), new(false, 1, Zones.RightMiddle)];
        return new BatchSource(
            [.. Enumerable.Range(0, count).Select(i => new Case($"bar{i}", $"bar{i}.png", null, reports[i % 2], null, ImageKind.XRay))],
            Draw,
            new BatchSettings { BatchSize = 4, Seed = 1, Shuffle = true });

        static Sample Draw(Case item)
        {
            Random random = Seeds.Random(1, item.Id);
            int start = item.Report!.Zones == Zones.LeftMiddle ? 8 : 40;
            var image = new GrayImage(Size, Size);
            var mask = new BinaryMask(Size, Size);
            for (int row = 0; row < Size; row++)
            {
                for (int column = 0; column < Size; column++)
                {
                    mask[row, column] = column >= start && column < start + 16;
                    image[row, column] = (mask[row, column] ? 0.7f : 0.3f) + (0.1f * random.NextSingle());
                }
            }

            return new Sample(item, image, mask, item.Report);
        }
    }
}

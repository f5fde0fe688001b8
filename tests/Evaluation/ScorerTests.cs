using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Models;
using C2FVL.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Evaluation;

[Collection(nameof(SeededTorch))]
public sealed class ScorerTests
{
    [Fact]
    public void AFlipAveragesTheImageAndItsFlipWithTheFlippedReport()
    {
        BatchSource source = Discs.Batches(4, 3, training: false);
        using var model = new TextSided();
        CaseScore plain = Scorer.Score(model, source, CPU)[0], flipped = Scorer.Score(model, source, CPU, flip: true)[0];

        // The report names the left middle zone, so the left half is at 0.4. The flipped report says right, and the
        // flipped image's right half, at 0.7, is the image's left one again: the mean is above a half there.
        Assert.Equal(0, plain.Predicted);
        Assert.Equal(16 * 32, flipped.Predicted);
    }

    [Fact]
    public void TheFlipOfATextVectorIsTheReportsOwn()
    {
        foreach (Zones zones in new[] { Zones.LeftUpper, Zones.LeftMiddle | Zones.RightLower, Zones.RightUpper | Zones.RightMiddle })
        {
            var report = new LesionReport(true, 3, zones);
            float[] vector = report.ToVector();
            Assert.Equal(report.FlipHorizontal().ToVector(), TextVector.HorizontalFlip.Select(entry => vector[entry]));
        }
    }

    [Fact]
    public void EachCaseHasTheTimeOfItsPrediction() =>
        Assert.All(Scorer.Score(new TextSided(), Discs.Batches(6, 3, training: false), CPU), score => Assert.InRange(score.Seconds, 1e-9, 60));

    /// <summary>At most a pixel of a mask may fall to the other side of 0.5, by rounding.</summary>
    [Fact]
    public void TheScoresDoNotDependOnTheBatch()
    {
        using C2FVLModel model = Undecided();
        CaseScore[][] byBatch = [.. new[] { 1, 3, BatchSettings.ScoringBatch }.Select(batch =>
            Scorer.Score(model, Discs.Batches(7, 3, training: false, batch), CPU).ToArray())];

        Assert.True(byBatch[0].Select(score => score.Predicted).Distinct().Count() > 1); // the cases are told apart
        foreach (CaseScore[] scores in byBatch[1..])
        {
            Assert.Equal(byBatch[0].Select(score => score.CaseId), scores.Select(score => score.CaseId));
            Assert.All(scores.Zip(byBatch[0]), both =>
            {
                Assert.InRange(both.First.Predicted - both.Second.Predicted, -1, 1);
                Assert.InRange(both.First.Dice - both.Second.Dice, -0.01, 0.01);
            });
        }
    }

    /// <summary>A network whose logits are above 0 at half of the pixels: weights and statistics drawn, the last bias set.</summary>
    private static C2FVLModel Undecided()
    {
        var model = new C2FVLModel(C2FVLSettings.Tiny with { ImageSize = 32 });
        model.eval();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        var random = new Generator(5);
        foreach ((string name, Tensor value) in model.state_dict().Where(entry => entry.Value.is_floating_point()))
        {
            double spread = value.dim() > 1 ? Math.Sqrt(1.0 / value[0].numel()) : 0.5;
            Tensor drawn = randn(value.shape, generator: random) * spread;
            value.copy_(name.EndsWith("running_var", StringComparison.Ordinal) ? drawn.abs() + 0.5 : drawn);
        }

        using Batch all = Discs.Batches(7, 3, training: false, batch: 7).Epoch(0).Single();
        model.state_dict()["outc.bias"].sub_(model.call(all.Image, all.Text).Logits.median());
        return model;
    }

    /// <summary>
    /// Where the report names the left middle zone, the image's left half has the probability 0.4; where it names the right
    /// one, its right half 0.7.
    /// </summary>
    private sealed class TextSided() : SegmentationModel("sided")
    {
        public override bool UsesText => true;

        public override IReadOnlyList<string> CamLayers => [];

        public override ModelOutput forward(Tensor image, Tensor text)
        {
            long half = image.shape[3] / 2;
            Tensor left = zeros_like(image.narrow(1, 0, 1)), right = zeros_like(left);
            left.narrow(3, 0, half).fill_(0.4);
            right.narrow(3, half, half).fill_(0.7);
            Tensor probability = (left * text.narrow(1, 3, 1).reshape(-1, 1, 1, 1)) + (right * text.narrow(1, 6, 1).reshape(-1, 1, 1, 1));
            return new ModelOutput(probability.clamp(1e-6, 1 - 1e-6).logit());
        }
    }
}

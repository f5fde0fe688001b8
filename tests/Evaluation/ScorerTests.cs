using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Models;
using C2FVL.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Evaluation;

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
            Assert.Equal(report.MirrorLeftRight().ToVector(), TextVector.HorizontalFlip.Select(entry => vector[entry]));
        }
    }

    [Fact]
    public void EachCaseHasTheTimeOfItsPrediction() =>
        Assert.All(Scorer.Score(new TextSided(), Discs.Batches(6, 3, training: false), CPU), score => Assert.InRange(score.Seconds, 1e-9, 60));

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

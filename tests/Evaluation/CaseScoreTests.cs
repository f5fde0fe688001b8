using C2FVL.Data;
using C2FVL.Evaluation;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Evaluation;

public sealed class CaseScoreTests
{
    [Fact]
    public void ABatchIsCountedByHand()
    {
        using Batch batch = BatchOf([1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]);
        using Tensor prediction = tensor(new[] { 0.9f, 0.5f, 0.7f, 0.49f, 0f, 0f, 0f, 0f, 0f, 0f, 0f, 0.2f }).reshape(2, 1, 2, 3);

        IReadOnlyList<CaseScore> scores = CaseScore.Of(prediction, batch);

        // A half counts as lesion, 0.49 does not: 3 predicted, 2 of them right.
        // 2 x 3 pixels, so all are boundary: the third predicted one is 1 from the mask, the other four distances are 0.
        // Of 0, 0 and 1 the 95th percentile is 0.9.
        Assert.Equal(
            [
                new CaseScore("case-0", "patient-0", 2, 3, 2, 6) { Hd95 = 0.9, Assd = 0.2 },
                new CaseScore("case-1", "case-1", 0, 0, 0, 6),
            ],
            scores.Select(score => score with { Hd95 = Math.Round(score.Hd95, 12) }));
        Assert.Equal(0.8, scores[0].Dice, 15);
        Assert.Equal(2.0 / 3, scores[0].IoU, 15);
        Assert.Equal(1, scores[0].Sensitivity);
        Assert.Equal(2.0 / 3, scores[0].Precision, 15);
        Assert.Equal(1, scores[1].Dice);
    }

    [Fact]
    public void BooleansProbabilitiesAndMasksScoreAlike()
    {
        Random random = C2FVL.Platform.Seeds.Random(3, "masks");
        byte[] truth = [.. Enumerable.Range(0, 60).Select(_ => (byte)random.Next(2))];
        byte[] predicted = [.. Enumerable.Range(0, 60).Select(_ => (byte)random.Next(2))];
        using Batch batch = BatchOf(6, 10, [.. truth.Select(t => (float)t)]);
        using Tensor probability = tensor(predicted.Select(p => p == 1 ? 0.8f : 0.3f).ToArray()).reshape(1, 1, 6, 10);
        using Tensor boolean = probability > 0.5;

        Assert.False(double.IsNaN(CaseScore.Of("case-0", "patient-0", new BinaryMask(10, 6, predicted), new BinaryMask(10, 6, truth)).Hd95));
        CaseScore expected = CaseScore.Of("case-0", "patient-0", new BinaryMask(10, 6, predicted), new BinaryMask(10, 6, truth));

        Assert.Equal(expected, Assert.Single(CaseScore.Of(probability, batch)));
        Assert.Equal(expected, Assert.Single(CaseScore.Of(boolean, batch)));
        Assert.InRange(expected.Intersection, 1, expected.Truth - 1);
    }

    [Fact]
    public void ScoringLeavesNoTensorBehind()
    {
        using Batch batch = BatchOf([1, 1, 0, 0, 0, 0]);
        using Tensor prediction = zeros(1, 1, 2, 3);
        CaseScore.Of(prediction, batch);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 10; i++)
            CaseScore.Of(prediction, batch);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void MasksOfTwoSizesAreAnError()
    {
        var error = Assert.Throws<ArgumentException>(() => CaseScore.Of("covid_7", "covid_7", new BinaryMask(4, 4), new BinaryMask(8, 4)));
        Assert.StartsWith("Case covid_7: the prediction is 4 x 4, its mask 8 x 4. Resize one to the other's size first.", error.Message);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(-3f)]
    public void ValuesThatAreNoProbabilitiesNameTheCase(float value)
    {
        using Batch batch = BatchOf([0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]);
        using Tensor prediction = zeros(2, 1, 2, 3);
        prediction[1, 0, 0, 2] = value;
        var error = Assert.Throws<ArgumentException>(() => CaseScore.Of(prediction, batch));
        Assert.StartsWith("Case case-1: 1 of 6 predicted values are not probabilities from 0 to 1. Pass probabilities, not logits. If these are probabilities, the network has diverged.", error.Message);
    }

    [Fact]
    public void ShapesThatDifferAreAnError()
    {
        using Batch batch = BatchOf([1, 1, 0, 0, 0, 0]);
        using Tensor prediction = zeros(1, 1, 3, 2);
        var error = Assert.Throws<ArgumentException>(() => CaseScore.Of(prediction, batch));
        Assert.StartsWith("The prediction is (1, 1, 3, 2), the mask (1, 1, 2, 3) for 1 cases; both must be (B, 1, H, W).", error.Message);
    }

    private static Batch BatchOf(params float[][] masks) => BatchOf(2, 3, masks);

    /// <summary>Cases "case-i"; the first has a patient, the others none.</summary>
    private static Batch BatchOf(int height, int width, params float[][] masks) => new(
        zeros(masks.Length, 3, height, width),
        tensor(masks.SelectMany(m => m).ToArray()).reshape(masks.Length, 1, height, width),
        ones(masks.Length, 8),
        [.. masks.Select((_, i) => new Case($"case-{i}", $"case-{i}.png", null, null, i == 0 ? "patient-0" : null, ImageKind.XRay))]);
}

using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Models;
using C2FVL.Tests.Support;

namespace C2FVL.Tests.Evaluation;

[Collection(nameof(SeededTorch))]
public sealed class PredictorTests
{
    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.PositiveInfinity, "Infinity")]
    public void AnImageWithAValueThatIsNoNumberIsRefused(float value, string said)
    {
        var image = new GrayImage(8, 8);
        image[2, 5] = value;
        string problem = $"The image contains {said} at row 2, column 5. Give grey values from 0 to 1.";
        using SegmentationModel model = (UNetSettings.Tiny with { ImageSize = 32 }).Create();
        Assert.Equal(problem, Assert.Throws<InvalidDataException>(() => Predictor.Predict(model, image, null, 32)).Message);

        var item = new Case("x", "x.png", null, null, null, ImageKind.XRay);
        var batches = new BatchSource([item], c => new Sample(c, image, new BinaryMask(8, 8), null));
        Assert.Equal($"x.png: the case cannot be read: {problem}", Assert.Throws<InvalidDataException>(() => batches.Epoch(1).First()).Message);
    }
}

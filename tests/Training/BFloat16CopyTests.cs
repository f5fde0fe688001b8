using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Tests.Support;
using C2FVL.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Training;

[Collection(nameof(SeededTorch))]
public sealed class BFloat16CopyTests
{
    private static readonly TrainingSettings Short =
        new() { Epochs = 3, BatchSize = 4, RestartPeriod = 3, Precision = Precision.BFloat16 };

    [Fact]
    public void ItLearnsNearlyAsIn32BitsAndKeepsWeightsIn32Bits()
    {
        using TemporaryFolder half = new(), whole = new();
        TrainingState state = TrainerTests.Fit(half.Path, Short with { Epochs = 6 });
        TrainingState exact = TrainerTests.Fit(whole.Path, Short with { Epochs = 6, Precision = Precision.Float32 });
        Assert.True(state.History[^1].Loss < 0.8 * state.History[0].Loss);
        Assert.NotEqual(exact.History[^1].Loss, state.History[^1].Loss);
        foreach ((EpochRecord found, EpochRecord wanted) in state.History.Zip(exact.History))
            Assert.Equal(wanted.Loss, found.Loss, 0.05 * wanted.Loss);
        using TensorFile last = Safetensors.Read(half[Trainer.LastName]);
        Assert.DoesNotContain(last.Tensors.Values, tensor => tensor.dtype == ScalarType.BFloat16);
    }

    [Fact]
    public void GradientsAndStatisticsOfNormsAreTheCopysIn32Bits()
    {
        using SegmentationModel model = TrainerTests.Model(), reference = TrainerTests.Model();
        using var half = new BFloat16Copy(model, TrainerTests.Model(), CPU);
        using Tensor image = rand(4, 3, 32, 32), text = ones(4, 8), mask = rand(4, 1, 32, 32).ge(0.5).to(float32);
        var loss = new SegmentationLoss(new LossSettings());
        reference.train();
        Seeds.Torch(1, "step");
        loss.Compute(reference.call(image, text), mask).Total.backward();
        Seeds.Torch(1, "step");
        loss.Compute(half.Call(image, text), mask).Total.backward();
        half.GiveGradients();

        Dictionary<string, Tensor> wanted = reference.named_parameters().ToDictionary(p => p.name, p => p.parameter.grad!);
        Tensor found = model.get_parameter("inc.conv.weight")!.grad!;
        Assert.Equal(ScalarType.Float32, found.dtype);
        double cosine = nn.functional.cosine_similarity(
            found.flatten(), wanted["inc.conv.weight"].flatten(), dim: 0).ToDouble();
        Assert.InRange(cosine, 0.9, 1);
        foreach ((string name, Tensor buffer) in model.named_buffers().Where(b => b.name.Contains("running_mean")))
            Assert.True(buffer.allclose(reference.get_buffer(name)!, rtol: 0.05, atol: 0.02), name);
    }
}

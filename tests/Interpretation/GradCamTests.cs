using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Interpretation;
using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Tests.Support;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace C2FVL.Tests.Interpretation;

[Collection(nameof(SeededTorch))]
public sealed class GradCamTests
{
    public static TheoryData<string> Systems => [.. ModelCatalog.Names];

    /// <summary>The chain rule in plain loops over what backward() says, on a network whose layer is overwritten in place.</summary>
    [Theory]
    [InlineData(CamMethod.GradCam)]
    [InlineData(CamMethod.GradCamPlusPlus)]
    [InlineData(CamMethod.HiResCam)]
    public void ItIsTheDefinitionByAutograd(CamMethod method)
    {
        const int Side = 6, Channels = 2;
        using DisposeScope scope = NewDisposeScope();
        using ToyModel model = Toy();
        Tensor image = rand(1, 3, Side, Side), mask = Square(1, Side);

        Tensor layer = model.Features(image).detach().requires_grad_();
        (model.AfterFeatures(layer) * mask).sum().backward();
        float[] a = layer.detach().data<float>().ToArray(), g = layer.grad!.data<float>().ToArray();
        var expected = new double[Side * Side];
        for (int c = 0; c < Channels; c++)
        {
            double sumA = 0, meanG = 0, plusPlus = 0;
            for (int p = 0; p < Side * Side; p++)
            {
                sumA += a[(c * Side * Side) + p];
                meanG += g[(c * Side * Side) + p] / (double)(Side * Side);
            }

            for (int p = 0; p < Side * Side; p++)
            {
                double own = g[(c * Side * Side) + p];
                double below = (2 * own * own) + (sumA * own * own * own);
                plusPlus += below == 0 ? 0 : own * own / below * Math.Max(own, 0);
            }

            for (int p = 0; p < Side * Side; p++)
            {
                int i = (c * Side * Side) + p;
                expected[p] += a[i] * (method switch { CamMethod.GradCam => meanG, CamMethod.GradCamPlusPlus => plusPlus, _ => g[i] });
            }
        }

        using CamMaps maps = GradCam.Explain(model, image, ones(1, 8), mask, new CamSettings { Method = method, Pixels = CamPixels.TrueLesion });
        float[] map = maps["features"].data<float>().ToArray();
        double scale = expected.Max(Math.Abs);
        Assert.Contains(map, value => value > 0);
        Assert.Equal(expected.Select(value => Math.Max(value, 0)), map.Select(value => (double)value), (x, y) => Math.Abs(x - y) < 1e-5 * scale);
    }

    /// <summary>
    /// On C2FVL itself, in float64: a channel's weight is what the score gains when a little is added to the channel
    /// everywhere, by the number of places.
    /// </summary>
    [Theory]
    [InlineData("up4.nConvs")]
    [InlineData("up2.nConvs")]
    public void TheWeightsAreThoseOfFiniteDifferences(string layer)
    {
        const double Step = 1e-6;
        using DisposeScope scope = NewDisposeScope();
        Seeds.Torch(6, "weights");
        using SegmentationModel model = (C2FVLSettings.Tiny with { ImageSize = 32 }).Create();
        model.to(ScalarType.Float64);
        Tensor image = rand(1, 3, 32, 32, dtype: ScalarType.Float64), text = ones(1, 8, dtype: ScalarType.Float64), mask = Square(1, 32).to(ScalarType.Float64);

        using CamMaps maps = GradCam.Explain(model, image, text, mask, new CamSettings { Layers = [layer], Pixels = CamPixels.TrueLesion });

        model.eval();
        Tensor output = zeros(1);
        Tensor? nudge = null;
        Action remove = LayerHook.Register(model.named_modules().Single(m => m.name == layer).module, given =>
        {
            output = given.detach().clone().MoveToOtherDisposeScope(scope);
            return nudge is null ? given : given + nudge;
        })!;
        using IDisposable noGradient = no_grad();
        double Score() => (model.call(image, text).Logits * mask).sum().ToDouble();
        Score();
        Tensor a = output;
        Tensor sum = zeros(a.shape[2], a.shape[3], dtype: ScalarType.Float64);
        for (long c = 0; c < a.shape[1]; c++)
        {
            nudge = zeros_like(a);
            nudge.narrow(1, c, 1).fill_(Step);
            double up = Score();
            nudge.narrow(1, c, 1).fill_(-Step);
            double weight = (up - Score()) / (2 * Step) / (a.shape[2] * a.shape[3]);
            sum += weight * a[0, c];
        }

        remove();
        Tensor expected = sum.relu();
        double scale = expected.max().ToDouble();
        double error = (expected - maps[layer][0]).abs().max().ToDouble();
        Assert.True(scale > 0, "the map is 0, so that nothing is compared");
        Assert.True(error < 1e-5 * scale, $"{layer}: {error} of {scale}");
    }

    [Theory]
    [MemberData(nameof(Systems))]
    public void EveryModelHasMapsAndIsLeftAsItWas(string system)
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = Make(system);
        model.train();
        model.children().First().eval(); // a part that somebody has frozen
        int side = ModelCatalog.Get(system, Scale.Phantom).ImageSize;
        Tensor image = rand(2, 3, side, side), text = ones(2, 8), mask = Square(2, side);
        Tensor[] state = [.. model.state_dict().Values.Select(value => value.clone())];
        bool[] modes = [.. model.modules().Select(m => m.training)];

        foreach (CamMethod method in Enum.GetValues<CamMethod>())
        {
            using CamMaps maps = GradCam.Explain(model, image, text, mask, new CamSettings { Method = method, Pixels = CamPixels.TrueLesion });
            Assert.Equal(model.CamLayers, maps.Layers);
            Assert.All(maps.Layers, layer =>
            {
                Assert.Equal(2, maps[layer].shape[0]);
                Assert.Equal(3, maps[layer].dim());
                Assert.True((maps[layer].isfinite() & (maps[layer] >= 0)).all().item<bool>(), $"{layer} by {method}");
                Assert.Equal([2, side, side], maps.Upsampled(layer).shape);
            });
            Assert.Contains(maps.Layers, layer => maps[layer].max().ToDouble() > 0);
        }

        Assert.True(model.training);
        Assert.Equal(modes, model.modules().Select(m => m.training));
        Assert.All(model.parameters(), parameter => Assert.Null(parameter.grad));
        Assert.All(state.Zip(model.state_dict().Values), pair => Assert.True(Bits.AreEqual(pair.First, pair.Second)));
    }

    [Theory]
    [MemberData(nameof(Systems))]
    public void NothingIsLeftBehind(string system)
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = Make(system);
        int side = ModelCatalog.Get(system, Scale.Phantom).ImageSize;
        Tensor image = rand(1, 3, side, side), text = ones(1, 8);
        GradCam.Explain(model, image, text).Dispose();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        GradCam.Explain(model, image, text).Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Throws<ArgumentException>(() => GradCam.Explain(model, image, text, settings: new CamSettings { Layers = [model.CamLayers[0], "nowhere"] }));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void CasesOfABatchDoNotMix()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = Make("C2FVL");
        Tensor image = rand(3, 3, 64, 64), text = tensor(new LesionReport(true, 2, Zones.LeftLower | Zones.RightUpper).ToVector()).expand(3, -1).contiguous(), mask = Square(3, 64);
        mask[1].fill_(0); // the middle one has nothing to explain
        var settings = new CamSettings { Pixels = CamPixels.TrueLesion };
        using CamMaps all = GradCam.Explain(model, image, text, mask, settings);
        foreach (int row in new[] { 0, 2 })
        {
            using CamMaps one = GradCam.Explain(model, image.narrow(0, row, 1), text.narrow(0, row, 1), mask.narrow(0, row, 1), settings);
            Assert.All(all.Layers, layer => Assert.True(all[layer][row].allclose(one[layer][0], rtol: 1e-3, atol: 1e-5)));
        }

        Assert.All(all.Layers, layer => Assert.Equal(0, all[layer][1].max().ToDouble()));
    }

    [Fact]
    public void AnEmptyPredictionGivesMapsOfZerosThatShowAndScoreAsSuch()
    {
        using DisposeScope scope = NewDisposeScope();
        using var model = new PixelwiseModel(threshold: 2);
        using var batch = new Batch(rand(1, 3, 8, 8), Square(1, 8), ones(1, 8), [new Case("a", "a.png", null, null, null, ImageKind.XRay)]);
        using CamMaps maps = GradCam.Explain(model, batch.Image, batch.Text);
        Assert.Equal(0, maps["grey"].max().ToDouble());
        Assert.All(maps.Heat("grey", 0).Pixels, value => Assert.Equal(0, value));
        Assert.Equal(0, maps.Prediction(0).Area);
        Assert.Equal(new LayerScore(0, false, 0, true), CamScore.Of(maps, batch)[0].Layers[0]);
    }

    [Fact]
    public void ThePixelSetIsThePredictionOrTheTruth()
    {
        using DisposeScope scope = NewDisposeScope();
        using var model = new PixelwiseModel(threshold: 0.5);
        Tensor image = rand(1, 3, 8, 8), mask = Square(1, 8);
        Tensor predicted = image.narrow(1, 0, 1) >= 0.5;
        using CamMaps ofPrediction = GradCam.Explain(model, image, ones(1, 8), mask, new CamSettings { Method = CamMethod.HiResCam });
        using CamMaps ofTruth = GradCam.Explain(model, image, ones(1, 8), mask, new CamSettings { Method = CamMethod.HiResCam, Pixels = CamPixels.TrueLesion });
        Assert.True(Bits.AreEqual(predicted, ofPrediction.Pixels));
        Assert.True(Bits.AreEqual(mask >= 0.5, ofTruth.Pixels));

        // dy/dA is 10 inside the set and 0 outside.
        Assert.True(ofPrediction["grey"].allclose(10 * image[0, 0] * predicted[0, 0]));
        Assert.True(ofTruth["grey"].allclose(10 * image[0, 0] * mask[0, 0]));

        GrayImage heat = ofTruth.Heat("grey", 0);
        Assert.Equal((0f, 1f), (heat.Pixels.Min(), heat.Pixels.Max()));

        // With nothing subtracted: a pedestal of half the greatest value stays half.
        using CamMaps raised = GradCam.Explain(model, (image * 0.1) + 0.9, ones(1, 8), mask);
        Tensor shown = tensor(raised.Heat("grey", 0).Pixels, [8, 8]);
        Assert.True(shown.allclose(raised["grey"][0] / raised["grey"].max()));
        Assert.InRange(shown.min().item<float>(), 0.85f, 0.99f);
        Assert.Equal(predicted.sum().item<long>(), ofPrediction.Prediction(0).Area);
    }

    [Fact]
    public void InferenceModeAndNaNAreRefused()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = Make("UNet");
        Tensor image = rand(1, 3, 64, 64), broken = full_like(image, float.NaN);
        using (inference_mode(true))
        {
            string message = Assert.Throws<ArgumentException>(() => GradCam.Explain(model, image, ones(1, 8))).Message;
            Assert.Equal("Grad-CAM needs gradients, and torch.inference_mode forbids them. Call it outside that block; torch.no_grad is allowed.", message);
        }

        Assert.StartsWith("The image has NaN or infinite values", Assert.Throws<ArgumentException>(() => GradCam.Explain(model, broken, ones(1, 8))).Message);
        using CamMaps maps = GradCam.Explain(model, image, ones(1, 8)); // and outside it works
    }

    [Fact]
    public void FrozenWeightsAndAnOuterNoGradChangeNothing()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = Make("UNet");
        Tensor image = rand(1, 3, 64, 64), mask = Square(1, 64);
        var settings = new CamSettings { Pixels = CamPixels.TrueLesion };
        using CamMaps expected = GradCam.Explain(model, image, ones(1, 8), mask, settings);
        foreach (Parameter parameter in model.parameters())
            parameter.requires_grad = false;
        using IDisposable noGradient = no_grad();
        using CamMaps frozen = GradCam.Explain(model, image, ones(1, 8), mask, settings);
        Assert.All(expected.Layers, layer => Assert.True(expected[layer].allclose(frozen[layer], rtol: 1e-5, atol: 1e-7)));
        Assert.False(is_grad_enabled());
    }

    [Fact]
    public void TokensOfATransformerAreASquareMap()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = Make("C2FVL");
        using CamMaps maps = GradCam.Explain(model, rand(2, 3, 64, 64), ones(2, 8), Square(2, 64), new CamSettings { Layers = ["downVit1", "inc.norm"], Pixels = CamPixels.TrueLesion });
        Assert.Equal([2, 8, 8], maps["downVit1"].shape);
        Assert.Equal([2, 64, 64], maps["inc.norm"].shape); // the model goes over it in place
    }

    [Theory]
    [MemberData(nameof(Systems))]
    public void EveryLayerThatGivesOneTensorCanBeListenedToAndTheOthersAreRefused(string system)
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = Make(system);
        int side = ModelCatalog.Get(system, Scale.Phantom).ImageSize;
        foreach ((string name, nn.Module layer) in model.named_modules())
        {
            Action? remove = LayerHook.Register(layer, output => output);
            Assert.True(GivesOneTensor(layer) == remove is not null, $"{name}, a {layer.GetType().Name}");
            remove?.Invoke();
            if (remove is null)
                Assert.StartsWith($"The layer {name} does not return a single tensor; choose a layer inside it", Assert.Throws<ArgumentException>(() => GradCam.Explain(model, rand(1, 3, side, side), ones(1, 8), settings: new CamSettings { Layers = [name] })).Message);
        }
    }

    [Fact]
    public void ALayerOfThreeInputsHasAMap()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = Make("TGANet");
        string[] layers = ["up1", "aggregate"];
        using CamMaps maps = GradCam.Explain(model, rand(1, 3, 64, 64), ones(1, 8), Square(1, 64), new CamSettings { Layers = layers, Pixels = CamPixels.TrueLesion });
        Assert.Equal(layers, maps.Layers);
        Assert.All(layers, layer => Assert.Equal(3, maps[layer].dim()));
    }

    [Fact]
    public void WhatCannotBeExplainedIsSaidWithWhatCan()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationModel model = Make("C2FVL");
        const string Cure = "in C2FVL. Layers made for CAMs: up4.nConvs, up3.nConvs, up2.nConvs, up1.nConvs.";
        Assert.Equal($"There is no layer up5 {Cure}", Fault("up5"));
        Assert.Equal($"The layer up4 does not return a single tensor; choose a layer inside it {Cure}", Fault("up4"));
        Assert.Equal($"The layer outc4 does not lead to the mask {Cure}", Fault("outc4"));
        using ToyModel toy = Toy();
        Assert.StartsWith("The layer unused is not called in evaluation mode in Toy.", Assert.Throws<ArgumentException>(() => GradCam.Explain(toy, rand(1, 3, 8, 8), ones(1, 8), settings: new CamSettings { Layers = ["unused"] })).Message);
        Assert.StartsWith("A CAM of the true lesion needs the mask.", Assert.Throws<ArgumentException>(() => GradCam.Explain(toy, rand(1, 3, 8, 8), ones(1, 8), settings: new CamSettings { Pixels = CamPixels.TrueLesion })).Message);
        using CamMaps maps = GradCam.Explain(toy, rand(1, 3, 8, 8), ones(1, 8));
        Assert.StartsWith("There is no CAM of layer outc here. Choose from features.", Assert.Throws<ArgumentException>(() => maps["outc"]).Message);

        string Fault(string layer) =>
            Assert.Throws<ArgumentException>(() => GradCam.Explain(model, rand(1, 3, 64, 64), ones(1, 8), Square(1, 64), new CamSettings { Layers = [layer], Pixels = CamPixels.TrueLesion })).Message;
    }

    [Fact]
    public void TheDefaultsArePlainGradCamOfThePrediction() =>
        Assert.Equal(new CamSettings { Layers = null, Method = CamMethod.GradCam, Pixels = CamPixels.PredictedLesion }, new CamSettings());

    /// <summary>Whether the result type that the layer's class names is a tensor.</summary>
    private static bool GivesOneTensor(nn.Module layer)
    {
        for (Type? type = layer.GetType(); type is not null; type = type.BaseType)
        {
            if (type.Name.StartsWith("Module`", StringComparison.Ordinal))
                return type.GetGenericArguments()[^1] == typeof(Tensor);
        }

        return false;
    }

    private static SegmentationModel Make(string system)
    {
        Seeds.Torch(3, "weights");
        return ModelCatalog.Get(system, Scale.Phantom).Create();
    }

    private static ToyModel Toy()
    {
        Seeds.Torch(4, "weights");
        return new ToyModel();
    }

    private static Tensor Square(long rows, long side)
    {
        Tensor mask = zeros(rows, 1, side, side);
        mask.narrow(2, side / 4, side / 2).narrow(3, side / 8, side / 2).fill_(1);
        return mask;
    }
}

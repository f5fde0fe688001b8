using C2FVL.Data;
using C2FVL.Models;
using C2FVL.Tests.Support;
using C2FVL.Training;

namespace C2FVL.Tests.Training;

public sealed class NnUNetPlanTests
{
    [Fact]
    public void TheFingerprintCountsSizesAndIntensitiesOverallAndInLesions()
    {
        using var folder = new TemporaryFolder();
        Case[] cases = [Picture(folder, "a", 4, 2, 0.2f, 0.8f), Picture(folder, "b", 8, 4, 0.4f, 1f)];
        NnUNetFingerprint found = NnUNetFingerprint.Of(cases);

        Assert.Equal(2, found.Cases);
        Assert.Equal(new SizeRange(2, 3, 4), found.Height);
        Assert.Equal(new SizeRange(4, 6, 8), found.Width);
        Assert.Equal(40, found.Overall.Pixels);

        // The lesion is the left half: 4 pixels of 0.8 and 16 of 1.
        Assert.Equal(20, found.Foreground!.Pixels);
        Assert.Equal(0.96, found.Foreground.Mean, 1e-9);
        Assert.Equal(0.08, found.Foreground.Std, 1e-9);
        Assert.Equal(0.8, found.Foreground.Min, 1e-9);
        Assert.Equal(1, found.Foreground.Median, 1e-9);
        Assert.Equal(0.2, found.Overall.Min, 1e-9);
        Assert.Equal((0.96 + ((4 * 0.2) + (16 * 0.4)) / 20) / 2, found.Overall.Mean, 1e-9);
    }

    [Fact]
    public void MixedKindsAndNoCasesAreRefused()
    {
        using var folder = new TemporaryFolder();
        Case xray = Picture(folder, "a", 4, 4, 0, 1);
        Assert.Contains("Make a plan for each kind.", Assert.Throws<ArgumentException>(() => NnUNetFingerprint.Of([xray, xray with { Kind = ImageKind.CT }])).Message);
        Assert.StartsWith("A fingerprint needs at least one case.", Assert.Throws<ArgumentException>(() => NnUNetFingerprint.Of([])).Message);
    }

    [Theory]
    [InlineData(224, 6)] // 7 at the coarsest
    [InlineData(112, 5)]
    [InlineData(64, 5)] // 4
    [InlineData(256, 7)]
    [InlineData(100, 3)] // 25 is odd
    public void StagesHalveWhileFourPixelsStay(int imageSize, int stages) => Assert.Equal(stages, NnUNetPlan.StagesFor(imageSize));

    [Fact]
    public void ThePlanOfXRaysAt224IsThePublishedNetwork()
    {
        NnUNetPlan plan = NnUNetPlan.From(Fingerprint(ImageKind.XRay), 224);
        Assert.Equal(NnUNetSettings.Published with { MirrorAtTest = false, AugmentIntensities = false }, plan.Model);
        Assert.Equal([32L, 64, 128, 256, 512, 512], plan.Features);
        Assert.Equal(NnUNetSettings.Small with { MirrorAtTest = false, AugmentIntensities = false }, NnUNetPlan.From(Fingerprint(ImageKind.XRay), 112, baseFeatures: 14).Model);
        Assert.Equal(NnUNetSettings.Tiny, NnUNetPlan.From(Fingerprint(ImageKind.XRay), 64, baseFeatures: 7).Model);
    }

    [Fact]
    public void TheBatchFollowsMemoryAndAtMostAShareOfTheData()
    {
        // Down 6,272,000 = 2 (32 x 224^2 + 64 x 112^2 + ... + 512 x 7^2), up 9,332,736 = 3 (32 x 224^2 + ... + 512 x 14^2), masks 66,836.
        NnUNetPlan plan = NnUNetPlan.From(Fingerprint(ImageKind.XRay), 224);
        Assert.Equal(15_738_408, plan.Activations);
        Assert.Equal(65, plan.BatchSize);
        Assert.Equal(16, NnUNetPlan.From(Fingerprint(ImageKind.XRay), 224, memoryGigabytes: 2).BatchSize);
        Assert.Equal(5, NnUNetPlan.From(Fingerprint(ImageKind.XRay, cases: 100), 224).BatchSize);
        Assert.Equal(2, NnUNetPlan.From(Fingerprint(ImageKind.XRay, cases: 10), 224).BatchSize);
    }

    [Fact]
    public void CTIsNormalisedByItsLesions()
    {
        NnUNetSettings model = NnUNetPlan.From(Fingerprint(ImageKind.CT), 64).Model;
        Assert.Equal((NnUNetNormalization.CT, 0.1, 0.9, 0.5, 0.2), (model.Normalization, model.ClipLow, model.ClipHigh, model.Mean, model.Std));
        Assert.Equal(NnUNetNormalization.ZScore, NnUNetPlan.From(Fingerprint(ImageKind.XRay), 64).Model.Normalization);
        Assert.Contains("no lesion pixels", Assert.Throws<ArgumentException>(() => NnUNetPlan.From(Fingerprint(ImageKind.CT) with { Foreground = null }, 64)).Message);
    }

    [Fact]
    public void WhatTheRulesGiveNoNetworkForIsSaid()
    {
        NnUNetFingerprint xray = Fingerprint(ImageKind.XRay);
        Assert.Contains("Crop the images", Assert.Throws<ArgumentException>(() => NnUNetPlan.From(xray with { Width = new SizeRange(448, 448, 448) }, 224)).Message);
        Assert.Contains("nnU-Net would cut smaller patches", Assert.Throws<ArgumentException>(() => NnUNetPlan.From(xray, 1024)).Message);
        Assert.Contains("nnUNet's Stages is 1", Assert.Throws<ArgumentException>(() => NnUNetPlan.From(xray, 225)).Message);
    }

    [Fact]
    public void TheFileHoldsThePlanByName()
    {
        using var folder = new TemporaryFolder();
        string path = folder["plan.json"];
        NnUNetPlan.From(Fingerprint(ImageKind.CT), 224).Save(path);
        string text = File.ReadAllText(path);
        Assert.Contains("\"Normalization\": \"CT\"", text);
        Assert.Contains("\"Activations\": 15738408", text);
    }

    [Fact]
    public void TheTrainingPresetIsInRangeAndRunsToTheEnd()
    {
        TrainingSettings settings = NnUNetPlan.Training(12, epochs: 100);
        settings.Validate();
        Assert.Equal((1e-2, 3e-5, 12.0, 100), (settings.LearningRate, settings.WeightDecay, settings.GradientClip, settings.EarlyStop));
        Assert.Equal(1e-2 * Math.Pow(0.5, 0.9), settings.LearningRateAt(50, 100), 1e-12);
    }

    [Fact]
    public void TheLossIsBatchDiceAndPlainCrossEntropy()
    {
        LossSettings loss = NnUNetPlan.Loss;
        Assert.Equal((1.0, 1.0, DiceKind.BatchForeground, CrossEntropyKind.Plain), (loss.Dice, loss.Bce, loss.DiceKind, loss.CrossEntropy));
        Assert.Equal((0.5, true, CosineAlignment.None), (loss.DeepDecay, loss.NearestTargets, loss.Cosine));
    }

    [Fact]
    public void RealXRaysHaveAPlan()
    {
        string root = SharedData.Require("data/QaTa-COV19/Val_Folder");
        Case[] cases = [.. Directory.EnumerateFiles(Path.Combine(root, "img")).Order(StringComparer.Ordinal).Take(20)
            .Select(image => new Case(Path.GetFileNameWithoutExtension(image), image, Path.Combine(root, "labelcol", "mask_" + Path.GetFileName(image)), null, null, ImageKind.XRay))];
        NnUNetFingerprint found = NnUNetFingerprint.Of(cases);
        Assert.Equal(new SizeRange(224, 224, 224), found.Height);
        Assert.InRange(found.Overall.Mean, 0.2, 0.8);
        Assert.True(found.Foreground!.Pixels < found.Overall.Pixels);
        Assert.Equal((1.0, 1.0), (NnUNetPlan.From(found, 224).SpacingDown, NnUNetPlan.From(found, 224).SpacingAcross));
    }

    /// <summary>A picture with its lesion in the left half.</summary>
    private static Case Picture(TemporaryFolder folder, string name, int width, int height, float background, float lesion)
    {
        var image = new GrayImage(width, height);
        var mask = new BinaryMask(width, height);
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                mask[row, column] = column < width / 2;
                image[row, column] = column < width / 2 ? lesion : background;
            }
        }

        ImageFile.Write(folder[name + ".png"], image);
        ImageFile.Write(folder[name + "_mask.png"], mask);
        return new Case(name, folder[name + ".png"], folder[name + "_mask.png"], null, null, ImageKind.XRay);
    }

    private static NnUNetFingerprint Fingerprint(ImageKind kind, int cases = 5716) => new()
    {
        Cases = cases,
        Kind = kind,
        Height = new SizeRange(224, 224, 224),
        Width = new SizeRange(224, 224, 224),
        Overall = new IntensityStatistics(cases * 224L * 224, 0.5, 0.25, 0, 0, 0.5, 1, 1),
        Foreground = new IntensityStatistics(cases * 5000L, 0.5, 0.2, 0, 0.1, 0.5, 0.9, 1),
    };
}

using System.Text.Json;
using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Models;
using C2FVL.Tests.Experiments;
using C2FVL.Tests.Support;
using C2FVL.Training;
using C2FVL.Workbook.Commands;
using C2FVL.Workbook.Prediction;
using static TorchSharp.torch;

namespace C2FVL.Tests.Workbook.Commands;

/// <summary>
/// <c>predict --images</c> with real files: a folder of images, a sheet of reports, weights of a network.
/// </summary>
[Collection(nameof(SeededTorch))]
public sealed class PredictFolderCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly RunSpec spec;
    private readonly string weights;
    private readonly Case[] cases;

    public PredictFolderCommandTests()
    {
        spec = TinyRun.Spec(folder["data"]);
        weights = Save("a.safetensors", 1);
        cases = [.. DatasetReader.Read(spec.Data.Set).Cases.Where(c => c.GivenPart == Part.Test)];
        Directory.CreateDirectory(folder["in"]);
        foreach (Case item in cases)
            File.Copy(item.ImagePath, folder["in", item.Id + ".png"]);
        ImageFile.Write(folder["in", "wide.png"], new GrayImage(50, 40));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task EveryImageGetsItsMaskAndRowAndABadOneStopsNoOther()
    {
        File.WriteAllText(folder["in", "broken.png"], "no picture");
        File.WriteAllText(folder["reports.csv"], $"""
            Image,Description
            mask_{cases[0].Id}.png,"{cases[0].Report!.ToSentence()}"
            {cases[1].Id},bilateral lower lobe opacities
            {cases[2].Id}.png,patchy opacities in the right lung
            nobody.png,2 lesions in the right lung

            """);
        (int code, string said) = await Predict("--reports", folder["reports.csv"], "--overlays", "--probabilities");
        Assert.Equal(1, code);
        Assert.Contains($"error: {folder["in", "broken.png"]}: ", said);
        Assert.Contains("its report is not understood.", said);
        Assert.Contains("\"patchy\"", said);
        Assert.Contains("2 of 6 images were not predicted", said);
        Assert.Contains("rows that name no image of this folder: 1", said);
        Assert.Contains("has no report of 3 of the 6 images", said);

        string[] lines = File.ReadAllLines(folder["out", "predictions.csv"]);
        Assert.Equal("file,report,lesion_pixels,lesion_percent,seconds", lines[0]);
        PredictionRow[] rows = [.. PredictionsFile.Read(folder["out", "predictions.csv"])];
        Assert.Equal([cases[0].Id + ".png", cases[1].Id + ".png", cases[3].Id + ".png", "wide.png"], rows
            .Select(row => row.File));
        Assert.Equal(cases[0].Report!.ToSentence(), rows[0].Report);
        Assert.Equal(
            "Bilateral pulmonary infection, two infected areas, lower left lung and lower right lung.", rows[1].Report);
        Assert.Equal("", rows[3].Report);
        using SegmentationModel model = spec.Model.Create();
        Weights.Load(model, weights);
        foreach (PredictionRow row in rows)
        {
            string name = Path.GetFileNameWithoutExtension(row.File);
            GrayImage image = ImageFile.Read(folder["in", row.File]);
            BinaryMask mask = ImageFile.ReadMask(folder["out", name + "-mask.png"]);
            Assert.Equal((image.Width, image.Height), (mask.Width, mask.Height));
            Assert.Equal(mask.Area, row.LesionPixels);
            Assert.Equal(100.0 * mask.Area / mask.Pixels.Length, row.LesionPercent, 3);
            Assert.True(File.Exists(folder["out", name + "-overlay.png"]));
            LesionReport? report = row.Report.Length > 0 ? LesionReport.Parse(row.Report) : null;
            GrayImage alone = Predictor.Predict(model, image, report, 32), written = ImageFile
                .Read(folder["out", name + "-probability.png"]);
            Assert.All(alone.Pixels.Zip(written.Pixels), p => Assert.Equal(p.First, p.Second, 0.004));
        }
    }

    [Fact]
    public async Task StartedAgainItDoesWhatIsLeftAlone()
    {
        Assert.Equal(0, (await Predict()).Code);
        string kept = folder["out", "wide-mask.png"], gone = folder["out", cases[0].Id + "-mask.png"];
        byte[] was = File.ReadAllBytes(gone);
        DateTime written = File.GetLastWriteTimeUtc(kept);
        File.Delete(gone);
        (int code, string said) = await Predict();
        Assert.Equal(0, code);
        Assert.Contains("4 of 5 images were already predicted", said);
        Assert.Contains("5 of 5 images predicted", said);
        Assert.Equal(was, File.ReadAllBytes(gone));
        Assert.Equal(written, File.GetLastWriteTimeUtc(kept));

        (_, said) = await Predict("--text", "2 lesions in the right lung"); // another report: all again
        Assert.DoesNotContain("already predicted", said);
        (code, said) = await Predict("--flip-at-test");
        Assert.Equal(1, code);
        Assert.Contains($"{folder["out"]} contains predictions of other weights or settings", said);
    }

    [Fact]
    public void StoppedInTheMiddleItGoesOnFromThere()
    {
        var settings = new PredictionSettings { Folder = folder["out"], BatchSize = 1 };
        TrainedWeights[] networks = [new(weights, null, spec.Model)];
        for (int i = 0; i < 100; i++) // more than wait to be written when the network is fast
            File.Copy(cases[0].ImagePath, folder["in", $"copy-{i}.png"]);
        string[] images = [.. FolderPrediction.ImagesIn(folder["in"], _ => { })];
        using TrainedModel model = TrainedModel.Load(networks, CPU, _ => { });
        using var stop = new CancellationTokenSource();
        FolderPrediction first = New();
        Assert.ThrowsAny<OperationCanceledException>(() => first.Run(model, _ => stop.Cancel(), stop.Token));
        Assert.InRange(first.Rows.Count, 1, 104);
        FolderPrediction second = New();
        Assert.Equal(first.Rows.Count, second.Kept);
        second.Run(model, _ => { }, CancellationToken.None);
        Assert.Equal(105, second.Rows.Count);
        Assert.Equal(105, PredictionsFile.Read(folder["out", "predictions.csv"]).Count);

        FolderPrediction New()
        {
            var prediction = new FolderPrediction(settings);
            prediction.Prepare(images, networks, _ => (null, null));
            return prediction;
        }
    }

    [Fact]
    public async Task OfSeveralWeightsTheMeanIsTakenAndJsonSaysSo()
    {
        string other = Save("b.safetensors", 2);
        (int code, string output, string errors) = await ConsoleRun.Streams(
            PredictCommand.Create(),
            "--images", folder["in"], "--out",
                folder["out"], "--weights", weights, other, "--probabilities", "--flip-at-test", "--json",
            "--text", "2 lesions in the right lung");
        Assert.Equal(0, code);
        using JsonDocument json = JsonDocument.Parse(output);
        Assert.Equal("mean of 2 networks (C2FVL)", json.RootElement.GetProperty("network").GetString());
        Assert.Equal(5, json.RootElement.GetProperty("predictions").GetArrayLength());
        Assert.Equal(0, json.RootElement.GetProperty("failed").GetArrayLength());
        Assert.Contains("5 of 5 images predicted", errors);

        // By hand: both networks, each on the image and its flip with the report's sides exchanged.
        LesionReport report = TypedReport.Read("2 lesions in the right lung").Report;
        GrayImage image = ImageFile.Read(folder["in", cases[0].Id + ".png"]);
        float[][] all = [.. new[] { weights, other }.SelectMany(file =>
        {
            using SegmentationModel model = spec.Model.Create();
            Weights.Load(model, file);
            float[] flipped = Predictor.Predict(model, Flip(image), report.FlipHorizontal(), 32).Pixels;
            return new[] { Predictor.Predict(model, image, report, 32).Pixels,
                Flip(new GrayImage(image.Width, image.Height, flipped)).Pixels };
        })];
        GrayImage written = ImageFile.Read(folder["out", cases[0].Id + "-probability.png"]);
        for (int i = 0; i < written.Pixels.Length; i++)
            Assert.Equal(all.Average(one => one[i]), written.Pixels[i], 0.004);
    }

    [Theory]
    [InlineData("an unknown word: \"patchy\"", "--text", "patchy opacity in the left lung")]
    [InlineData("either --image FILE or --images DIR", "--image", "x.png")]
    [InlineData("not both", "--text", "2 lesions in the right lung", "--reports", "x.csv")]
    [InlineData("would be read as images", "--out", "IN")]
    [InlineData("there is no such sheet", "--reports", "none.csv")]
    public async Task WhatCannotBeIsRefusedBeforeAnyPrediction(string said, params string[] more)
    {
        (int code, string all) = await ConsoleRun.Of(
            PredictCommand.Create(),
            ["--images", folder["in"], "--weights", weights, .. more.Select(one => one == "IN" ? folder["in"] : one),
                .. more.Contains("--out") ? Array.Empty<string>() : ["--out", folder["out"]]]);
        Assert.Equal(1, code);
        if (!more.Contains("none.csv"))
            Assert.Contains(said, all);
        else
            Assert.Contains("none.csv", all);
        Assert.False(Directory.Exists(folder["out"]));
    }

    private Task<(int Code, string Said)> Predict(params string[] options) =>
        ConsoleRun.Of(PredictCommand.Create(),
            ["--images", folder["in"], "--out", folder["out"], "--weights", weights, .. options]);

    /// <summary>A network with random weights as a run saves its own, far enough from one half to tell.</summary>
    private string Save(string name, long seed)
    {
        manual_seed(seed);
        using SegmentationModel model = spec.Model.Create();
        Weights.Save(model, folder[name], new Dictionary<string, string> { ["spec"] = spec.ToJson() });
        return folder[name];
    }

    private static GrayImage Flip(GrayImage image)
    {
        var flipped = new GrayImage(image.Width, image.Height);
        for (int row = 0; row < image.Height; row++)
        {
            for (int column = 0; column < image.Width; column++)
                flipped[row, column] = image[row, image.Width - 1 - column];
        }

        return flipped;
    }
}

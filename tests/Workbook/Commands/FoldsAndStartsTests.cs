using System.Text.Json;
using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Tests.Experiments;
using C2FVL.Tests.Support;
using C2FVL.Training;
using C2FVL.Workbook.Commands;

namespace C2FVL.Tests.Workbook.Commands;

/// <summary>
/// <c>train --folds</c> and <c>--from</c>, and what evaluate makes of several weights, with runs of a few seconds.
/// </summary>
[Collection(nameof(SeededTorch))]
public sealed class FoldsAndStartsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string? before = Environment.GetEnvironmentVariable("C2FVL_RUNS");
    private readonly RunSpec spec;

    public FoldsAndStartsTests()
    {
        Environment.SetEnvironmentVariable("C2FVL_RUNS", folder["runs"]);
        spec = TinyRun.Spec(folder["data"]);
        File.WriteAllText(folder["spec.json"], spec.ToJson());
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("C2FVL_RUNS", before);
        folder.Dispose();
    }

    [Fact]
    public async Task FoldsTrainEvaluateAsAnEnsembleAndShowTheirSpread()
    {
        (int code, string output, string errors) = await ConsoleRun.Streams(
            TrainCommand.Create(), "--spec", folder["spec.json"], "--folds", "2", "--json");
        Assert.Equal(0, code);
        Assert.Contains("fold 2 of 2", errors);
        Assert.Contains("mean ± sd", errors);
        Assert.Contains("All folds are tested on the same cases", errors);
        using JsonDocument json = JsonDocument.Parse(output);
        JsonElement[] folds = [.. json.RootElement.GetProperty("folds").EnumerateArray()];
        Assert.Equal([1, 2], folds.Select(fold => fold.GetProperty("fold").GetInt32()));
        string[] weights = [.. folds.Select(fold => fold.GetProperty("weights").GetString()!)];
        double[] dice = [.. folds.Select(fold =>
            fold.GetProperty("test").GetProperty("meanDice").GetProperty("value").GetDouble())];
        Assert.Equal(dice.Average(), json.RootElement.GetProperty("meanDice").GetProperty("mean").GetDouble(), 12);
        string[][] val = [.. weights.Select(file => Lists(file, "val"))];
        Assert.Equal(
            10, val.SelectMany(ids => ids).Distinct().Count()); // 8 for training and 2 for validation, each once

        string ensemble = await Evaluate([.. weights.Prepend("--weights")]);
        Assert.Contains("mean of 2 networks (C2FVL), Test cases", ensemble);
        CaseScore[] named = [.. CaseScoreFile.Read(folder["cases.csv"])];
        ensemble = await Evaluate("--spec", folder["spec.json"], "--folds", "2"); // finds the folds by itself
        Assert.DoesNotContain("too optimistic", ensemble);
        SameScores.In(named, CaseScoreFile.Read(folder["cases.csv"]));
        ensemble = await Evaluate([.. weights.Prepend("--weights"), "--part", "Val"]);
        Assert.Contains($"{weights[1]} was trained on 5 of these 5 cases, so the scores are too optimistic", ensemble);
    }

    [Fact]
    public async Task WithoutATestSetEachCaseIsTestedInOneFold()
    {
        foreach ((string from, string to) in new[] { ("img", "images"), ("labelcol", "masks") })
        {
            Directory.CreateDirectory(folder["own", to]);
            foreach (string file in Directory.GetFiles(Path.Combine(spec.Data.Set, "Train_Folder", from), "*.png"))
                File.Copy(file, folder["own", to, Path.GetFileName(file)]);
        }

        (int code, string said) = await ConsoleRun.Of(
            TrainCommand.Create(), "--spec",
                folder["spec.json"], "--data", folder["own"], "--text", "Missing", "--folds", "3");
        Assert.Equal(0, code);
        Assert.Contains("all 8 cases, each tested in one fold: mean Dice", said);
        Assert.Contains("fold 3 of 3 by patient (seed 666)", said);
        (code, said) = await ConsoleRun.Of(
            TrainCommand.Create(), "--spec",
                folder["spec.json"], "--data", folder["own"], "--text", "Missing", "--folds", "3", "--fold", "2");
        Assert.Equal(0, code);
        Assert.Contains("loaded, finished on", said);
        Assert.Equal(3, Directory.GetDirectories(folder["runs", "phantom"]).Length);
        (code, said) = await ConsoleRun.Of(TrainCommand.Create(), "--spec", folder["spec.json"], "--fold", "2");
        Assert.Equal(1, code);
        Assert.Contains("Add --folds", said);
    }

    [Fact]
    public async Task ATrainingFromWeightsSaysWhatItTookAndIsARunOfItsOwn()
    {
        await Train();
        string first = Directory.GetDirectories(folder["runs", "phantom"])
            .Single(), weights = Path.Combine(first, Trainer.BestName);
        string said = await Train("--from", weights);
        Assert.Contains($"starts from {weights}: ", said);
        Assert.Contains("entries are loaded.", said);
        string second = Directory.GetDirectories(folder["runs", "phantom"]).Single(own => own != first);
        Assert.Contains("entries are loaded.", File.ReadAllText(Path.Combine(second, "from.txt")));
        Assert.Equal(weights, RunSpec.Load(Path.Combine(second, "spec.json")).From!.Path);
        Assert.NotEqual(HistoryFile.Read(Path.Combine(first, "history.csv"))[0].Loss, HistoryFile
            .Read(Path.Combine(second, "history.csv"))[0].Loss);
        Assert.DoesNotContain("too optimistic", said);
        Assert.Contains("loaded, finished on", await Train("--from", weights));
        Assert.Matches(
            $@"{System.Text.RegularExpressions.Regex.Escape(weights)} was trained on [1-9]\d* of the \d+ validation "
                + "images and 0 of the 4 test images, so their scores are too optimistic",
            await Train("--from", weights, "--folds", "2", "--fold", "1"));

        // By the options alone: network and preset are the file's, and a file that is none of a network is refused.
        (int code, said) = await ConsoleRun
            .Of(TrainCommand.Create(), "--from", weights, "--data", spec.Data.Set, "--dry-run");
        Assert.Equal(0, code);
        Assert.Contains("32 x 32", said);
        Assert.Contains("starts from", said);
        (code, said) = await ConsoleRun
            .Of(TrainCommand.Create(), "--spec", folder["spec.json"], "--from", folder["none.pth"]);
        Assert.Equal(1, code);
        Assert.Contains($"{folder["none.pth"]} does not exist, so no run can start from it", said);
    }

    [Fact]
    public async Task TrainAndEvaluateGiveJsonAlone()
    {
        (int code, string output, _) = await ConsoleRun
            .Streams(TrainCommand.Create(), "--spec", folder["spec.json"], "--json");
        Assert.Equal(0, code);
        using JsonDocument trained = JsonDocument.Parse(output);
        string weights = trained.RootElement.GetProperty("weights").GetString()!;
        (code, output, string errors) = await ConsoleRun
            .Streams(EvaluateCommand.Create(), "--weights", weights, "--json");
        Assert.Equal(0, code);
        using JsonDocument scored = JsonDocument.Parse(output);
        Assert.Equal(
            trained.RootElement.GetProperty("test").GetProperty("pooledDice").GetRawText(),
            scored.RootElement.GetProperty("scores").GetProperty("pooledDice").GetRawText());
        Assert.Equal("Test", scored.RootElement.GetProperty("part").GetString());
        Assert.Contains("4 cases of", errors);
        (code, output, errors) = await ConsoleRun
            .Streams(EvaluateCommand.Create(), "--weights", folder["none"], "--json");
        Assert.Equal((1, ""), (code, output));
        Assert.Contains("error: ", errors);

        (code, output, _) = await ConsoleRun.Streams(CheckDataCommand.Create(), spec.Data.Set, "--json");
        Assert.Equal(0, code);
        using JsonDocument check = JsonDocument.Parse(output);
        Assert.Equal(14, check.RootElement.GetProperty("cases").GetInt32());
        Assert.Equal(8, check.RootElement.GetProperty("sets").GetProperty("Train").GetInt32());
        Assert.Equal(0, check.RootElement.GetProperty("faults").GetArrayLength());
    }

    private async Task<string> Train(params string[] options)
    {
        (int code, string said) = await ConsoleRun
            .Of(TrainCommand.Create(), ["--spec", folder["spec.json"], .. options]);
        Assert.Equal(0, code);
        return said;
    }

    private async Task<string> Evaluate(params string[] options)
    {
        (int code, string said) = await ConsoleRun
            .Of(EvaluateCommand.Create(), [.. options, "--out", folder["cases.csv"]]);
        Assert.True(code == 0, said);
        return said;
    }

    private static string[] Lists(string weights, string part)
    {
        using JsonDocument split = JsonDocument
            .Parse(File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(weights)!, "split.json")));
        return [.. split.RootElement.GetProperty(part).EnumerateArray().Select(id => id.GetString()!)];
    }
}

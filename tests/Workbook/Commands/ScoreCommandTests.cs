using System.Text.Json;
using C2FVL.Data;
using C2FVL.Phantoms;
using C2FVL.Evaluation;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Commands;

namespace C2FVL.Tests.Workbook.Commands;

public sealed class ScoreCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string? before = Environment.GetEnvironmentVariable("C2FVL_RUNS");
    private readonly string set;
    private readonly Case[] cases;

    public ScoreCommandTests()
    {
        Environment.SetEnvironmentVariable("C2FVL_RUNS", folder["runs"]);
        set = PhantomFolder.Write(folder["data"], new PhantomSettings { Size = 32, Train = 4, Val = 2, Test = 6 });
        cases = [.. DatasetReader.Read(set).Cases.Where(c => c.GivenPart == Part.Test)];
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("C2FVL_RUNS", before);
        folder.Dispose();
    }

    [Fact]
    public async Task MasksOfAnyNameAreScoredAtTheirOwnSizeAsByHand()
    {
        string[] forms = ["{0}.png", "{0}-mask.png", "{0}_mask.png", "mask_{0}.png"];
        CaseScore[] byHand =
            [.. cases.Select((item, i) => Write("a", string.Format(forms[i % 4], item.Id), item, rows: 3))];
        ImageFile.Write(folder["a", "other.png"], new BinaryMask(3, 3));
        (int code, string said) = await Score("a", "--out", folder["cases.csv"]);
        Assert.Equal(0, code);
        Assert.Contains("6 cases of", said);
        Assert.Contains("note: 1 other images in", said);
        Assert.Equal(byHand, CaseScoreFile.Read(folder["cases.csv"]));
    }

    [Fact]
    public async Task TwoFoldersAreComparedCaseByCase()
    {
        CaseScore[] a = [.. cases.Select(item => Write("a", item.Id + ".png", item, rows: 0))];
        CaseScore[] b = [.. cases.Select((item, i) => Write("b", item.Id + ".png", item, rows: 1 + i))];
        PairedComparison expected = PairedComparison.Of(b, a);
        (int code, string output, string errors) = await ConsoleRun.Streams(
            ScoreCommand.Create(), folder["a"], "--data", set, "--against", folder["b"], "--json");
        Assert.Equal(0, code);
        using JsonDocument json = JsonDocument.Parse(output);
        JsonElement difference = json.RootElement.GetProperty("difference");
        Assert.Equal(expected.MeanDiceDifference.Value, difference
            .GetProperty("meanDiceDifference").GetProperty("value").GetDouble());
        Assert.Equal(expected.PValue, difference.GetProperty("pValue").GetDouble());
        Assert.Equal(a.Average(score => score.Dice), json.RootElement
            .GetProperty("scores").GetProperty("meanDice").GetProperty("value").GetDouble(), 12);
        Assert.Contains($"{folder["a"]} minus {folder["b"]}", errors);
        Assert.Contains("sign flips of patients", errors);
    }

    [Fact]
    public async Task WhatLacksOrDoesNotFitIsNamedAndNothingIsScored()
    {
        foreach (Case item in cases[1..])
            Write("a", item.Id + ".png", item, rows: 0);
        (int code, string said) = await Score("a");
        Assert.Equal(1, code);
        Assert.Contains("1 of 6 cases have no mask there", said);
        Assert.Contains(cases[0].Id, said);
        ImageFile.Write(folder["a", cases[0].Id + ".png"], new BinaryMask(16, 16));
        File.WriteAllText(folder["a", cases[1].Id + ".png"], "no picture");
        (code, said) = await Score("a");
        Assert.Equal(1, code);
        Assert.Contains("2 masks cannot be scored", said);
        Assert.Contains("it is 16 x 16, but the mask of", said);
        Assert.Contains(folder["a", cases[1].Id + ".png"], said);
        Assert.DoesNotContain("Dice", said);
    }

    [Fact]
    public async Task WithoutSetsAllCasesAreScored()
    {
        foreach ((string from, string to) in new[] { ("img", "images"), ("labelcol", "masks") })
        {
            Directory.CreateDirectory(folder["own", to]);
            foreach (string file in Directory.GetFiles(Path.Combine(set, "Test_Folder", from), "*.png"))
                File.Copy(file, folder["own", to, Path.GetFileName(file)]);
        }

        (int code, string said) = await ConsoleRun
            .Of(ScoreCommand.Create(), folder["own", "masks"], "--data", folder["own"]);
        Assert.Equal(0, code);
        Assert.Contains($"6 cases of own ({folder["own"]}), own, all cases, each at its image's own size", said);
        Assert.Contains("100.00 [100.00, 100.00]", said);
        (code, said) = await ConsoleRun
            .Of(ScoreCommand.Create(), folder["own", "masks"], "--data", folder["own"], "--part", "Test");
        Assert.Equal(1, code);
        Assert.Contains("has no training, validation and test set", said);
    }

    private Task<(int Code, string Said)> Score(string name, params string[] options) =>
        ConsoleRun.Of(ScoreCommand.Create(), [folder[name], "--data", set, .. options]);

    /// <summary>The case's mask with its first rows of lesion left out.</summary>
    private CaseScore Write(string into, string name, Case item, int rows)
    {
        BinaryMask truth = item.ReadMask(), predicted = new(truth.Width, truth.Height, [.. truth.Pixels]);
        int first = Array.IndexOf(predicted.Pixels, (byte)1) / truth.Width;
        Array.Clear(predicted.Pixels, first * truth.Width, rows * truth.Width);
        Directory.CreateDirectory(folder[into]);
        ImageFile.Write(folder[into, name], predicted);
        return CaseScore.Of(item.Id, item.Group, predicted, truth);
    }
}

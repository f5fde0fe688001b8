using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Tests.Experiments;
using C2FVL.Tests.Support;
using C2FVL.Training;
using C2FVL.Workbook.Commands;

namespace C2FVL.Tests.Workbook.Commands;

/// <summary><c>evaluate</c> and <c>predict</c>, with the weights of a run of a few seconds.</summary>
[Collection(nameof(SeededTorch))]
public sealed class TrainedRunCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Run run;
    private readonly string weights;

    public TrainedRunCommandTests()
    {
        run = new RunStore(folder["runs"], folder["results"]).GetOrTrain(TinyRun.Spec(folder["data"]));
        weights = Path.Combine(run.Folder, Trainer.BestName);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task EvaluateGivesTheRunsOwnScores()
    {
        (int code, string said) = await ConsoleRun.Of(EvaluateCommand.Create(), "--spec", Path.Combine(run.Folder, "spec.json"), "--weights", weights, "--out", folder["cases.csv"]);
        Assert.Equal(0, code);
        Assert.Contains("4 cases of", said);
        SameScores.In(run.Cases, CaseScoreFile.Read(folder["cases.csv"]));
        Assert.Contains("seconds per predicted case", said);
    }

    [Fact]
    public async Task EvaluateTakesNetworkTextAndDataFromTheWeights()
    {
        (int code, string said) = await ConsoleRun.Of(EvaluateCommand.Create(), "--weights", weights, "--out", folder["cases.csv"]);
        Assert.Equal(0, code);
        Assert.Contains("reports understood: Test 4 of 4", said);
        Assert.Equal(run.Cases.Select(c => c.Intersection), CaseScoreFile.Read(folder["cases.csv"]).Select(c => c.Intersection));
    }

    [Theory]
    [InlineData("--scale", "mini", "phantom")]
    [InlineData("--model", "UNet", "C2FVL")]
    [InlineData("--text", "Missing", "Correct")]
    public async Task AnOptionThatContradictsTheWeightsIsRefused(string option, string value, string has)
    {
        (int code, string said) = await ConsoleRun.Of(EvaluateCommand.Create(), "--weights", weights, option, value);
        Assert.Equal(1, code);
        Assert.Contains($"contradicts {weights}, which was trained as {has}. Leave the option out", said);
        if (option == "--text")
            return;
        (code, said) = await ConsoleRun.Of(PredictCommand.Create(), "--weights", weights, "--image", folder["chest.png"], option, value);
        Assert.Equal(1, code);
        Assert.Contains($"contradicts {weights}", said);
    }

    [Fact]
    public async Task ANetworkTrainedWithoutReportsEvaluatesWithoutAndTakesNoSentence()
    {
        Run without = new RunStore(folder["runs"], folder["results"]).GetOrTrain(run.Spec with { Text = TextMode.Missing });
        string own = Path.Combine(without.Folder, Trainer.BestName);
        (int code, string said) = await ConsoleRun.Of(EvaluateCommand.Create(), "--weights", own, "--out", folder["cases.csv"]);
        Assert.Equal(0, code);
        Assert.Contains("text Missing", said);
        Assert.Equal(without.Cases.Select(c => c.Intersection), CaseScoreFile.Read(folder["cases.csv"]).Select(c => c.Intersection));
        Assert.DoesNotContain("note: ", said);
        (_, said) = await ConsoleRun.Of(EvaluateCommand.Create(), "--weights", own, "--given-text", "Correct");
        Assert.Contains("was trained without reports (text Missing) and gets text Correct, which it never saw", said);
        (code, said) = await ConsoleRun.Of(PredictCommand.Create(), "--weights", own, "--image", folder["chest.png"], "--text", "Bilateral pulmonary infection, two infected areas, lower left lung and lower right lung.");
        Assert.Equal(1, code);
        Assert.Contains("was trained without reports", said);
    }

    [Fact]
    public async Task PatientSidesExchangeLeftAndRight()
    {
        ImageFile.Write(folder["chest.png"], new GrayImage(32, 32));
        (int code, string said) = await ConsoleRun.Of(PredictCommand.Create(), "--weights", weights, "--image", folder["chest.png"], "--out", folder["out"], "--patient-sides", "--text", "Unilateral pulmonary infection, one infected area, lower left lung.");
        Assert.Equal(0, code);
        Assert.Contains("sides of the image: Unilateral pulmonary infection, one infected area, lower right lung.", said);
        (_, said) = await ConsoleRun.Of(PredictCommand.Create(), "--weights", weights, "--image", folder["chest.png"], "--out", folder["out"], "--text", "Unilateral pulmonary infection, one infected area, lower left lung.");
        Assert.Contains("one infected area, lower left lung.", said);
    }

    [Fact]
    public async Task EvaluateWithoutWeightsSaysWhatMakesThem()
    {
        (int code, string said) = await ConsoleRun.Of(EvaluateCommand.Create(), "--spec", Path.Combine(run.Folder, "spec.json"), "--seed", "7");
        Assert.Equal(1, code);
        Assert.Contains("Run 'workbook train' with the same options first", said);
        (code, said) = await ConsoleRun.Of(EvaluateCommand.Create(), "--weights", folder["none.safetensors"]);
        Assert.Equal(1, code);
        Assert.Contains(folder["none.safetensors"], said);
    }

    [Fact]
    public async Task PredictWritesAMaskOfThePicturesSizeAndAnOverlay()
    {
        ImageFile.Write(folder["chest.png"], new GrayImage(50, 40));
        (int code, string said) = await ConsoleRun.Of(
            PredictCommand.Create(), "--image", folder["chest.png"], "--text", "Bilateral pulmonary infection, one infected area, lower left lung.", "--weights", weights, "--out", folder["out"]);
        Assert.Equal(0, code);
        Assert.Contains("note: the sentence contradicts itself", said);
        GrayImage mask = ImageFile.Read(folder["out", "chest-mask.png"]);
        Assert.Equal((50, 40), (mask.Width, mask.Height));
        Assert.True(File.Exists(folder["out", "chest-overlay.png"]));
    }

    [Fact]
    public async Task PredictNamesAPictureThatItCannotRead()
    {
        File.WriteAllText(folder["chest.png"], "no picture");
        (int code, string said) = await ConsoleRun.Of(PredictCommand.Create(), "--image", folder["chest.png"], "--weights", weights);
        Assert.Equal(1, code);
        Assert.Contains(folder["chest.png"], said);
    }
}

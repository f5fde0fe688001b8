using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Tests.Evaluation;
using C2FVL.Tests.Support;
using C2FVL.Training;

namespace C2FVL.Tests.Experiments;

public sealed class ComparisonTests
{
    [Fact]
    public void MethodsStandInTheOrderOfTable1WithTheirParametersAndScores()
    {
        Comparison comparison = Comparison.Of([Of("C2FVL", 0.8), Of("UNet", 0.6)]);

        Assert.Equal(["UNet", "C2FVL"], comparison.Methods.Select(method => method.Name));
        ComparedMethod c2fvl = comparison.Find("C2FVL")!;
        Assert.Equal(337_424, c2fvl.Parameters);
        Assert.Equal(ScoreSummary.Of(c2fvl.Runs[0].Cases), c2fvl.Scores);
        Assert.Null(comparison.Find("AttUNet"));
    }

    [Fact]
    public void EachMethodIsTestedAgainstTheReferenceAndHolmCorrectsForTheirNumber()
    {
        Run reference = Of("C2FVL", 0.8), unet = Of("UNet", 0.6), attention = Of("AttUNet", 0.8, noise: 7);
        Comparison comparison = Comparison.Of([unet, attention, reference]);

        Assert.Null(comparison.Find("C2FVL")!.Difference);
        Assert.Equal(double.NaN, comparison.Find("C2FVL")!.CorrectedP);
        Assert.Equal(PairedComparison.Of(reference.Cases, unet.Cases), comparison.Find("UNet")!.Difference);
        double[] raw = [.. new[] { "UNet", "AttUNet" }.Select(name => comparison.Find(name)!.Difference!.PValue)];
        Assert.Equal(HolmCorrection.Adjust(raw), new[] { "UNet", "AttUNet" }.Select(name => comparison.Find(name)!.CorrectedP));
        Assert.True(comparison.Find("UNet")!.CorrectedP < 0.01 && comparison.Find("AttUNet")!.CorrectedP > 0.05);
    }

    [Fact]
    public void EveryMethodOfTheTrackedTableHasARowThatSaysWhetherItIsThePreset()
    {
        var store = new RunStore();
        foreach (ImageKind kind in Enum.GetValues<ImageKind>())
        {
            Comparison mini = Comparison.Find(store, Scale.Mini, kind);
            Assert.Equal(ModelCatalog.Names, mini.Methods.Select(method => method.Name));
            foreach (ComparedMethod method in mini.Methods)
            {
                RunSpec preset = Presets.For(Scale.Mini, kind, method.Name);
                Assert.Equal(preset.Portable.ToJson() != method.Runs[0].Spec.Portable.ToJson(), method.EarlierForm.Length > 0);
            }
        }
    }

    [Fact]
    public void ATrialOfAnotherLearningRateIsNoEarlierForm()
    {
        using var folder = new TemporaryFolder();
        Run trial = Of("UNet", 0.6), former = Of("UNet", 0.5);
        trial = trial with { Spec = trial.Spec with { Training = trial.Spec.Training with { LearningRate = 0.5 } } };
        former = former with { Spec = former.Spec with { Augmentation = Augmentation.TextBlind } };
        var store = new RunStore(folder["runs"], folder["tracked"]);
        RunSpec preset = Presets.For(Scale.Phantom, model: "UNet");
        Write(trial);
        Assert.Null(store.FindEarlierForm(preset));
        Write(former);
        Assert.Equal(former.Spec, store.FindEarlierForm(preset)!.Spec);
        Assert.Equal("Augmentation=TextBlind", Comparison.Find(store, Scale.Phantom, ImageKind.XRay).Find("UNet")!.EarlierForm);

        void Write(Run run)
        {
            string own = folder[Path.Combine("tracked", "phantom", run.Spec.Name)];
            Directory.CreateDirectory(own);
            File.WriteAllText(Path.Combine(own, "spec.json"), run.Spec.ToJson());
            HistoryFile.Write(
                Path.Combine(own, Trainer.HistoryName),
                [new EpochRecord(1, "train", 1e-3, 0.5, 0.4, 0.3, double.NaN, 0.6, 0.7)]);
            CaseScoreFile.Write(Path.Combine(own, RunStore.CasesName), run.Cases);
        }
    }

    [Fact]
    public void ARunOfAnEarlierFormSaysWhatDiffersButForSeedAndMachine()
    {
        Run unet = Of("UNet", 0.6);
        unet = unet with { Spec = unet.Spec with { Augmentation = Augmentation.TextBlind, Threads = 7, Seed = 3 } };
        Comparison comparison = Comparison.Of([unet, Of("C2FVL", 0.8, seed: 3)]);
        Assert.Equal("Augmentation=TextBlind", comparison.Find("UNet")!.EarlierForm);
        Assert.Empty(comparison.Find("C2FVL")!.EarlierForm);
    }

    /// <summary>What notebook 04 says of methods in words is in a file that names each of them once.</summary>
    [Fact]
    public void EveryMethodSaysWhatDiffersFromItsAuthorsAndWhetherItsWeightsAreMissing()
    {
        using CsvRows rows = QuotedScore.Open("departures");
        (string Method, string Weights, string Text)[] all = [
            .. rows.Read(() => (rows.Text("method"), rows.Text("published_weights"), rows.Text("departure")))];
        Assert.Equal(ModelCatalog.Names, all.Select(row => row.Method));
        Assert.Equal(
            ["TransUNet", "Swin-UNet", "TGANet", "GLoRIA"],
            all.Where(row => row.Weights.Length > 0).Select(row => row.Method));
        Assert.All(all, row => Assert.NotEmpty(row.Text));
        Assert.Contains("Random fixed words", all.Single(row => row.Method == "TGANet").Text);
        Assert.Contains("reads no text", all.Single(row => row.Method == "GLoRIA").Text);
    }

    [Fact]
    public void WithoutTheReferenceThereAreScoresAndNoTests()
    {
        ComparedMethod unet = Assert.Single(Comparison.Of([Of("UNet", 0.6)]).Methods);
        Assert.Equal((null, double.NaN), (unet.Difference, unet.CorrectedP));
        Assert.Empty(Comparison.Of([]).Methods);
    }

    [Fact]
    public void SeedsArePairedAndSummarised()
    {
        Run[] reference = [Of("C2FVL", 0.8, seed: 2), Of("C2FVL", 0.9, seed: 1)], unet = [Of("UNet", 0.6, seed: 1), Of("UNet", 0.7, seed: 3)];
        Comparison comparison = Comparison.Of([.. reference, .. unet]);

        // Seed 1 alone is in both.
        Assert.Equal(PairedComparison.Of(reference[1].Cases, unet[0].Cases), comparison.Find("UNet")!.Difference);
        Assert.Equal(2, comparison.Find("C2FVL")!.Runs.Count);
        Assert.Equal(0.85, comparison.Find("C2FVL")!.Scores.MeanDice.Value, 3);
        Assert.Null(Comparison.Of([reference[0], unet[1]]).Find("UNet")!.Difference);
    }

    [Fact]
    public void ResultsOfANetworkThatIsNotBuiltAnyMoreHaveScoresAndNoParameters()
    {
        Run tga = Of("TGANet", 0.6);
        tga = tga with { Spec = tga.Spec with { Model = TGANetSettings.Tiny with { AsReleased = false } } };
        ComparedMethod method = Comparison.Of([tga, Of("C2FVL", 0.8)]).Find("TGANet")!;
        Assert.Null(method.Parameters);
        Assert.NotNull(method.Difference);
        Assert.NotEmpty(method.EarlierForm);
    }

    [Fact]
    public void RunsThatCannotBeComparedAreNamed()
    {
        Run one = Of("C2FVL", 0.8);
        Run ct = one with { Spec = Presets.For(Scale.Phantom, ImageKind.CT) };
        Run faster = one with { Spec = one.Spec with { Training = one.Spec.Training with { LearningRate = 0.5 } } };

        Assert.Equal($"{ct.Spec.Name} and {one.Spec.Name} use different data or presets. Compare runs on the same cases.", Fault(one, ct));
        Assert.Equal($"{faster.Spec.Name} and {one.Spec.Name} are runs of C2FVL that differ in more than their seed. Compare one setting per method.", Fault(one, faster));
        Assert.Equal("C2FVL appears more than once with seed 666. Give each run once.", Fault(one, one));
    }

    /// <summary>A run at phantom scale whose 40 cases have a mean Dice to 1e-4, and scatter round it by what the noise's number draws.</summary>
    internal static Run Of(string model, double dice, int seed = 666, int noise = 1, ImageKind kind = ImageKind.XRay)
    {
        CaseScore[] drawn = ScoresFor.Random(20, 2, noise);
        double mean = drawn.Average(score => score.Dice);
        return new Run(
            Presets.For(Scale.Phantom, kind, model) with { Seed = seed },
            "no such folder",
            [],
            [.. drawn.Select(score => ScoresFor.Dice(score.CaseId, score.Group, dice + ((score.Dice - mean) / 4)))],
            TimeSpan.FromSeconds(10));
    }

    private static string Fault(params Run[] runs) => Assert.Throws<ArgumentException>(() => Comparison.Of(runs)).Message;
}

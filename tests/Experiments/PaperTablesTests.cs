using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Models;
using C2FVL.Training;
using C2FVL.Workbook.Sweeps;

namespace C2FVL.Tests.Experiments;

public sealed class PaperTablesTests
{
    public static TheoryData<Scale> Scales => [.. Enum.GetValues<Scale>()];

    private static int Runs(IEnumerable<ExperimentRow> rows) => rows.Select(row => row.Spec.Name).Distinct().Count();

    private static RunSpec Spec(IEnumerable<ExperimentRow> rows, string label) => Assert.Single(rows, row => row.Label == label).Spec;

    [Theory]
    [MemberData(nameof(Scales))]
    public void TheDefaultRunIsInEveryListAndIsOneRun(Scale scale)
    {
        string name = Presets.For(scale).Name;
        foreach (string list in SweepLists.Names)
            Assert.Contains(SweepLists.Get(list, scale), row => row.Spec.Name == name);
    }

    [Theory]
    [MemberData(nameof(Scales))]
    public void EverySpecIsOneThatCanRun(Scale scale)
    {
        foreach (ExperimentRow row in SweepLists.Get("all", scale))
        {
            Assert.Equal(scale, row.Spec.Scale);
            row.Spec.Training.Validate();
            _ = new SegmentationLoss(row.Spec.Loss);
            row.Spec.Model.Validate();
            Assert.Equal(row.Spec.ToJson(), RunSpec.FromJson(row.Spec.ToJson(), "test").ToJson());
        }
    }

    [Theory]
    [MemberData(nameof(Scales))]
    public void AListsLabelsTellItsRowsApart(Scale scale)
    {
        foreach (string list in SweepLists.Names.Where(name => name != "all"))
            Assert.Distinct(SweepLists.Get(list, scale).Select(row => $"{row.Group} {row.Label}"));
    }

    [Theory]
    [InlineData(Scale.Mini, null)] // medseg-ct is not the paper's CT set
    [InlineData(Scale.Paper, 74.56)]
    public void ThePapersCTNumbersStandBesideItsOwnSetAlone(Scale scale, double? dice)
    {
        ExperimentRow[] c2fvl = [.. PaperTables.Table1(scale).Where(row => row.Label == "C2FVL")];
        Assert.Equal([83.40, dice], c2fvl.Select(row => row.Quoted?.Dice));
    }

    [Fact]
    public void Table2HasThePapersValuesAndNumbers()
    {
        foreach (Scale scale in new[] { Scale.Mini, Scale.Paper })
        {
            IReadOnlyList<ExperimentRow> rows = PaperTables.Table2(scale);
            Assert.Equal(["2", "4", "8", "1e-4", "1e-3", "1e-2"], rows.Select(row => row.Label));
            Assert.Equal([2, 4, 8], rows.Take(3).Select(row => row.Spec.Training.BatchSize));
            Assert.Equal([1e-4, 1e-3, 1e-2], rows.Skip(3).Select(row => row.Spec.Training.LearningRate));
            Assert.Equal([82.03, 83.40, 83.32, 82.93, 83.40, 82.83], rows.Select(row => row.Quoted!.Dice));
            Assert.Equal(5, Runs(rows));
        }
    }

    [Fact]
    public void AtMiniTheBatchOf8AndTheRateOf1e3AreTheTrackedRun()
    {
        IReadOnlyList<ExperimentRow> rows = PaperTables.Table2(Scale.Mini);
        Assert.Equal("C2FVL-QaTa-COV19-7767b0fe2e14", Spec(rows, "8").Name);
        Assert.Equal("C2FVL-QaTa-COV19-7767b0fe2e14", Spec(rows, "1e-3").Name);
        Assert.Equal("C2FVL-QaTa-COV19-ab57a3925766", Spec(PaperTables.TextControls(Scale.Mini), "ones").Name);
    }

    [Fact]
    public void ARateBelowTheSchedulesFloorLowersTheFloor() => Assert.All(
        PaperTables.Table2(Scale.Phantom), row => Assert.True(row.Spec.Training.FloorLearningRate <= row.Spec.Training.LearningRate));

    [Theory]
    [MemberData(nameof(Scales))]
    public void Figure3MovesOneWeightAtATimeAndTheMiddleIsOneRun(Scale scale)
    {
        IReadOnlyList<ExperimentRow> rows = PaperTables.Figure3(scale);
        Assert.Equal(scale == Scale.Phantom ? 9 : 15, rows.Count);
        Assert.Equal(rows.Count - 2, Runs(rows));
        LossSettings standard = Presets.For(scale).Loss;
        foreach (ExperimentRow row in rows)
        {
            LossSettings loss = row.Spec.Loss;
            double moved = row.Group switch { "alpha" => loss.Alpha, "beta" => loss.Beta, _ => loss.Gamma };
            Assert.Equal(Number(row), moved);
            int departures = (loss.Alpha != standard.Alpha ? 1 : 0) + (loss.Beta != standard.Beta ? 1 : 0) + (loss.Gamma != standard.Gamma ? 1 : 0);
            Assert.Equal(Number(row) == 0.5 ? 0 : 1, departures);
        }
    }

    [Fact]
    public void Table3GoesFromTheCnnToTheWholeMethod()
    {
        IReadOnlyList<ExperimentRow> rows = PaperTables.Table3(Scale.Mini);
        Assert.Equal(9, Runs(rows));
        (bool ViT, C2FVLText Text, bool Vlab, CosineAlignment Cosine)[] parts = [.. rows.Skip(1).Select(row =>
        {
            var model = (C2FVLSettings)row.Spec.Model;
            return (model.UseViT, model.Text, model.UseVlab, row.Spec.Loss.Cosine);
        })];
        Assert.Equal(
        [
            (false, C2FVLText.None, false, CosineAlignment.None),
            (true, C2FVLText.FirstSkip, false, CosineAlignment.None),
            (true, C2FVLText.AllSkips, false, CosineAlignment.None),
            (true, C2FVLText.AllSkips, true, CosineAlignment.Down),
            (true, C2FVLText.AllSkips, true, CosineAlignment.Up),
            (true, C2FVLText.AllSkips, true, CosineAlignment.None),
            (true, C2FVLText.AllSkips, true, CosineAlignment.Released),
            (false, C2FVLText.AllSkips, true, CosineAlignment.Up),
        ], parts);
        Assert.Equal([79.62, null, 83.01, 83.18, 83.08, 83.40, null, null, null], rows.Select(row => row.Quoted?.Dice));
        Assert.Equal("UNet++", rows[0].Spec.Model.Name);
        Assert.Equal(Presets.For(Scale.Mini, model: "UNet++").Name, rows[0].Spec.Name);
    }

    [Fact]
    public void TheNetworksThatKnowTheReportAreScoredWithEveryOtherText()
    {
        IReadOnlyList<ExperimentRow> rows = PaperTables.TextControls(Scale.Mini);
        Assert.Equal(7, Runs(rows));
        Assert.Equal(Enum.GetValues<TextMode>().Except([TextMode.Correct]), rows[0].AlsoScoredWith);
        Assert.Equal([Augmentation.TextConsistent, Augmentation.TextBlind], rows.Where(row => row.Group == "augmentation").Select(row => row.Spec.Augmentation));
        Assert.Equal(0.5, Assert.Single(rows, row => row.Group == "text dropout").Spec.TextDropout);
    }

    [Theory]
    [MemberData(nameof(Scales))]
    public void EveryMethodIsTunedOnTheSameGrid(Scale scale)
    {
        IReadOnlyList<ExperimentRow> rows = SweepLists.Rates(scale);
        Assert.Equal(ModelCatalog.Names, rows.Select(row => row.Group).Distinct());
        Assert.Equal(3 * ModelCatalog.Names.Count, Runs(rows));
        double[] adam = scale == Scale.Phantom ? [3e-3, 1e-2, 3e-2] : [3e-4, 1e-3, 3e-3], sgd = [1e-3, 3e-3, 1e-2];
        foreach (IGrouping<string, ExperimentRow> method in rows.GroupBy(row => row.Group))
        {
            double[] rates = [.. method.Select(row => row.Spec.Training.LearningRate)];
            Assert.Equal(method.Key == "nnUNet" && scale != Scale.Phantom ? sgd : adam, rates);
            Assert.Equal(rates, method.Select(Number));
            Assert.Contains(method, row => row.Spec.Name == Presets.For(scale, model: method.Key).Name);
        }
    }

    [Theory]
    [MemberData(nameof(Scales))]
    public void WhatTheClaimsRestOnIsRepeatedWithThreeSeeds(Scale scale)
    {
        IReadOnlyList<ExperimentRow> rows = SweepLists.Repeated(scale);
        Assert.Equal(21, Runs(rows));
        Assert.All(rows.GroupBy(row => row.Group), setting => Assert.Equal([666, 1, 2], setting.Select(row => row.Spec.Seed)));
        Assert.Equal(Presets.For(scale).Seed, rows[0].Spec.Seed);
    }

    [Fact]
    public void TuningIsNoPartOfAllTables() =>
        Assert.DoesNotContain(SweepLists.Get("all", Scale.Mini), row => row.Spec == SweepLists.Rates(Scale.Mini)[0].Spec);

    [Fact]
    public void ANumberIsNamedWithItsGroupAndWordsSpeakForThemselves()
    {
        Assert.Equal("learning rate 1e-3", PaperTables.Table2(Scale.Mini)[4].Name);
        Assert.Equal("C2FVL's CNN alone", PaperTables.Table3(Scale.Mini)[1].Name);
    }

    [Fact]
    public void AnUnknownListNamesThoseThereAre() =>
        Assert.Contains("table1, table2, figure3, table3, text-controls, rates, seeds, all", Assert.Throws<ArgumentException>(() => SweepLists.Get("table9", Scale.Mini)).Message);

    private static double Number(ExperimentRow row) =>
        double.Parse(row.Label, System.Globalization.CultureInfo.InvariantCulture);
}

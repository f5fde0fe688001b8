using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Figures;
using C2FVL.Interpretation;
using C2FVL.Models;
using C2FVL.Phantoms;
using C2FVL.Tests.Support;
using C2FVL.Training;
using C2FVL.Workbook.Commands;
using C2FVL.Workbook.Runs;
using C2FVL.Workbook.Sweeps;

namespace C2FVL.Tests.Experiments;

[Collection(nameof(SeededTorch))]
public sealed class CamStudyTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void MeasuresAreTakenOnceTrackedAndFoundWithoutWeights()
    {
        string set = PhantomFolder.Write(folder["data"], new PhantomSettings { Size = 32, Train = 8, Val = 2, Test = 5 });
        var spec = new RunSpec
        {
            Scale = Scale.Phantom,
            Data = new DataSpec { Set = set },
            Model = C2FVLSettings.Tiny with { ImageSize = 32 },
            Training = new TrainingSettings { Epochs = 1, BatchSize = 4 },
        };
        var store = new RunStore(folder["runs"], folder["results"]);
        Run run = store.GetOrTrain(spec);
        Assert.Null(CamStudy.FindScores(store, spec));
        Assert.Null(CamStudy.FindCurves(store, spec));
        Assert.Equal([TextMode.Correct, TextMode.Missing, TextMode.Mirrored], ExplainCommand.Texts(spec));

        int done = 0;
        IReadOnlyList<CamScore> scores = CamStudy.GetOrMeasureScores(run, pixels: CamPixels.TrueLesion, onProgress: (n, total) => done = 100 * n / total);
        IReadOnlyList<CamScore> mirrored = CamStudy.GetOrMeasureScores(run, TextMode.Mirrored, CamPixels.TrueLesion);
        IReadOnlyList<PerturbationCurve> curves = CamStudy.GetOrMeasureCurves(run, CamPixels.TrueLesion);
        Assert.Equal(100, done);
        Assert.Equal(run.Cases.Select(c => c.CaseId), scores.Select(s => s.CaseId));
        Assert.All(scores, s => Assert.Equal((4, 6), (s.Layers.Count, s.Cosines.Count)));
        Assert.Equal(scores.Select(s => s.Named), mirrored.Select(s => s.Named)); // the case's own, whatever was given
        Assert.NotEqual(scores.Select(s => s.Layers[3].Energy), mirrored.Select(s => s.Layers[3].Energy));
        Assert.Equal(2 * 5 * run.Cases.Count(c => c.Truth > 0), curves.Count);
        Assert.All(curves, c => Assert.Equal(11, c.Probability.Count));

        PictureGrid figure = CamFigure.Draw("Figure 4",
            from id in CamFigure.ChooseCases(run, 2) from name in new[] { "with", "again" } select (name, run, id, TextMode.Correct));
        Assert.Equal([true, false, true, false], figure.Rows.Select(row => row[0]!.Caption.Length > 0)); // the report once
        Assert.Equal(["image", "truth", "CNN4", "CNN3", "CNN2", "CNN1", "prediction"], figure.ColumnCaptions);
        Assert.Equal([7, 7, 7, 7], figure.Rows.Select(row => row.Count));
        Assert.Equal(["with", "again", "with", "again"], figure.RowCaptions);

        store.Track(run);
        foreach (string weights in Directory.GetFiles(run.Folder, "*.safetensors"))
            File.Delete(weights);
        Assert.Equivalent(scores, CamStudy.GetOrMeasureScores(run, pixels: CamPixels.TrueLesion), strict: true);
        Assert.Throws<FileNotFoundException>(() => CamStudy.GetOrMeasureScores(run)); // of the prediction, never measured

        var elsewhere = new RunStore(folder["none"], folder["results"]);
        Assert.Equivalent(mirrored, CamStudy.FindScores(elsewhere, spec with { Threads = 7 }, TextMode.Mirrored, CamPixels.TrueLesion), strict: true);
        Assert.Equivalent(curves, CamStudy.FindCurves(elsewhere, spec, CamPixels.TrueLesion), strict: true);
        Assert.Null(CamStudy.FindScores(elsewhere, spec, TextMode.Missing, CamPixels.TrueLesion));
    }

    [Theory]
    [InlineData(Scale.Phantom)]
    [InlineData(Scale.Mini)]
    public void TheRunsDifferInTheCosineLossAloneOrAreThePresets(Scale scale)
    {
        IReadOnlyList<(string Name, RunSpec Spec)> runs = CamStudy.Runs(scale);
        Assert.Equal(Presets.For(scale).Name, runs[0].Spec.Name);
        Assert.Equal(Presets.For(scale, model: "UNet").Name, runs[2].Spec.Name);
        Assert.Equal(CosineAlignment.None, runs[1].Spec.Loss.Cosine);
        Assert.Equal(runs[0].Spec, runs[1].Spec with { Loss = runs[0].Spec.Loss });
        Assert.Equal([TextMode.Correct], ExplainCommand.Texts(runs[2].Spec));
    }

    [Fact]
    public void LayersHaveThePapersNames() => Assert.Equal(["CNN4", "CNN3", "CNN2", "CNN1"], CamStudy.LayerNames(4));
}

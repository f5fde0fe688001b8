using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Tests.Experiments;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Commands;

namespace C2FVL.Tests.Workbook.Commands;

[Collection(nameof(SeededTorch))]
public sealed class RunsCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly RunStore store;

    public RunsCommandTests() => store = new RunStore(folder["runs"], folder["results"]) { Note = _ => { } };

    public void Dispose() => folder.Dispose();

    [Fact]
    public void EachRunSaysWhatItIsAndWhetherItsDataChanged()
    {
        Assert.Contains("There are no runs of the phantom preset", List());
        RunSpec spec = TinyRun.Spec(folder["data"]);
        Run run = store.GetOrTrain(spec);
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => store.GetOrTrain(spec with { Text = TextMode.Missing }, _ => stop.Cancel(), stop.Token));

        string[] lines = List().Split('\n');
        string finished = Assert.Single(lines, line => line.StartsWith(run.Spec.Name, StringComparison.Ordinal));
        Assert.Contains("Epochs=1", finished);
        Assert.Contains($"finished {run.Finished:yyyy-MM-dd}", finished);
        Assert.EndsWith("unchanged", finished);
        Assert.Contains("epoch 0 of 1", Assert.Single(lines, line => line.Contains("Text=Missing")));

        string mask = Directory.GetFiles(Path.Combine(spec.Data.Set, "Test_Folder", "labelcol"))[0];
        ImageFile.Write(mask, new BinaryMask(32, 32));
        Assert.Contains(List().Split('\n'), line => line.StartsWith(run.Spec.Name, StringComparison.Ordinal) && line.EndsWith("changed (1 mask)", StringComparison.Ordinal));
    }

    [Fact]
    public void ThePresetItselfDiffersInNothing() => Assert.Equal("", SpecDifference.FromPreset(Presets.For(Scale.Mini, ImageKind.CT, "UNet")));

    private string List()
    {
        var output = new StringWriter();
        Assert.Equal(0, RunsCommand.List(store, Scale.Phantom, tracked: false, output));
        return output.ToString().ReplaceLineEndings("\n");
    }
}

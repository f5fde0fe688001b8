using C2FVL.Experiments;
using C2FVL.Figures;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Commands;
using C2FVL.Workbook.Notebooks;

namespace C2FVL.Tests.Workbook;

[Collection(NotebookRunsCollection.Name)]
public sealed class WorkbookRunTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_notebook_with_the_library_runs_end_to_end()
    {
        RunSettings settings = TestNotebooks.Checkout(folder, TestNotebooks.Of(
            "01-smoke",
            TestNotebooks.Markdown("# Smoke\n\n$\\sum_i i$"),
            TestNotebooks.Code(TestNotebooks.Reference + "using TorchSharp;\nusing C2FVL.Experiments;\nusing C2FVL.Figures;\nvar scale = Scale.Paper;\nscale.ToString()"),
            TestNotebooks.Code("var x = torch.arange(6).reshape(2, 3);\n$\"{x.sum().item<long>()} in {System.IO.Path.GetFileName(Environment.CurrentDirectory)}\""),
            TestNotebooks.Code("display(Tables.Of(\"All the numbers\", new[] { new { N = 1 }, new { N = 2 } }));")));
        byte[] before = File.ReadAllBytes(folder["notebooks", "01-smoke.ipynb"]);

        (int code, string output) = await Run(settings);

        Assert.Equal(0, code);
        Assert.Equal(before, File.ReadAllBytes(folder["notebooks", "01-smoke.ipynb"]));
        Assert.False(Directory.Exists(folder["figures"]));
        Notebook executed = NotebookFile.Read(folder["data", "out", "phantom", "notebooks", "01-smoke.ipynb"]);
        Assert.Equal(["Phantom", "15 in notebooks"], executed.CodeCells.Take(2).Select(c => TestNotebooks.Text(c.Outputs.Single())));
        Assert.Contains("Scale.Paper", executed.CodeCells.First().Source);
        Assert.Equal("N\n1\n2\n", File.ReadAllText(folder["data", "out", "phantom", "tables", "01-all-the-numbers.csv"]));
        Assert.Contains("15 in notebooks", File.ReadAllText(folder["data", "out", "phantom", "workbook.html"]));
        Assert.Contains("01-smoke  cell 3/3", output);
        Assert.Contains("01-all-the-numbers.csv", output);
        Assert.Contains("workbook.html", output);
    }

    [Fact]
    public async Task A_failing_cell_stops_its_notebook_and_the_exit_code_tells()
    {
        RunSettings settings = TestNotebooks.Checkout(folder, Named("01-bad", "var a = 0;", "// next\n1 / a", "display(3);"), Named("02-good", "4"));

        (int code, string output) = await Run(settings);

        Assert.Equal(1, code);
        Assert.Contains("01-bad, code cell 2, line 2: 1 / a", output);
        Assert.Contains("DivideByZeroException", output);
        Assert.DoesNotContain("02-good", output);
        Notebook executed = NotebookFile.Read(folder["data", "out", "phantom", "notebooks", "01-bad.ipynb"]);
        Assert.Equal("error", (string?)executed.Cells[1].Outputs.Single()!["output_type"]);
        Assert.Empty(executed.Cells[2].Outputs);

        (code, output) = await Run(settings with { KeepGoing = true });

        Assert.Equal(1, code);
        Assert.Contains("02-good  done", output);
    }

    [Theory]
    [InlineData("new string('x', 5_000_000)", "The largest output is the text/plain of code cell 2, 4.8 MB.")]
    [InlineData("for (int i = 0; i < 40_000; i++)\n    Console.WriteLine(new string('x', 60));", "The largest output is the text of code cell 2, ")]
    public async Task A_cell_that_shows_too_much_stops_its_notebook_alone(string cell, string message)
    {
        RunSettings settings = TestNotebooks.Checkout(folder, Named("01-long", "\"one\"", cell, "3"), Named("02-good", "4")) with { KeepGoing = true, InPlace = true };
        byte[] before = File.ReadAllBytes(folder["notebooks", "01-long.ipynb"]);

        (int code, string output) = await Run(settings);

        Assert.Equal(1, code);
        Assert.Contains("01-long, code cell 2: large output: The notebook would take ", output);
        Assert.Contains(message, output);
        Assert.Contains("Show less, or a smaller figure.", output);
        Assert.Contains("02-good  done", output);
        Notebook executed = NotebookFile.Read(folder["data", "out", "phantom", "notebooks", "01-long.ipynb"]);
        Assert.Equal("one", TestNotebooks.Text(executed.Cells[0].Outputs.Single()));
        Assert.Equal("error", (string?)executed.Cells[1].Outputs.Single()!["output_type"]);
        Assert.Empty(executed.Cells[2].Outputs);
        Assert.Equal(before, File.ReadAllBytes(folder["notebooks", "01-long.ipynb"]));
    }

    [Theory]
    [InlineData("while (true)\n    Console.WriteLine(new string('x', 1000));")]
    [InlineData("for (long i = 0; ; i++)\n    Console.Write('x');")]
    public async Task A_cell_that_prints_without_end_stops_its_notebook_alone(string cell)
    {
        RunSettings settings = TestNotebooks.Checkout(folder, Named("01-endless", cell, "3"), Named("02-good", "4")) with { KeepGoing = true };

        (int code, string output) = await Run(settings).WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);

        Assert.Equal(1, code);
        Assert.Contains("01-endless, code cell 1: large output: The cell showed more than 32 MB and was stopped.", output);
        Assert.Contains("02-good  done", output);
    }

    [Fact]
    public async Task An_invalid_notebook_that_was_not_asked_for_is_left_out_of_the_page()
    {
        RunSettings settings = TestNotebooks.Checkout(folder, Named("01-good", "4"), TestNotebooks.Of("03-formula", TestNotebooks.Markdown("$\\unknown$")));
        File.WriteAllText(folder["notebooks", "02-broken.ipynb"], "{");
        File.CreateSymbolicLink(folder["notebooks", "04-gone.ipynb"], folder["nowhere"]);

        (int code, string output) = await Run(settings with { Select = ["1"] });

        Assert.Equal(0, code);
        Assert.Contains($"not on the page: {folder["notebooks", "02-broken.ipynb"]} is not a notebook of format 4: ", output);
        Assert.Contains("not on the page: 03-formula, cell 1: ", output);
        Assert.Contains("not on the page: ", output.Split('\n').Single(line => line.Contains("04-gone")));
        Assert.Contains("01-good", File.ReadAllText(folder["data", "out", "phantom", "workbook.html"]));
        Assert.Contains("02-broken.ipynb", (await Assert.ThrowsAsync<InvalidDataException>(() => Run(settings))).Message);
    }

    [Theory]
    [InlineData("data")]
    [InlineData("data/out/phantom")]
    [InlineData("data/out/phantom/figures")]
    public async Task A_folder_that_cannot_be_written_to_is_told_before_the_run(string file)
    {
        string mark = folder["ran"].Replace('\\', '/');
        RunSettings settings = TestNotebooks.Checkout(folder, Named("01-a", $"System.IO.File.WriteAllText(\"{mark}\", \"\");"));
        string taken = folder[file.Split('/')];
        Directory.CreateDirectory(Path.GetDirectoryName(taken)!);
        File.WriteAllText(taken, "a file, not a folder");

        IOException error = await Assert.ThrowsAsync<IOException>(() => Run(settings));

        Assert.StartsWith(settings.OutputFolder, error.Message);
        Assert.Contains(" is not writable (", error.Message);
        Assert.EndsWith("Nothing was run.", error.Message);
        Assert.False(File.Exists(mark));
    }

    [Fact]
    public async Task All_cells_are_guarded_before_the_first_runs()
    {
        string mark = folder["ran"].Replace('\\', '/');
        RunSettings settings = TestNotebooks.Checkout(folder, Named("01-a", $"System.IO.File.WriteAllText(\"{mark}\", \"\");"), Named("02-b", "1", "#!time"));

        (int code, string output) = await Run(settings);

        Assert.Equal(1, code);
        Assert.Contains("02-b, code cell 2, line 1", output);
        Assert.False(File.Exists(mark));
    }

    [Fact]
    public async Task In_place_a_rerun_changes_nothing()
    {
        Notebook notebook = TestNotebooks.Of(
            "03-stored",
            TestNotebooks.Code("Console.WriteLine(Environment.CurrentDirectory);\n$\"{Guid.NewGuid()}\"", "aaaa"),
            new NotebookCell { Id = "bbbb", Kind = CellKind.Code, Source = "Environment.TickCount64.ToString()", Metadata = new() { ["tags"] = new System.Text.Json.Nodes.JsonArray("volatile") } });
        RunSettings settings = TestNotebooks.Checkout(folder, notebook) with { InPlace = true };
        string path = folder["notebooks", "03-stored.ipynb"];

        Assert.Equal(0, (await Run(settings)).Code);
        byte[] first = File.ReadAllBytes(path);
        Assert.Equal(0, (await Run(settings)).Code);

        Assert.Equal(first, File.ReadAllBytes(path));
        Notebook stored = NotebookFile.Read(path);
        Assert.Equal(["notebooks\n", "aaaa-1"], stored.Cells[0].Outputs.Select(TestNotebooks.Text));
        Assert.Empty(stored.Cells[1].Outputs);
        Assert.DoesNotContain(folder.Path, File.ReadAllText(path));
    }

    [Fact]
    public void Figures_are_named_by_number_and_title_and_old_ones_go()
    {
        var artifacts = new ArtifactFolder("03-training");
        string figures = folder["figures"];
        Directory.CreateDirectory(figures);
        File.WriteAllText(Path.Combine(figures, "03-old.png"), "");
        File.WriteAllText(Path.Combine(figures, "04-other.png"), "");
        var figure = new Chart("Loss (train)") { Series = [Series.Line("a", [1, 2], [3, 4])] };
        artifacts.Add(figure);
        artifacts.Add(figure);
        artifacts.Add(figure with { Id = "curves" });
        artifacts.Add(figure with { Id = "curves" }, Scale.Mini);
        artifacts.Add("no figure");

        artifacts.Save(figures, folder["tables"]);

        Assert.Equal(
            ["03-curves-mini.png", "03-curves-mini.svg", "03-curves.png", "03-curves.svg", "03-loss-train-2.png", "03-loss-train-2.svg", "03-loss-train.png", "03-loss-train.svg", "04-other.png"],
            Directory.EnumerateFiles(figures).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task In_place_a_cell_of_tracked_mini_results_draws_into_that_scales_folder()
    {
        const string show = "new C2FVL.Figures.Chart(\"Real\") { Series = [C2FVL.Figures.Series.Line(\"a\", [1, 2], [3, 4])] }";
        RunSettings settings = TestNotebooks.Checkout(folder, Named("04-c", TestNotebooks.Reference + show.Replace("Real", "Drawn"), "// Tracked mini results, real pictures.\n" + show, "// Tracked full results.\n" + show.Replace("Real", "Full"))) with { InPlace = true };
        Directory.CreateDirectory(settings.FiguresOf(Scale.Mini));
        File.WriteAllText(Path.Combine(settings.FiguresOf(Scale.Mini), "04-of-a-mini-run.png"), "");

        Assert.Equal(0, (await Run(settings)).Code);

        string[] Names(string place) => [.. Directory.EnumerateFiles(place).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];
        Assert.Equal(["04-drawn.png", "04-drawn.svg"], Names(settings.TrackedFigures));
        Assert.Equal(["04-of-a-mini-run.png", "04-real.png", "04-real.svg"], Names(settings.FiguresOf(Scale.Mini)));
        Assert.Equal(["04-full.png", "04-full.svg"], Names(settings.FiguresOf(Scale.Full)));
        Assert.Equal(["04-drawn.png", "04-drawn.svg", "04-full.png", "04-full.svg", "04-real.png", "04-real.svg"], Names(Path.Combine(settings.OutputFolder, "figures")));
    }

    [Fact]
    public async Task In_place_another_scale_stores_its_figures_and_leaves_the_phantom_notebook()
    {
        RunSettings settings = TestNotebooks.Checkout(folder, Named("04-c", TestNotebooks.Reference + "var scale = C2FVL.Experiments.Scale.Phantom;\nnew C2FVL.Figures.Chart($\"{scale}\") { Series = [C2FVL.Figures.Series.Line(\"a\", [1, 2], [3, 4])] }")) with { InPlace = true, Scale = Scale.Mini };
        string path = folder["notebooks", "04-c.ipynb"];
        byte[] before = File.ReadAllBytes(path);

        Assert.Equal(0, (await Run(settings)).Code);

        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.True(File.Exists(folder["figures", "mini", "04-mini.png"]));
        Assert.False(Directory.Exists(folder["figures", "phantom"]));
    }

    [Fact]
    public void A_selection_is_a_number_or_a_name()
    {
        RunSettings settings = TestNotebooks.Checkout(folder, Named("01-a", "1"), Named("02-b", "1"), Named("10-c", "1"));

        Assert.Equal(["02-b", "10-c"], new WorkbookRun(settings with { Select = ["10-c.ipynb", "2"] }).Plan.Select(p => p.Notebook));
        Assert.Contains("Choose from 01-a, 02-b, 10-c", Assert.Throws<ArgumentException>(() => new WorkbookRun(settings with { Select = ["5"] })).Message);
    }

    [Fact]
    public async Task Solutions_run_where_they_are_asked_for_in_their_own_folder_and_keep_their_figures()
    {
        const string show = "display(C2FVL.Figures.Tables.Of(\"Numbers\", new[] { new { N = 1 } }));\nConsole.WriteLine(Environment.CurrentDirectory);";
        Notebook solution = Named("solutions/01-a", TestNotebooks.Reference.Replace("..", "../..") + show);
        RunSettings settings = TestNotebooks.Checkout(folder, Named("01-a", TestNotebooks.Reference + show), Named("02-b", "1"), solution) with { InPlace = true };

        Assert.Equal(["01-a", "02-b"], new WorkbookRun(settings).Plan.Select(p => p.Notebook));
        Assert.Equal(["01-a"], new WorkbookRun(settings with { Select = ["01"] }).Plan.Select(p => p.Notebook));
        foreach (string name in new[] { "solutions", "solutions/01", "solutions/01-a", "notebooks/solutions/01-a.ipynb" })
            Assert.Equal(["solutions/01-a"], new WorkbookRun(settings with { Select = [name] }).Plan.Select(p => p.Notebook));
        (int code, string output) = await Run(settings with { Select = ["01", "solutions"] });

        Assert.True(code == 0, output);
        Assert.Equal("notebooks/solutions\n", TestNotebooks.Text(NotebookFile.Read(folder["notebooks", "solutions", "01-a.ipynb"]).Cells[0].Outputs[^1]));
        Assert.True(File.Exists(folder["data", "out", "phantom", "notebooks", "solutions", "01-a.ipynb"]));
        Assert.True(File.Exists(folder["data", "out", "phantom", "tables", "solutions", "01-numbers.csv"]));
        Assert.True(File.Exists(folder["figures", "phantom", "01-numbers.csv"]));
        Assert.False(Directory.Exists(folder["figures", "phantom", "solutions"]));
        Assert.Contains("<section id=\"solutions/01-a\">", File.ReadAllText(folder["data", "out", "phantom", "workbook.html"]));
    }

    [Fact]
    public async Task A_cancelled_run_ends_though_its_cell_goes_on()
    {
        RunSettings settings = TestNotebooks.Checkout(folder, Named("01-slow", "await Task.Delay(20000);"));
        string before = Environment.CurrentDirectory;
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new WorkbookRun(settings).Run(new LineDisplay(TextWriter.Null), source.Token));

        Assert.Equal(before, Environment.CurrentDirectory);
    }

    private static Notebook Named(string name, params string[] cells) => TestNotebooks.Of(name, [.. cells.Select(cell => TestNotebooks.Code(cell))]);

    private static async Task<(int Code, string Output)> Run(RunSettings settings)
    {
        var text = new StringWriter();
        int code = await RunCommand.Run(settings, text, text, run => run.Run(new LineDisplay(text), TestContext.Current.CancellationToken));
        return (code, text.ToString());
    }
}

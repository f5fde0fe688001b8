using System.Text.Json.Nodes;
using C2FVL.Experiments;
using C2FVL.Figures;
using C2FVL.Tests.Experiments;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Notebooks;

namespace C2FVL.Tests.Workbook;

[Collection(NotebookRunsCollection.Name)]
public sealed class NotebookKernelTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly NotebookKernel kernel = new("01-test");
    private readonly string before = Environment.CurrentDirectory;
    private int number;

    public NotebookKernelTests() => Environment.CurrentDirectory = Path.Combine(SharedData.Repository, "notebooks");

    public void Dispose()
    {
        Environment.CurrentDirectory = before;
        kernel.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_cell_sees_what_those_before_it_declared()
    {
        await Succeeds("using static System.Math;\nint Twice(int x) => 2 * x;\nvar a = 4;");

        CellResult result = await Succeeds("a = Twice(a) + (int)Sqrt(9);\na");

        Assert.Equal(11, Assert.Single(result.Shown).Value);
    }

    [Theory]
    [InlineData("\"a\" + 1", "a1")]
    [InlineData("\"a\"\n// done", "a")]
    [InlineData("1.ToString();", null)]
    [InlineData("Console.WriteLine(1)", null)]
    [InlineData("var a = 1;", null)]
    [InlineData("await Task.FromResult(\"b\")", "b")]
    [InlineData("await Task.Delay(1)", null)]
    [InlineData("if (true) { }", null)]
    public async Task Only_a_last_expression_without_semicolon_is_shown(string source, string? expected)
    {
        CellResult result = await Succeeds(source);

        Assert.Equal(expected, result.Shown.SingleOrDefault()?.Value);
        Assert.All(result.Shown, shown => Assert.Equal("execute_result", (string?)shown.Output["output_type"]));
    }

    [Fact]
    public async Task Print_and_display_keep_their_order()
    {
        CellResult result = await Succeeds("""
            Console.Write("a");
            Console.Write("1\r\n");
            display("first");
            Console.WriteLine("b");
            Console.Error.WriteLine("c");
            "end"
            """);

        JsonArray outputs = result.Outputs;
        Assert.Equal(["stream", "display_data", "stream", "stream", "execute_result"], outputs.Select(o => (string)o!["output_type"]!));
        Assert.Equal(["a1\n", "first", "b\n", "c\n", "end"], outputs.Select(TestNotebooks.Text));
        Assert.Equal("stderr", (string)outputs[3]!["name"]!);
    }

    [Fact]
    public async Task Progress_of_the_library_is_one_bar_below_its_cell()
    {
        await Succeeds(TestNotebooks.Reference + "using C2FVL.Figures;");

        CellResult result = await Succeeds("""
            Console.WriteLine("before");
            var training = new LiveProgress("Training") { Interval = TimeSpan.Zero };
            training.Report(1, 2, "half");
            var testing = new LiveProgress("Testing") { Interval = TimeSpan.Zero };
            var thread = new System.Threading.Thread(() => { for (int i = 1; i <= 5; i++) testing.Report(i, 5, "done"); });
            thread.Start();
            thread.Join();
            await Task.Delay(300);
            """);

        ProgressFigure bar = Assert.IsType<ProgressFigure>(Assert.Single(result.Shown).Value);
        Assert.Equal(new ProgressFigure("Testing", 1, "done"), bar);
        Assert.Equal(["stream", "display_data"], result.Outputs.Select(o => (string)o!["output_type"]!));
        Assert.Equal(bar.ToText(), TestNotebooks.Text(result.Outputs[1]));

        Assert.Equal("Next", ((ProgressFigure)Assert.Single((await Succeeds("new LiveProgress(\"Next\").Report(1, 2);")).Shown).Value!).Title);
        Assert.Equal(bar.ToText(), TestNotebooks.Text(result.Outputs[1]));
    }

    [Fact]
    public async Task A_value_that_a_later_cell_updates_changes_where_it_stands()
    {
        CellResult first = await Succeeds(
            "var shown = Microsoft.DotNet.Interactive.KernelInvocationContextExtensions.Display(Microsoft.DotNet.Interactive.KernelInvocationContext.Current, \"a\");");

        CellResult second = await Succeeds("shown.Update(\"b\");");

        Assert.Equal("b", Assert.Single(first.Shown).Value);
        Assert.Equal("b", TestNotebooks.Text(first.Outputs.Single()));
        Assert.Empty(second.Outputs);
    }

    [Fact]
    public async Task An_update_that_no_front_end_would_show_is_an_error()
    {
        CellFault fault = await Fails("var shown = display(1);\nshown.Update(2);");

        Assert.Equal("lost update", fault.Kind);
        Assert.Contains("LiveProgress", fault.Message);
    }

    [Fact]
    public async Task An_exception_names_the_cell_and_the_line_and_what_was_there_before_stays()
    {
        await Succeeds("var a = 1;\nvoid Fail() => throw new InvalidOperationException(\"no luck\");");

        CellFault fault = await Fails("a = 2;\n\nFail();");
        CellResult after = await Succeeds("a");

        Assert.Equal(new CellFault("01-test", 2, 3, "Fail();", "InvalidOperationException", "no luck"), fault);
        Assert.Equal(2, Assert.Single(after.Shown).Value);
    }

    [Fact]
    public async Task A_compiler_error_names_the_line()
    {
        CellFault fault = await Fails("var a = 1;\nvar b = a + missing;");

        Assert.Equal((2, "CS0103"), (fault.Line, fault.Kind));
        Assert.Contains("missing", fault.Message);
    }

    [Theory]
    [InlineData("var a = 1;\nstring? b = null;", "CS8632")]
    [InlineData("int F()\n{ int unused; return 1; }", "CS0168")]
    public async Task A_compiler_warning_is_an_error_that_names_the_line(string source, string code)
    {
        CellFault fault = await Fails(source);

        Assert.Equal((1, 2, code), (fault.Cell, fault.Line, fault.Kind));
        Assert.StartsWith("01-test, code cell 1, line 2: ", fault.ToString());
    }

    [Theory]
    [InlineData("File.Exists(\"a\")", "CS0103")]
    [InlineData("using Spectre.Console;", "CS0246")]
    [InlineData("using TorchSharp;", "CS0246")]
    public async Task A_cell_has_the_kernels_imports_and_references_alone(string source, string code) =>
        Assert.Equal(code, (await Fails(source)).Kind);

    [Fact]
    public async Task The_library_is_there_after_its_reference_and_is_the_runners_own()
    {
        CellResult result = await Succeeds(TestNotebooks.Reference + "using C2FVL.Experiments;\nusing TorchSharp;\ndisplay(Scale.Mini);\ndisplay(torch.arange(4).sum().item<long>());");

        Assert.Equal([Scale.Mini, 6L], result.Shown.Select(shown => shown.Value));
    }

    [Fact]
    public async Task An_interrupted_training_ends_and_the_cell_run_again_resumes_it()
    {
        RunSpec spec = TinyRun.Spec(folder["data"], epochs: 25);
        File.WriteAllText(folder["spec.json"], spec.ToJson());
        string cell = $"""
            var store = new RunStore("{Slashes(folder["runs"])}", "{Slashes(folder["results"])}");
            var run = store.GetOrTrain(RunSpec.Load("{Slashes(folder["spec.json"])}"));
            run.History.Count
            """;
        await Succeeds(TestNotebooks.Reference + "using C2FVL.Experiments;");
        string history = Path.Combine(new RunStore(folder["runs"], folder["results"]).FolderOf(spec), "history.csv");
        using var interrupt = new CancellationTokenSource();
        Task<CellResult> running = kernel.Run(cell, ++number, interrupt.Token);
        while (!File.Exists(history) && !running.IsCompleted)
            Thread.Sleep(1); // not a delay: its end could wait for a free thread until the training is over
        await interrupt.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        CellResult again = await Succeeds(cell);
        CellResult twice = await Succeeds(cell);

        Assert.Contains("resumed", File.ReadAllText(Path.Combine(Path.GetDirectoryName(history)!, "log.txt")));
        foreach (CellResult result in new[] { again, twice })
        {
            Assert.Equal(spec.Training.Epochs, result.Shown[^1].Value);
            Assert.Equal("Training C2FVL [##############################] 100 % 25 epochs", TestNotebooks.Text(result.Outputs[0]));
        }
    }

    private static string Slashes(string path) => path.Replace('\\', '/');

    private async Task<CellResult> Succeeds(string source)
    {
        CellResult result = await kernel.Run(source, ++number, TestContext.Current.CancellationToken);
        Assert.Null(result.Fault);
        return result;
    }

    private async Task<CellFault> Fails(string source)
    {
        CellResult result = await kernel.Run(source, ++number, TestContext.Current.CancellationToken);
        Assert.NotNull(result.Fault);
        return result.Fault;
    }
}

using C2FVL.Tests.Support;
using C2FVL.Workbook.Notebooks;

namespace C2FVL.Tests.Workbook;

public sealed class ScriptHostTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ScriptHost host;
    private int number;

    public ScriptHostTests() => host = new ScriptHost(folder.Path, "01-test");

    public void Dispose()
    {
        host.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_cell_sees_what_those_before_it_declared()
    {
        await Succeeds("using static System.Math;\nint Twice(int x) => 2 * x;\nvar a = 4;");

        CellSink sink = await Succeeds("a = Twice(a) + (int)Sqrt(9);\na");

        Assert.Equal("11", Assert.Single(sink.Shown).Bundle["text/plain"]);
    }

    [Theory]
    [InlineData("1 + 1", "2")]
    [InlineData("1 + 1\n// done", "2")]
    [InlineData("1.ToString();", null)]
    [InlineData("Console.WriteLine(1)", null)]
    [InlineData("var a = 1;", null)]
    [InlineData("(string)null", "<null>")]
    [InlineData("await Task.FromResult(3)", "3")]
    [InlineData("await Task.Delay(1)", null)]
    [InlineData("if (true) { }", null)]
    public async Task Only_a_last_expression_without_semicolon_is_shown(string source, string? expected)
    {
        CellSink sink = await Succeeds(source);

        Assert.Equal(expected, sink.Shown.SingleOrDefault()?.Bundle["text/plain"]);
        Assert.All(sink.Shown, shown => Assert.True(shown.IsResult));
    }

    [Fact]
    public async Task Print_and_display_keep_their_order_and_an_update_takes_the_former_place()
    {
        CellSink sink = await Succeeds("""
            Console.Write("a");
            var shown = display("first");
            Console.WriteLine("b");
            Console.Error.WriteLine("c");
            await Task.Run(() => shown.Update("second"));
            "end"
            """);

        var outputs = sink.ToJson(1);
        Assert.Equal(["stream", "display_data", "stream", "stream", "execute_result"], outputs.Select(o => (string)o!["output_type"]!));
        Assert.Equal(["a", "second", "b\n", "c\n", "end"], outputs.Select(TestNotebooks.Text));
        Assert.Equal("stderr", (string)outputs[3]!["name"]!);
    }

    [Fact]
    public async Task A_display_of_an_earlier_cell_can_still_be_updated()
    {
        CellSink first = await Succeeds("var shown = display(1);");

        await Succeeds("shown.Update(2);");

        Assert.Equal("2", Assert.Single(first.Shown).Bundle["text/plain"]);
    }

    [Fact]
    public async Task An_exception_names_the_cell_and_the_line_and_what_was_there_before_stays()
    {
        await Succeeds("var a = 1;\nvoid Fail() => throw new InvalidOperationException(\"no luck\");");

        CellFault fault = await Fails("a = 2;\n\nFail();");
        CellSink after = await Succeeds("a");

        Assert.Equal(new CellFault("01-test", 2, 3, "Fail();", "InvalidOperationException", "no luck"), fault);
        Assert.Single(after.Shown);
    }

    [Fact]
    public async Task A_compiler_error_names_the_line()
    {
        CellFault fault = await Fails("var a = 1;\nvar b = a + missing;");

        Assert.Equal((2, "CS0103"), (fault.Line, fault.Kind));
        Assert.Contains("missing", fault.Message);
    }

    [Fact]
    public async Task The_library_is_there_after_its_reference_and_is_the_runners_own()
    {
        Assert.Equal("CS0246", (await Fails("using TorchSharp;")).Kind);

        CellSink sink = await Succeeds(TestNotebooks.Reference + "using C2FVL.Experiments;\nusing TorchSharp;\ndisplay(Scale.Mini);\ndisplay(torch.arange(4).sum().item<long>());");

        Assert.Equal([C2FVL.Experiments.Scale.Mini, 6L], sink.Shown.Select(shown => shown.Value));
    }

    [Fact]
    public async Task What_only_the_runner_holds_is_not_there()
    {
        Assert.Equal("CS0246", (await Fails(TestNotebooks.Reference + "using Spectre.Console;")).Kind);
    }

    [Fact]
    public async Task A_carriage_return_starts_the_line_anew()
    {
        CellSink sink = await Succeeds("Console.Write(\"10 %\\r20 %\\r\\ndone\");");

        Assert.Equal("20 %\ndone", TestNotebooks.Text(Assert.Single(sink.ToJson(1))));
    }

    private async Task<CellSink> Succeeds(string source)
    {
        var sink = new CellSink();
        Assert.Null(await host.Run(source, ++number, sink));
        return sink;
    }

    private async Task<CellFault> Fails(string source)
    {
        CellFault? fault = await host.Run(source, ++number, new CellSink());
        Assert.NotNull(fault);
        return fault;
    }
}

using C2FVL.Workbook.Notebooks;

namespace C2FVL.Tests.Workbook;

public sealed class CellGuardTests
{
    [Theory]
    [InlineData("int a;\nstatic int Twice(this int x) => 2 * x;", 2, "extension method")]
    [InlineData("static class E { extension(int x) { public int Twice() => 2 * x; } }", 1, "extension method")]
    [InlineData("namespace A { class B { } }", 1, "namespace")]
    [InlineData("var a = 1;\nusing var file = File.OpenRead(\"a\");", 2, "top-level using")]
    [InlineData("await using var file = File.OpenRead(\"a\");", 1, "top-level using")]
    [InlineData("#r \"nuget: TorchSharp\"", 1, "may only name the library")]
    [InlineData("#r \"../bin/Other.dll\"", 1, "may only name the library")]
    [InlineData("\n#load \"a.csx\"", 2, "#load")]
    [InlineData("#i \"nuget:x\"", 1, "#i is not")]
    [InlineData("#!fsharp\nlet a = 1", 1, "magic")]
    [InlineData("var k = Kernel.Current;", 1, "Kernel is not")]
    [InlineData("KernelInvocationContext.Current.ToString()", 1, "KernelInvocationContext")]
    [InlineData("DisplayedValue shown = display(1);", 1, "DisplayedValue")]
    [InlineData("HTML(\"<b>\")", 1, "HTML")]
    [InlineData("5.Display();", 1, ".Display()")]
    [InlineData("display(1, \"text/html\")", 1, "display(value)")]
    [InlineData("Action<object> show = display;", 1, "no delegate")]
    [InlineData("using Microsoft.DotNet.Interactive;", 1, "Microsoft.DotNet.Interactive")]
    [InlineData("using C2FVL.Workbook.Notebooks;", 1, "C2FVL.Workbook")]
    [InlineData("x.ToString(TensorStringStyle.Julia)", 1, "TorchSharp.TensorStringStyle")]
    [InlineData("var a = 1\nvar b = 2;", 1, "; expected")]
    public void What_the_real_kernel_rejects_is_refused(string source, int line, string message)
    {
        CellFault fault = CellGuard.Check(TestNotebooks.OfCode("1", source)).First();

        Assert.Equal(("01-test", 2, line), (fault.Notebook, fault.Cell, fault.Line));
        Assert.Contains(message, fault.Message);
        Assert.StartsWith($"01-test, code cell 2, line {line}: ", fault.ToString());
    }

    [Theory]
    [InlineData(TestNotebooks.Reference + "using TorchSharp;\nvar a = 1;")]
    [InlineData("using (var file = File.OpenRead(\"a\")) { }\nvoid F() { using var b = File.OpenRead(\"b\"); }")]
    [InlineData("using static TorchSharp.torch;\nx.ToString(TorchSharp.TensorStringStyle.Julia)")]
    [InlineData("using Microsoft.DotNet.Interactive.Formatting;")]
    [InlineData("record Layer(int Kernel);\nvar l = new Layer(Kernel: 3);\nl.Kernel")]
    [InlineData("new Settings { HTML = 1, Kernel = 3 }.Kernel")]
    [InlineData("var shown = display(1);\nshown.Update(2);\nAction<object> show = v => shown.Update(v);")]
    [InlineData("class A { public int Kernel; }")]
    [InlineData("await Task.Delay(1);\nint Twice(int x) => 2 * x;\nTwice(2)")]
    [InlineData("#nullable enable\n#pragma warning disable CS0219\nvar a = 1;")]
    [InlineData("")]
    public void What_both_hosts_run_is_let_through(string source) => Assert.Empty(CellGuard.Check(TestNotebooks.OfCode(source)));

    [Fact]
    public void A_reference_stands_first_in_the_first_cell()
    {
        Assert.Contains("first code cell", Assert.Single(CellGuard.Check(TestNotebooks.OfCode("1", TestNotebooks.Reference))).Message);
        Assert.Contains("before all code", Assert.Single(CellGuard.Check(TestNotebooks.OfCode("var a = 1;\n" + TestNotebooks.Reference))).Message);
    }

    [Fact]
    public void Faults_of_all_cells_are_told_in_order() =>
        Assert.Equal([(1, 2), (3, 1)], CellGuard.Check(TestNotebooks.OfCode("1;\n#load \"a\"", "2", "#!time")).Select(f => (f.Cell, f.Line!.Value)));
}

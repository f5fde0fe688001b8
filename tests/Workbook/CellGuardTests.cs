using C2FVL.Workbook.Notebooks;

namespace C2FVL.Tests.Workbook;

public sealed class CellGuardTests
{
    [Theory]
    [InlineData("#r \"nuget: TorchSharp\"", 1, "may only name the library")]
    [InlineData("#r \"../bin/Other.dll\"", 1, "may only name the library")]
    [InlineData("\n#load \"a.csx\"", 2, "#load")]
    [InlineData("#i \"nuget:x\"", 1, "#i is not")]
    [InlineData("#!fsharp\nlet a = 1", 1, "magic")]
    [InlineData("var a = 1\nvar b = 2;", 1, "; expected")]
    public void What_does_not_parse_or_loads_more_than_the_library_is_refused(string source, int line, string message)
    {
        CellFault fault = CellGuard.Check(TestNotebooks.OfCode("1", source)).First();

        Assert.Equal(("01-test", 2, line), (fault.Notebook, fault.Cell, fault.Line));
        Assert.Contains(message, fault.Message);
        Assert.StartsWith($"01-test, code cell 2, line {line}: ", fault.ToString());
    }

    [Theory]
    [InlineData(TestNotebooks.Reference + "using TorchSharp;\nvar a = 1;")]
    [InlineData("display(1, \"text/html\");\nHTML(\"<b>\")")]
    [InlineData("using (var file = File.OpenRead(\"a\")) { }\nvoid F() { using var b = File.OpenRead(\"b\"); }")]
    [InlineData("await Task.Delay(1);\nint Twice(int x) => 2 * x;\nTwice(2)")]
    [InlineData("#nullable enable\n#pragma warning disable CS0219\nvar a = 1;")]
    [InlineData("")]
    public void What_the_kernel_runs_is_let_through(string source) => Assert.Empty(CellGuard.Check(TestNotebooks.OfCode(source)));

    [Fact]
    public void A_reference_stands_first_in_the_first_cell()
    {
        Assert.Contains("first code cell", Assert.Single(CellGuard.Check(TestNotebooks.OfCode("1", TestNotebooks.Reference))).Message);
        Assert.Contains("before all other code", Assert.Single(CellGuard.Check(TestNotebooks.OfCode("var a = 1;\n" + TestNotebooks.Reference))).Message);
    }

    [Fact]
    public void Faults_of_all_cells_are_told_in_order() =>
        Assert.Equal([(1, 2), (3, 1)], CellGuard.Check(TestNotebooks.OfCode("1;\n#load \"a\"", "2", "#!time")).Select(f => (f.Cell, f.Line!.Value)));
}

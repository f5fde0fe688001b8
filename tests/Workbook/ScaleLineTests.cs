using C2FVL.Experiments;
using C2FVL.Workbook.Notebooks;

namespace C2FVL.Tests.Workbook;

public sealed class ScaleLineTests
{
    [Theory]
    [InlineData("var scale = Scale.Phantom;", "var scale = Scale.Mini;")]
    [InlineData("a();\nScale scale = C2FVL.Experiments.Scale.Paper; // the one line\nb();", "a();\nScale scale = C2FVL.Experiments.Scale.Mini; // the one line\nb();")]
    [InlineData("var other = Scale.Phantom;", "var other = Scale.Phantom;")]
    [InlineData("// var scale = Scale.Phantom;\nvar scale = 3;", "// var scale = Scale.Phantom;\nvar scale = 3;")]
    public void The_value_of_the_scale_line_is_replaced_and_nothing_else(string source, string expected) =>
        Assert.Equal(expected, ScaleLine.Set(source, Scale.Mini));
}

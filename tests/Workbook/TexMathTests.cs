using System.Xml.Linq;
using C2FVL.Workbook.Notebooks;
using C2FVL.Workbook.Pages;

namespace C2FVL.Tests.Workbook;

public sealed class TexMathTests
{
    [Theory]
    [InlineData("x", "<mi>x</mi>")]
    [InlineData("2.5a-1", "<mrow><mn>2.5</mn><mi>a</mi><mo>−</mo><mn>1</mn></mrow>")]
    [InlineData(@"\frac{a}{b}", "<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac>")]
    [InlineData(@"\frac12", "<mfrac><mn>1</mn><mn>2</mn></mfrac>")]
    [InlineData("x_i^2", "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>")]
    [InlineData("x^{2}_{i}", "<msubsup><mi>x</mi><mrow><mi>i</mi></mrow><mrow><mn>2</mn></mrow></msubsup>")]
    [InlineData("f'", "<msup><mi>f</mi><mrow><mo>′</mo></mrow></msup>")]
    [InlineData(@"\sum_{i=1}^N i", "<mrow><munderover><mo movablelimits=\"true\">∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>N</mi></munderover><mi>i</mi></mrow>")]
    [InlineData(@"\alpha\Omega", "<mrow><mi>α</mi><mi mathvariant=\"normal\">Ω</mi></mrow>")]
    [InlineData(@"\mathrm{Dice}", "<mi mathvariant=\"normal\">Dice</mi>")]
    [InlineData(@"\text{if } x", "<mrow><mtext>if&#160;</mtext><mi>x</mi></mrow>")]
    [InlineData(@"\sqrt{x}", "<msqrt><mrow><mi>x</mi></mrow></msqrt>")]
    [InlineData(@"\sqrt[3]{x}", "<mroot><mrow><mi>x</mi></mrow><mn>3</mn></mroot>")]
    [InlineData(@"\hat{y}", "<mover accent=\"true\"><mrow><mi>y</mi></mrow><mo stretchy=\"false\">^</mo></mover>")]
    [InlineData(@"\bar x", "<mover accent=\"true\"><mi>x</mi><mo stretchy=\"false\">¯</mo></mover>")]
    [InlineData(@"a \in \mathbb{R}", "<mrow><mi>a</mi><mo>∈</mo><mi mathvariant=\"normal\">ℝ</mi></mrow>")]
    [InlineData(@"\mathcal{L}", "<mi mathvariant=\"normal\">ℒ</mi>")]
    [InlineData(@"a\times b\cdot c", "<mrow><mi>a</mi><mo>×</mo><mi>b</mi><mo>⋅</mo><mi>c</mi></mrow>")]
    [InlineData(@"\lVert x \rVert", "<mrow><mo stretchy=\"false\">‖</mo><mi>x</mi><mo stretchy=\"false\">‖</mo></mrow>")]
    [InlineData(@"\left( x \right]", "<mrow><mo stretchy=\"true\">(</mo><mi>x</mi><mo stretchy=\"true\">]</mo></mrow>")]
    [InlineData(@"\left. x \right|", "<mrow><mi>x</mi><mo stretchy=\"true\">|</mo></mrow>")]
    [InlineData(@"\cos(x)", "<mrow><mo form=\"prefix\" stretchy=\"false\" lspace=\"0\" rspace=\"0\">cos</mo><mo stretchy=\"false\">(</mo><mi>x</mi><mo stretchy=\"false\">)</mo></mrow>")]
    [InlineData(@"a\,b", "<mrow><mi>a</mi><mspace width=\"0.167em\"></mspace><mi>b</mi></mrow>")]
    [InlineData("a < b", "<mrow><mi>a</mi><mo>&lt;</mo><mi>b</mi></mrow>")]
    public void The_notebooks_TeX_becomes_MathML(string tex, string expected)
    {
        string math = TexMath.ToMathMl(tex, display: false);

        Assert.StartsWith("<math display=\"inline\"><semantics>" + expected + "<annotation", math);
        XElement.Parse(math);
    }

    [Theory]
    [InlineData(@"\mathcal{L} = -\frac{1}{N}\sum_{i=1}^{N}\left[ y_i \log \hat{y}_i + (1-y_i)\log(1-\hat{y}_i) \right]")]
    [InlineData(@"f(x) = \begin{cases} x & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}")]
    [InlineData(@"\begin{aligned} a &= b + c \\ &= d \end{aligned}")]
    [InlineData(@"A = \begin{bmatrix} 1 & 0 \\ 0 & 1 \end{bmatrix}")]
    [InlineData(@"\operatorname*{arg\,max}_{\theta} \; \underbrace{p(\theta)}_{\text{prior}}")]
    [InlineData(@"\max_{i \neq j} \frac{\exp(\mathbf{v}_i^\top \boldsymbol{t}_j / \tau)}{\sum_k \exp(\mathbf{v}_i^\top \boldsymbol{t}_k / \tau)}, \quad \forall i \ldots")]
    [InlineData(@"\bigl| A \cap B \bigr| \leq \|x\|_2^2 \{ 0, 1 \}^{H \times W} \% done")]
    public void Longer_formulas_are_well_formed(string tex)
    {
        XElement math = XElement.Parse(TexMath.ToMathMl(tex, display: true));

        Assert.Equal("block", (string?)math.Attribute("display"));
        Assert.Equal(tex, math.Descendants("annotation").Single().Value);
    }

    [Theory]
    [InlineData(@"\foo", @"\foo is not known")]
    [InlineData(@"\frac{a}", "argument is missing")]
    [InlineData("{a", "} is missing")]
    [InlineData("a}", "unexpected }")]
    [InlineData(@"\left( a", @"\right is missing")]
    [InlineData("a_b_c", "two _")]
    [InlineData(@"\begin{soup} a \end{soup}", "environment soup")]
    [InlineData(@"\mathbb{x}", "capital letters")]
    [InlineData(@"a \", "a \\ at the end")]
    public void What_it_does_not_know_is_an_error(string tex, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => TexMath.ToMathMl(tex, false)).Message);
}

using C2FVL.Figures;
using SkiaSharp;

namespace C2FVL.Tests.Figures;

public sealed class DiagramTests
{
    [Fact]
    public void TheNetworkIsDrawnAtItsOwnSize()
    {
        Diagram published = C2fvlDiagram.Draw();
        Diagram small = C2fvlDiagram.Draw(width: 8, side: 112, patch: 8);

        Assert.Contains(published.Boxes, box => box.Text == "ViT 4, patch 2\n196 \u00d7 512");
        Assert.Contains(published.Boxes, box => box.Text == "CNN, bottleneck\n512 \u00d7 14 \u00d7 14");
        Assert.Contains(small.Boxes, box => box.Text == "ViT 4, patch 1\n196 \u00d7 64");
        Assert.Equal(3, published.Arrows.Count(arrow => arrow.Dash == Dash.Dashed));
    }

    [Fact]
    public void BoxesDoNotOverlapAndHoldTheirWords()
    {
        Diagram diagram = C2fvlDiagram.Draw();

        foreach (DiagramBox box in diagram.Boxes)
        {
            Assert.All(box.Text.Split('\n'), line => Assert.InRange(FigureCanvas.Width(line, 11), 1, box.Width - 8));
            Assert.DoesNotContain(diagram.Boxes, other => other != box && SKRect.Intersect(box.Bounds, other.Bounds) is { Width: > 0, Height: > 0 });
        }
    }

    [Fact]
    public void AnArrowToNowhereIsRefused()
    {
        Diagram diagram = new("Lost") { Boxes = [new("a", 50, 50, "a")], Arrows = [new("a", "b")] };

        var error = Assert.Throws<ArgumentException>(() => diagram.ToPng(1));
        Assert.Contains("\"b\"", error.Message, StringComparison.Ordinal);
    }
}

using SkiaSharp;

namespace C2FVL.Figures;

/// <summary>The network of the paper (its Fig. 1) in a drawing of our own.</summary>
public static class C2fvlDiagram
{
    /// <summary>The architecture at a width and an image side.</summary>
    /// <param name="width">Channels of the first scale; 64 as published.</param>
    /// <param name="side">The image's side in pixels; 224 as published.</param>
    /// <param name="patch">The ViT's patch at the first scale; 16 as published, halved at each further scale.</param>
    public static Diagram Draw(int width = 64, int side = 224, int patch = 16)
    {
        var boxes = new List<DiagramBox>();
        var arrows = new List<DiagramArrow>();
        int tokens = side / patch * (side / patch);
        boxes.Add(new("image", Cnn, Row(0) - 92, $"image\n3 \u00d7 {side} \u00d7 {side}") { Height = 40 });
        boxes.Add(new("text", Text, Row(0) - 92, "text vector\n8 values") { Width = 96, Height = 40, Color = Palette.Orange });
        arrows.Add(Down("image", "cnn1"));
        for (int i = 0; i < Scales; i++)
            AddScale(boxes, arrows, i, width, side, patch, tokens);
        boxes.Add(new("bottom", Cnn, Row(Scales), $"CNN, bottleneck\n{width * 8} \u00d7 {side >> 4} \u00d7 {side >> 4}") { Width = 132, Color = Palette.Blue });
        boxes.Add(new("mask", Decoder, Row(0) - 92, $"conv 1 \u00d7 1, sigmoid\nmask {side} \u00d7 {side}") { Width = 132, Height = 40 });
        arrows.Add(Down("cnn4", "bottom"));
        arrows.Add(new("bottom", "up4") { ToSide = DiagramSide.Bottom, Via = [(Decoder, Row(Scales))] });
        arrows.Add(new("up1", "mask") { FromSide = DiagramSide.Top, ToSide = DiagramSide.Bottom });
        arrows.Add(new("text", "times1") { FromSide = DiagramSide.Bottom, ToSide = DiagramSide.Top, Color = Palette.Orange });
        for (int i = 1; i < Scales; i++)
        {
            arrows.Add(new("vlab4", $"vlab{i}")
            {
                FromSide = DiagramSide.Top,
                ToSide = DiagramSide.Bottom,
                Via = [(Vlab, Row(3) - 40), (Vlab + 84, Row(3) - 40), (Vlab + 84, Row(i - 1) + 40), (Vlab, Row(i - 1) + 40)],
                Color = Palette.Vermillion,
                Dash = Dash.Dashed,
            });
        }

        return new Diagram("C2FVL: a CNN and a Vision Transformer side by side, text on the skips")
        {
            Subtitle = "Shapes are channels \u00d7 height \u00d7 width, or tokens \u00d7 channels. After the paper's Fig. 1, Eq. 1 to 8.",
            AltText = "Architecture of C2FVL. A CNN branch runs down four scales and a bottleneck; at each scale a Vision Transformer reads the CNN's map. "
                + "Its tokens are reconstructed to a map and added to the CNN's map, the sum is multiplied by the text vector repeated along the channels, and passes a VLAB. "
                + "The decoder goes up from the bottleneck, joins each VLAB's output and ends in the mask. Cosine losses tie the VLAB outputs of scales 1 to 3 to that of scale 4.",
            Width = 1000,
            Height = (int)Row(Scales) + 44,
            Boxes = boxes,
            Arrows = arrows,
            Labels =
            [
                new(Cnn, 12, "CNN branch") { Bold = true, Color = Palette.Blue },
                new(Vit, 12, "ViT branch") { Bold = true, Color = Palette.Green },
                new(Text, 12, "text") { Bold = true, Color = Palette.Ink },
                new(Vlab, 12, "alignment") { Bold = true, Color = Palette.Ink },
                new(Decoder, 12, "decoder") { Bold = true, Color = Palette.Blue },
                new(Vlab, Row(Scales) - 26, "dashed: cosine loss L_up,\nanchored at scale 4") { Color = Palette.Vermillion },
            ],
        };
    }

    private const int Scales = 4;
    private const float Cnn = 90;
    private const float Vit = 262;
    private const float Reconstruct = 404;
    private const float Add = 512;
    private const float Text = 592;
    private const float Vlab = 712;
    private const float Decoder = 902;

    private static float Row(int scale) => 142 + (scale * 108);

    private static void AddScale(List<DiagramBox> boxes, List<DiagramArrow> arrows, int i, int width, int side, int patch, int tokens)
    {
        int n = i + 1;
        float y = Row(i);
        int channels = width << i;
        string shape = $"{channels} \u00d7 {side >> i} \u00d7 {side >> i}";
        int up = i == 0 ? width : width << (i - 1);
        boxes.Add(new($"cnn{n}", Cnn, y, $"CNN {n}\n{shape}") { Width = 132, Color = Palette.Blue });
        boxes.Add(new($"vit{n}", Vit, y, $"ViT {n}, patch {patch >> i}\n{tokens} \u00d7 {channels}") { Width = 124, Color = Palette.Green });
        boxes.Add(new($"rec{n}", Reconstruct, y, "Reconstruct") { Width = 96, Height = 36, Color = Palette.Green });
        boxes.Add(new($"add{n}", Add, y, "+") { Width = 30, Height = 30, Round = true });
        boxes.Add(new($"times{n}", Text, y, "\u00d7") { Width = 30, Height = 30, Round = true, Color = Palette.Orange });
        boxes.Add(new($"vlab{n}", Vlab, y, $"VLAB {n}\n{shape}") { Width = 124, Color = Palette.Vermillion });
        boxes.Add(new($"up{n}", Decoder, y, $"up, concat, conv\n{up} \u00d7 {side >> i} \u00d7 {side >> i}") { Width = 132, Color = Palette.Blue });
        arrows.Add(new($"cnn{n}", $"vit{n}"));
        arrows.Add(new($"vit{n}", $"rec{n}"));
        arrows.Add(new($"rec{n}", $"add{n}"));
        arrows.Add(new($"cnn{n}", $"add{n}") { ToSide = DiagramSide.Bottom, Via = [(Cnn + 82, y), (Cnn + 82, y + 38), (Add, y + 38)], Color = Palette.Blue });
        arrows.Add(new($"add{n}", $"times{n}"));
        arrows.Add(new($"times{n}", $"vlab{n}"));
        arrows.Add(new($"vlab{n}", $"up{n}"));
        if (n == Scales)
            return;
        arrows.Add(Down($"cnn{n}", $"cnn{n + 1}"));
        arrows.Add(Down($"vit{n}", $"vit{n + 1}"));
        arrows.Add(Down($"times{n}", $"times{n + 1}") with { Color = Palette.Orange });
        arrows.Add(new($"up{n + 1}", $"up{n}") { FromSide = DiagramSide.Top, ToSide = DiagramSide.Bottom });
    }

    private static DiagramArrow Down(string from, string to) => new(from, to) { FromSide = DiagramSide.Bottom, ToSide = DiagramSide.Top };
}

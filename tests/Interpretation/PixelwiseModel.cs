using C2FVL.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace C2FVL.Tests.Interpretation;

/// <summary>A pixel's logit is 10 (x - threshold) of its own grey value x; the layer <c>grey</c> gives the values.</summary>
internal sealed class PixelwiseModel : SegmentationModel
{
    private readonly double threshold;
    private readonly Identity grey;

    public PixelwiseModel(double threshold)
        : base("Pixelwise")
    {
        this.threshold = threshold;
        grey = nn.Identity();
        RegisterComponents();
    }

    public override bool UsesText => false;

    public override IReadOnlyList<string> CamLayers => ["grey"];

    public override ModelOutput forward(Tensor image, Tensor text) => new(10 * (grey.call(image.narrow(1, 0, 1)) - threshold));
}

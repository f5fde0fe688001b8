using C2FVL.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace C2FVL.Tests.Interpretation;

/// <summary>
/// The least network with a layer to explain: <c>features</c>, a convolution from 3 to 2 maps; a ReLU in place, so that
/// the layer's own output is gone when the gradient comes; <c>outc</c>, 2 maps to a logit.
/// </summary>
internal sealed class ToyModel : SegmentationModel
{
    private readonly Conv2d features;
    private readonly Conv2d outc;
    private readonly Linear unused;

    public ToyModel()
        : base("Toy")
    {
        features = nn.Conv2d(3, 2, kernel_size: 3L, padding: 1L);
        outc = nn.Conv2d(2, 1, kernel_size: 3L, padding: 1L);
        unused = nn.Linear(1, 1);
        RegisterComponents();
    }

    public override bool UsesText => false;

    public override IReadOnlyList<string> CamLayers => ["features"];

    public Tensor AfterFeatures(Tensor x) => outc.call(x.relu());

    public Tensor Features(Tensor image) => features.call(image);

    public override ModelOutput forward(Tensor image, Tensor text) => new(outc.call(features.call(image).relu_()));
}

using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// One level of the decoder: the map from below, upsampled by 2 (nearest neighbour), behind the aligned skip, then
/// two conv3x3-BN-ReLU. It returns the new map (B, Out, 2h, 2w) and the aligned skip (B, Skip, 2h, 2w), which the
/// cosine loss compares across levels.
/// </summary>
public sealed class DecoderBlock : Module<Tensor, Tensor, (Tensor Map, Tensor Aligned)>
{
    private readonly Vlab? vlab;
    private readonly JoiningConvs nConvs;

    /// <param name="inChannels">Channels of the skip and of the map from below together.</param>
    /// <param name="outChannels">Channels of the new map.</param>
    /// <param name="useVlab">Whether a VLAB aligns the skip; without, it is joined as it comes.</param>
    public DecoderBlock(long inChannels, long outChannels, bool useVlab)
        : base(nameof(DecoderBlock))
    {
        vlab = useVlab ? new Vlab(inChannels / 2) : null;
        nConvs = new JoiningConvs(inChannels, outChannels);
        RegisterComponents();
    }

    /// <param name="below">The map of the level below, (B, In - Skip, h, w).</param>
    /// <param name="skip">The skip of this level, (B, Skip, 2h, 2w).</param>
    public override (Tensor Map, Tensor Aligned) forward(Tensor below, Tensor skip)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor aligned = vlab is null ? skip.alias() : vlab.call(skip);
        Tensor map = nConvs.call(nConvs.First.Join(aligned, below));
        return (map.MoveToOuterDisposeScope(), aligned.MoveToOuterDisposeScope());
    }

    /// <summary>
    /// The two conv3x3-BN-ReLU, which the released code numbers. The first joins two maps, so it is called by itself;
    /// its output is the input here.
    /// </summary>
    private sealed class JoiningConvs : Module<Tensor, Tensor>
    {
        [ComponentName(Name = "0")]
        private readonly ConvBnRelu first;

        [ComponentName(Name = "1")]
        private readonly ConvBnRelu second;

        public JoiningConvs(long inChannels, long outChannels)
            : base(nameof(nConvs))
        {
            first = new ConvBnRelu(inChannels, outChannels);
            second = new ConvBnRelu(outChannels, outChannels);
            RegisterComponents();
        }

        public ConvBnRelu First => first;

        public override Tensor forward(Tensor joined) => second.call(joined);
    }
}

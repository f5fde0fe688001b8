using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// One level of the decoder: the aligned skip is concatenated with the map from below, upsampled by 2 (nearest
/// neighbour); then two conv3x3-BN-ReLU. It returns the new map (B, Out, 2h, 2w) and the aligned skip (B, Skip, 2h,
/// 2w), which the cosine loss compares across levels.
/// </summary>
public sealed class DecoderBlock : Module<Tensor, Tensor, (Tensor Map, Tensor Aligned)>
{
    private readonly Vlab? vlab;
    private readonly ConvPair nConvs;

    /// <param name="inChannels">Channels of the skip and of the map from below together.</param>
    /// <param name="outChannels">Channels of the new map.</param>
    /// <param name="useVlab">Whether a VLAB aligns the skip; without one, it is concatenated unchanged.</param>
    public DecoderBlock(long inChannels, long outChannels, bool useVlab)
        : base(nameof(DecoderBlock))
    {
        vlab = useVlab ? new Vlab(inChannels / 2) : null;
        nConvs = new ConvPair(inChannels, outChannels, isNumbered: true, joins: true);
        RegisterComponents();
    }

    /// <param name="below">The map of the level below, (B, In - Skip, h, w).</param>
    /// <param name="skip">The skip of this level, (B, Skip, 2h, 2w).</param>
    public override (Tensor Map, Tensor Aligned) forward(Tensor below, Tensor skip)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor aligned = vlab is null ? skip.alias() : vlab.call(skip);
        Tensor map = nConvs.Join(aligned, below);
        return (map.MoveToOuterDisposeScope(), aligned.MoveToOuterDisposeScope());
    }
}

/// <summary>
/// One level of a plain decoder: the map from below, upsampled to the skip's size and concatenated with the skip, if
/// any, then two conv3x3-BN-ReLU. (B, In, h, w) and (B, Skip, H, W) to (B, Out, H, W); without a skip H = 2h, W = 2w.
/// </summary>
/// <param name="inChannels">Channels of the map from below.</param>
/// <param name="skipChannels">Channels of the skip; 0 for none.</param>
/// <param name="outChannels">Channels of the new map.</param>
/// <param name="mode">How the map is upsampled; the default is nearest neighbour.</param>
/// <param name="alignCorners">Whether corners stay in place in bilinear upsampling.</param>
public sealed class UpBlock(
    long inChannels, long skipChannels, long outChannels, InterpolationMode mode = InterpolationMode.Nearest,
    bool alignCorners = false)
    : Block<Tensor?>(nameof(UpBlock))
{
    private readonly ConvPair convs = new(inChannels + skipChannels, outChannels);

    protected override Tensor Compute(Tensor below, Tensor? skip)
    {
        long[] size = skip is null ? [2 * below.shape[2], 2 * below.shape[3]] : skip.shape[2..];
        bool? align = mode == InterpolationMode.Nearest ? null : alignCorners;
        Tensor up = functional.interpolate(below, size, mode: mode, align_corners: align);
        return convs.call(skip is null ? up : cat([up, skip], 1));
    }
}

using C2FVL.Models.Blocks;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models;

/// <summary>
/// A U-Net: an encoder of five levels, each half as large as the one above, and a decoder that joins the skips of the
/// upper four, from coarse to fine. A method says what its levels are and what becomes of the skips on their way.
/// <code>
/// image -> inc -> down1 -> down2 -> down3 -> down4      S to S/16
///           |       |        |        |        |
/// up1 &lt;- up2 &lt;- up3 &lt;- up4 &lt;----
///           |
///          outc -> logits
/// </code>
/// </summary>
public abstract class UShapedModel<TSettings> : SegmentationModel<TSettings>
    where TSettings : ModelSettings
{
    private readonly Module<Tensor, Tensor>[] encoder;
    private Block<Tensor>[] decoder = [];
    private Conv2d? outc;

    /// <param name="settings">The settings.</param>
    /// <param name="encoder">Makes inc and down1 to down4, once the settings are found good.</param>
    private protected UShapedModel(TSettings settings, Func<Module<Tensor, Tensor>[]> encoder)
        : base(settings)
    {
        this.encoder = encoder();
        for (int i = 0; i < this.encoder.Length; i++)
            register_module(i == 0 ? "inc" : $"down{i}", this.encoder[i]);
    }

    public override IReadOnlyList<string> CamLayers => ["up4.convs", "up3.convs", "up2.convs", "up1.convs"];

    /// <summary>Adds the decoder, after which no parameter follows.</summary>
    /// <param name="width">Channels of the last map.</param>
    /// <param name="ups">up4 to up1, each for the map from below and the skip.</param>
    private protected void AddDecoder(long width, params Block<Tensor>[] ups)
    {
        decoder = ups;
        for (int i = 0; i < ups.Length; i++)
            register_module($"up{ups.Length - i}", ups[i]);
        outc = Conv2d(width, 1, kernel_size: 1L);
        register_module(nameof(outc), outc);
    }

    /// <summary>What becomes of the skips, fine to coarse; by default they stay.</summary>
    private protected virtual Tensor[] Fused(Tensor[] skips) => skips;

    protected sealed override ModelOutput Segment(Tensor image, Tensor text)
    {
        var maps = new Tensor[encoder.Length]; // (B, w, S, S) to (B, C, S/16, S/16)
        for (int i = 0; i < maps.Length; i++)
            maps[i] = encoder[i].call(i == 0 ? image : maps[i - 1]);

        Tensor[] skips = Fused(maps[..^1]);
        Tensor x = maps[^1];
        for (int i = 0; i < decoder.Length; i++)
            x = decoder[i].call(x, skips[^(i + 1)]); // (B, C, S/8, S/8) to (B, w, S, S)
        return new ModelOutput(outc!.call(x)); // (B, 1, S, S)
    }
}

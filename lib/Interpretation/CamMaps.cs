using C2FVL.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Interpretation;

/// <summary>The CAMs of a batch. The owner disposes them.</summary>
public sealed class CamMaps : IDisposable
{
    private readonly Dictionary<string, Tensor> maps;

    internal CamMaps(IReadOnlyList<string> layers, Dictionary<string, Tensor> maps, Tensor logits, Tensor pixels)
    {
        Layers = layers;
        this.maps = maps;
        Logits = logits;
        Pixels = pixels;
        foreach (Tensor tensor in maps.Values.Append(logits).Append(pixels))
            tensor.DetachFromDisposeScope();
    }

    /// <summary>The layers, in the order asked for.</summary>
    public IReadOnlyList<string> Layers { get; }

    /// <summary>What the model gave, (B, 1, S, S), before the sigmoid.</summary>
    public Tensor Logits { get; }

    /// <summary>The pixel set that is explained, (B, 1, S, S), boolean.</summary>
    public Tensor Pixels { get; }

    /// <summary>A layer's CAM, (B, h, w), 0 or more, at the layer's own size and scale.</summary>
    public Tensor this[string layer] => this.maps.TryGetValue(layer, out Tensor? map)
        ? map
        : throw new ArgumentException($"There is no CAM of layer {layer} here. There are: {string.Join(", ", this.Layers)}.");

    /// <summary>A layer's CAM at the image's size, (B, S, S), by bilinear interpolation; a new tensor.</summary>
    public Tensor Upsampled(string layer)
    {
        using DisposeScope scope = NewDisposeScope();
        long side = this.Logits.shape[^1];
        return nn.functional.interpolate(this[layer].unsqueeze(1), [side, side], mode: InterpolationMode.Bilinear, align_corners: false)
            .squeeze(1).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// One case's CAM as heat at the image's size, divided by its greatest value. Nothing is subtracted: 0 is where
    /// nothing speaks for the score, as in <see cref="CamMeasures"/>, so a figure shows the map that is measured. The
    /// map of an empty prediction is 0 everywhere.
    /// </summary>
    /// <param name="layer">The layer.</param>
    /// <param name="row">The case's row in the batch.</param>
    public GrayImage Heat(string layer, int row)
    {
        using DisposeScope scope = NewDisposeScope();
        float[] values = this.Upsampled(layer)[row].to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
        float most = values.Max();
        int side = (int)this.Logits.shape[^1];
        return new GrayImage(side, side, Array.ConvertAll(values, value => most > 0 ? value / most : 0));
    }

    /// <summary>What the model calls lesion in one case: probability at least 0.5.</summary>
    /// <param name="row">The case's row in the batch.</param>
    public BinaryMask Prediction(int row)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor lesion = (this.Logits[row, 0].sigmoid() >= 0.5).to(ScalarType.Byte).cpu().contiguous();
        return new BinaryMask((int)lesion.shape[1], (int)lesion.shape[0], lesion.data<byte>().ToArray());
    }

    public void Dispose()
    {
        foreach (Tensor map in this.maps.Values)
            map.Dispose();
        this.Logits.Dispose();
        this.Pixels.Dispose();
    }
}

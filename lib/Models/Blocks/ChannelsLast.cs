using C2FVL.Platform;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Models.Blocks;

/// <summary>
/// Stores a map in memory with the channels of each pixel side by side, as oneDNN and cuDNN compute. Shape and values
/// stay the same. All later layers keep the order of their input, so a network converts its image once, and no
/// convolution needs to reorder its maps.
/// </summary>
public static class ChannelsLast
{
    /// <param name="map">(B, C, h, w), in any order.</param>
    /// <returns>The same, channels last in memory; on the plain path the map as it is.</returns>
    public static Tensor Of(Tensor map) => FastPaths.On
        ? map.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)
        : map.alias();
}

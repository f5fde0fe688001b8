using System.Text.Json.Serialization;

namespace C2FVL.Models;

/// <summary>The settings of <see cref="GLoRIAModel"/>. The defaults are the published encoder and space, with a narrow decoder and a small text encoder; the model says why.</summary>
public sealed record GLoRIASettings : ModelSettings
{
    /// <summary>As wide and as large as published: width 64, decoder 16, embedding 768 at 224 x 224, 38,438,769 parameters.</summary>
    public static GLoRIASettings Published { get; } = new();

    /// <summary>Half as wide as published: width 32, decoder 8, embedding 384 at 224 x 224; 9,630,713 parameters.</summary>
    public static GLoRIASettings Half { get; } = new() { Width = 32, DecoderWidth = 8, EmbeddingSize = 384 };

    /// <summary>
    /// For a CPU and real pictures: width 12, decoder 4, embedding 96 at 112 x 112, as deep as published; 1.41 million
    /// parameters, C2FVL's has 1.36. The deepest map is 4 x 4.
    /// </summary>
    public static GLoRIASettings Small { get; } = new() { Width = 12, DecoderWidth = 4, EmbeddingSize = 96, ImageSize = 112 };

    /// <summary>For phantoms and tests: width 4, decoder 4, embedding 48 at 64 x 64, as deep as published; 0.32 million parameters, C2FVL's has 0.34.</summary>
    public static GLoRIASettings Tiny { get; } = new() { Width = 4, DecoderWidth = 4, EmbeddingSize = 48, ImageSize = 64 };

    public override string Name => "GLoRIA";

    [JsonIgnore]
    public override bool ReadsText => true;

    /// <summary>Channels of the encoder's first map, at least 1; the next have 4, 8, 16 and 32 times as many. The default is 64.</summary>
    public int Width { get; init; } = 64;

    /// <summary>Channels of the decoder's last map, at least 1; the maps before have 2, 4, 8 and 16 times as many. The default is 16.</summary>
    public int DecoderWidth { get; init; } = 16;

    /// <summary>Numbers in the space that images and words share, at least 1. The default is 768.</summary>
    public int EmbeddingSize { get; init; } = 768;

    public override SegmentationModel Create() => new GLoRIAModel(this);

    internal override void Validate()
    {
        SettingRange.Require(Width >= 1, Name, nameof(Width), Width, "at least 1");
        SettingRange.Require(DecoderWidth >= 1, Name, nameof(DecoderWidth), DecoderWidth, "at least 1");
        SettingRange.Require(EmbeddingSize >= 1, Name, nameof(EmbeddingSize), EmbeddingSize, "at least 1");
        SettingRange.Require(ImageSize >= 64 && ImageSize % 16 == 0, Name, nameof(ImageSize), ImageSize, "at least 64 and a multiple of 16, as it is halved 4 times, and a fifth time rounded up");
    }
}

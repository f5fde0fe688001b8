using C2FVL.Models;
using C2FVL.Tests.Support;

namespace C2FVL.Tests.Models;

[Collection(nameof(SeededTorch))]
public sealed class C2FVLSettingsTests
{
    [Fact]
    public void DefaultsAreThePublishedNetwork()
    {
        var settings = new C2FVLSettings();

        Assert.Equal(C2FVLSettings.Published, settings);
        Assert.Equal((64, 224, 16, 8, 4, 0.1), (settings.Width, settings.ImageSize, settings.Patch, settings.Heads, settings.MlpRatio, settings.Dropout));
        Assert.Equal((true, C2FVLText.AllSkips, true), (settings.UseViT, settings.Text, settings.UseVlab));
    }

    [Fact]
    public void PresetsAreThoseOfTheScales()
    {
        Assert.Equal((16, 112, 8), (C2FVLSettings.Small.Width, C2FVLSettings.Small.ImageSize, C2FVLSettings.Small.Patch));
        Assert.Equal((8, 64, 8), (C2FVLSettings.Tiny.Width, C2FVLSettings.Tiny.ImageSize, C2FVLSettings.Tiny.Patch));
    }

    [Fact]
    public void EveryRangeIsNamed()
    {
        C2FVLSettings tiny = C2FVLSettings.Tiny;
        AssertRefused(tiny with { Width = 12 }, "C2FVL's Width is 12; it must be a positive multiple of 8 and of the 8 attention heads.");
        AssertRefused(tiny with { Patch = 4 }, "C2FVL's Patch is 4; it must be a positive multiple of 8, as it is halved three times.");
        AssertRefused(tiny with { ImageSize = 72 }, "C2FVL's ImageSize is 72; it must be at least 32 and a multiple of 16 and of the patch, 8.");
        AssertRefused(tiny with { ImageSize = 80, Patch = 32 }, "C2FVL's ImageSize is 80; it must be at least 32 and a multiple of 16 and of the patch, 32.");
        AssertRefused(tiny with { Heads = 0 }, "C2FVL's Heads is 0; it must be at least 1.");
        AssertRefused(tiny with { MlpRatio = 0 }, "C2FVL's MlpRatio is 0; it must be at least 1.");
        AssertRefused(tiny with { Dropout = 1 }, "C2FVL's Dropout is 1; it must be from 0 to below 1.");
        AssertRefused(tiny with { Text = (C2FVLText)9 }, "C2FVL's Text is 9; it must be None, FirstSkip, AllSkips.");
    }

    private static void AssertRefused(C2FVLSettings settings, string message)
    {
        var error = Assert.Throws<ArgumentException>(() => settings.Create());
        Assert.StartsWith(message, error.Message);
    }
}

namespace C2FVL.Data;

/// <summary>Decodes a case and brings it to the network's size.</summary>
public static class SampleReader
{
    /// <summary>Reads a case's image and mask. A case without a mask gets one that is empty of lesions.</summary>
    /// <param name="item">The case.</param>
    /// <param name="size">The network's side in pixels.</param>
    /// <param name="rule">How the mask is brought to that size.</param>
    /// <exception cref="FileNotFoundException">The image or the mask is not there.</exception>
    /// <exception cref="InvalidDataException">A file cannot be decoded, or image and mask differ in size.</exception>
    public static Sample Read(Case item, int size, MaskRule rule = MaskRule.AreaHalf)
    {
        GrayImage image = item.ReadImage();
        if (item.MaskPath is null)
            return new Sample(item, Resize.Area(image, size), new BinaryMask(size, size), item.Report);

        BinaryMask mask = item.ReadMask();
        if (SizeFault(item, image.Size, mask.Size) is DataFault fault)
            throw fault.AsException();
        return new Sample(item, Resize.Area(image, size), Resize.Mask(mask, size, rule), item.Report);
    }

    /// <summary>A mask of another size than its image, named; null where the sizes agree.</summary>
    internal static DataFault? SizeFault(Case item, (int Width, int Height) image, (int Width, int Height) mask) =>
        image == mask ? null : new DataFault(item.MaskPath!, null,
            $"The mask is {mask.Width} x {mask.Height}, but its image {item.ImagePath} is {image.Width} x "
                + $"{image.Height}.", "Give the mask that was drawn on this image, at the image's own size.");
}

/// <summary>A decoded case at the network's size, ready to be augmented and put in a batch.</summary>
/// <param name="Case">Where it comes from.</param>
/// <param name="Image">The image at the network's size.</param>
/// <param name="Mask">The mask at the network's size; empty of lesions where the case has none.</param>
/// <param name="Report">The report, which augmentation moves with the image; null for missing.</param>
public sealed record Sample(Case Case, GrayImage Image, BinaryMask Mask, LesionReport? Report);

namespace C2FVL.Data;

/// <summary>An image and its mask, found by their names.</summary>
/// <param name="Name">The image's name without extension, composed; unique in its part.</param>
/// <param name="Id">The name that is unique in the data set.</param>
/// <param name="Image">The image file.</param>
/// <param name="Mask">The mask file.</param>
/// <param name="Part">The part that the folder gives; null for none.</param>
internal sealed record ImagePair(string Name, string Id, string Image, string Mask, Part? Part);

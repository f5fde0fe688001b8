namespace C2FVL.Data;

/// <summary>A decoded case at the network's size, ready to be augmented and put in a batch.</summary>
/// <param name="Case">Where it comes from.</param>
/// <param name="Image">The image at the network's size.</param>
/// <param name="Mask">The mask at the network's size; empty of lesions where the case has none.</param>
/// <param name="Report">The report, which augmentation moves with the picture; null for missing.</param>
public sealed record Sample(Case Case, GrayImage Image, BinaryMask Mask, LesionReport? Report);

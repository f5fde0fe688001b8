namespace C2FVL.Data.Phantoms;

/// <summary>A drawn picture and all that is known of it. All planes have one size.</summary>
/// <param name="Image">The picture; every value is a whole multiple of 1/255, so that an 8-bit file holds it exactly.</param>
/// <param name="Mask">The lesions.</param>
/// <param name="Distractors">The opacities that look like lesions and are none; empty unless asked for.</param>
/// <param name="Lungs">Both lungs.</param>
/// <param name="Report">The report, written from <paramref name="Mask"/> by <see cref="PhantomReport"/>.</param>
public sealed record Phantom(GrayImage Image, BinaryMask Mask, BinaryMask Distractors, BinaryMask Lungs, LesionReport Report);

namespace C2FVL.Interpretation;

/// <summary>Where one layer's CAM of one case lies.</summary>
/// <param name="Energy">The share of the CAM inside the annotated lesion, 0 to 1; see <see cref="CamMeasures.Energy"/>.</param>
/// <param name="Hit">Whether the CAM's peak lies inside the annotated lesion; see <see cref="CamMeasures.Hits"/>.</param>
/// <param name="Left">The share of the CAM in the picture's left half, 0 to 1.</param>
/// <param name="IsZero">Whether the CAM is 0 everywhere: then energy and left share are 0 and the peak is none.</param>
public sealed record LayerScore(double Energy, bool Hit, double Left, bool IsZero);

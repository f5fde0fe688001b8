using C2FVL.Models;

namespace C2FVL.Interpretation;

/// <summary>What a CAM is asked.</summary>
public sealed record CamSettings
{
    /// <summary>
    /// Layers by their names in <c>named_modules()</c>, coarse to fine where there are several; null, the default, for
    /// the model's <see cref="SegmentationModel.CamLayers"/>.
    /// </summary>
    public IReadOnlyList<string>? Layers { get; init; }

    /// <summary>The default is Grad-CAM, as in the paper's Fig. 4.</summary>
    public CamMethod Method { get; init; } = CamMethod.GradCam;

    /// <summary>The default is the predicted lesion.</summary>
    public CamPixels Pixels { get; init; } = CamPixels.PredictedLesion;
}

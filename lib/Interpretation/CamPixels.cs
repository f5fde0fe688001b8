namespace C2FVL.Interpretation;

/// <summary>The pixels whose logits a CAM explains: their sum, before the sigmoid, is the score y.</summary>
public enum CamPixels
{
    /// <summary>Those that the network calls lesion, probability at least 0.5: why does it say so?</summary>
    PredictedLesion,

    /// <summary>Those of the annotated lesion, found or not: what speaks for the lesion?</summary>
    TrueLesion,
}

namespace C2FVL.Experiments;

/// <summary>One word that chooses data, network size and budget everywhere.</summary>
public enum Scale
{
    /// <summary>Pictures drawn by the library, tiny networks: the whole workbook in minutes. Demonstrates; no result.</summary>
    Phantom,

    /// <summary>Real pictures, a fixed seeded list of cases, small networks at 112 x 112: hours on a CPU.</summary>
    Mini,

    /// <summary>
    /// All real pictures at the paper's 224 x 224, networks half as wide as published, a dozen epochs: a night on two
    /// cores for each run.
    /// </summary>
    Full,

    /// <summary>Real and full, networks as published at 224 x 224: needs a GPU.</summary>
    Paper,
}

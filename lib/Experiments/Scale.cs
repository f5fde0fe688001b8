namespace C2FVL.Experiments;

/// <summary>One word that chooses data, network size and budget everywhere.</summary>
public enum Scale
{
    /// <summary>
    /// Images drawn by the library, tiny networks: the whole workbook in minutes. For demonstration only.
    /// </summary>
    Phantom,

    /// <summary>Real images, a fixed seeded list of cases, small networks at 112 x 112: hours on a CPU.</summary>
    Mini,

    /// <summary>
    /// All real images at the paper's 224 x 224, networks half as wide as published, six epochs: hours on a CPU for
    /// each run.
    /// </summary>
    Full,

    /// <summary>Real and full, networks as published at 224 x 224: needs a GPU.</summary>
    Paper,
}

/// <summary>What figures and tables say about their preset.</summary>
public static class Scales
{
    /// <summary>One line for under a title.</summary>
    public static string Caption(this Scale scale) => scale switch
    {
        Scale.Phantom => "phantom preset: drawn images, for demonstration only",
        Scale.Mini => "mini preset: real images, 112 x 112, small networks, few cases and epochs",
        Scale.Full => "full preset: all real images, 224 x 224, networks half as wide as published",
        _ => "paper preset: real images, 224 x 224, networks as published",
    };

    /// <summary>The same of a run: own images at the smallest preset are neither drawn nor a demonstration.</summary>
    internal static string Caption(this RunSpec spec) => spec.Scale == Scale.Phantom && !spec.Data.IsPhantom
        ? $"phantom preset: images of {spec.Data.Name}, tiny networks and few epochs"
        : spec.Scale.Caption();
}

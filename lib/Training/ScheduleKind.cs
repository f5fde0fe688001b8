namespace C2FVL.Training;

/// <summary>How the learning rate moves from epoch to epoch.</summary>
public enum ScheduleKind
{
    /// <summary>Cosine annealing with warm restarts (SGDR), the authors'.</summary>
    CosineWarmRestarts,

    /// <summary>(1 - epoch / epochs) to the power 0.9, nnU-Net's.</summary>
    Polynomial,

    Constant,
}

namespace C2FVL.Training;

/// <summary>The optimisers that the ten systems use.</summary>
public enum OptimizerKind
{
    /// <summary>Adam, the paper's.</summary>
    Adam,

    /// <summary>Adam with decoupled weight decay.</summary>
    AdamW,

    /// <summary>SGD with Nesterov momentum 0.99, nnU-Net's.</summary>
    NesterovSgd,

    /// <summary>SGD with momentum 0.9, TransUNet's and Swin-Unet's.</summary>
    Sgd,
}

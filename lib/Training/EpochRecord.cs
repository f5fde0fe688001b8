using CsvHelper;

namespace C2FVL.Training;

/// <summary>One row of history.csv. It holds no times, so that two equal runs have equal files; the log has them.</summary>
/// <param name="Epoch">Counted from 1 over both stages.</param>
/// <param name="Stage">"pretrain" or "train".</param>
/// <param name="LearningRate">The learning rate of the epoch's last step; without a schedule by step, of all of them.</param>
/// <param name="Loss">The mean training loss a batch, all terms together.</param>
/// <param name="DiceLoss">Its Dice term before weighting; NaN in pretraining.</param>
/// <param name="BceLoss">Its weighted cross entropy before weighting; NaN in pretraining.</param>
/// <param name="CosineLoss">Its cosine term, weights included; NaN in pretraining.</param>
/// <param name="ValMeanDice">Mean Dice over the validation images, 0 to 1; NaN in pretraining.</param>
/// <param name="ValPooledDice">Pooled Dice over the validation set, 0 to 1; NaN in pretraining.</param>
[CsvRecord]
public sealed partial record EpochRecord(
    int Epoch,
    string Stage,
    double LearningRate,
    double Loss,
    double DiceLoss,
    double BceLoss,
    double CosineLoss,
    double ValMeanDice,
    double ValPooledDice);

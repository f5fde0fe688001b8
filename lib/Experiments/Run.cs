using System.Text.Json;
using C2FVL.Evaluation;
using C2FVL.Models;
using C2FVL.Training;

namespace C2FVL.Experiments;

/// <summary>A finished run.</summary>
/// <param name="Spec">What was run.</param>
/// <param name="Folder">Where its files are.</param>
/// <param name="History">A row an epoch.</param>
/// <param name="Cases">The test scores of the best weights, a row a case.</param>
/// <param name="WallTime">How long training and test took, interruptions not counted; null where unknown.</param>
public sealed record Run(RunSpec Spec, string Folder, IReadOnlyList<EpochRecord> History, IReadOnlyList<CaseScore> Cases, TimeSpan? WallTime)
{
    /// <summary>Whether the weights are here; tracked results have none.</summary>
    public bool HasWeights => File.Exists(Path.Combine(this.Folder, Trainer.BestName));

    /// <summary>
    /// Images that went through the network a second of <see cref="WallTime"/>, training, validation and test together;
    /// NaN where the time is unknown, or the number of images: tracked results have no split and know it only where the
    /// spec names it or says how a set of known size is split.
    /// </summary>
    public double ImagesPerSecond
    {
        get
        {
            if (this.WallTime is not { TotalSeconds: > 0 } time || this.Images("train", this.Spec.Data.Train ?? Known(this.Spec.Data)?.Train) is not int train || this.Images("val", this.Spec.Data.Val ?? Known(this.Spec.Data)?.Val) is not int val)
                return double.NaN;
            int validated = this.History.Count(epoch => !double.IsNaN(epoch.ValMeanDice));
            return ((this.History.Count * (double)train) + (validated * (double)val) + this.Cases.Count) / time.TotalSeconds;
        }
    }

    /// <summary>The model with its best weights, in evaluation mode on the CPU.</summary>
    /// <exception cref="FileNotFoundException">The run has no weights; the message says how to get them.</exception>
    public SegmentationModel LoadModel()
    {
        string weights = Path.Combine(this.Folder, Trainer.BestName);
        if (!this.HasWeights)
            throw new FileNotFoundException($"{this.Folder} holds a run's results without its weights. Train it here to get them: it needs the data set {this.Spec.Data.Set}.", weights);
        SegmentationModel model = this.Spec.Model.Create();
        Weights.Load(model, weights);
        model.eval();
        return model;
    }

    /// <summary>The public CT set comes with 50 slices to train on, a fifth of which validates.</summary>
    private static (int Train, int Val)? Known(DataSpec data) => data is { Set: "medseg-ct", Split: SplitKind.QaTa4To1 } ? (40, 10) : null;

    private int? Images(string part, int? named)
    {
        string split = Path.Combine(this.Folder, "split.json");
        if (!File.Exists(split))
            return named;
        using JsonDocument lists = JsonDocument.Parse(File.ReadAllBytes(split));
        return lists.RootElement.GetProperty(part).GetArrayLength();
    }
}

using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Models;
using C2FVL.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Workbook.Prediction;

/// <summary>A weights file and the network it is for.</summary>
/// <param name="Path">The file.</param>
/// <param name="Spec">The run's spec in the file; null where it has none.</param>
/// <param name="Settings">The network.</param>
internal sealed record TrainedWeights(string Path, RunSpec? Spec, ModelSettings Settings)
{
    /// <summary>Whether the network reads reports and was trained with them.</summary>
    public bool ReadsReports => Settings.ReadsText && Spec?.Text != TextMode.Missing;
}

/// <summary>A trained network, or several whose probabilities are averaged. The owner disposes it.</summary>
internal sealed class TrainedModel : IDisposable
{
    private TrainedModel(IReadOnlyList<TrainedWeights> weights, SegmentationModel model) =>
        (Weights, Model) = (weights, model);

    /// <summary>The networks, at least one.</summary>
    public IReadOnlyList<TrainedWeights> Weights { get; }

    /// <summary>The network, or the ensemble of them, in evaluation mode.</summary>
    public SegmentationModel Model { get; }

    /// <summary>The side of the square input in pixels, the same for all.</summary>
    public int ImageSize => Weights[0].Settings.ImageSize;

    /// <summary>Whether a report changes the prediction.</summary>
    public bool ReadsReports => Weights.Any(one => one.ReadsReports);

    /// <summary>Such as "C2FVL", or "mean of 5 networks (C2FVL)".</summary>
    public string Name => NameOf(Weights);

    /// <inheritdoc cref="Name"/>
    public static string NameOf(IReadOnlyList<TrainedWeights> weights) => weights.Count == 1
        ? weights[0].Settings.Name
        : $"mean of {weights.Count} networks "
        + $"({string.Join(", ", weights.Select(one => one.Settings.Name).Distinct())})";

    /// <summary>Makes the networks and loads their weights.</summary>
    /// <param name="weights">At least one.</param>
    /// <param name="device">Where they compute.</param>
    /// <param name="note">Is told what of a file was skipped.</param>
    /// <exception cref="ArgumentException">The networks take images of different sizes.</exception>
    /// <exception cref="InvalidDataException">A file does not fit its network, or is damaged.</exception>
    public static TrainedModel Load(IReadOnlyList<TrainedWeights> weights, Device device, Action<string> note)
    {
        TrainedWeights? other = weights.FirstOrDefault(one => one.Settings.ImageSize != weights[0].Settings.ImageSize);
        if (other is not null)
        {
            throw new ArgumentException(
                $"{other.Path} takes images of {other.Settings.ImageSize} pixels but {weights[0].Path} takes "
                    + $"{weights[0].Settings.ImageSize}. Average only networks with the same image size.");
        }

        var models = new List<SegmentationModel>();
        try
        {
            foreach (TrainedWeights one in weights)
            {
                SegmentationModel model = one.Settings.Create();
                models.Add(model);
                if (Training.Weights.Load(model, one.Path).Note is { Length: > 0 } text)
                    note(text);
            }

            SegmentationModel whole = models.Count == 1
                ? models[0]
                : new EnsembleModel(
                    [.. models.Zip(weights, (model, one) => (model, !one.Settings.ReadsText || one.ReadsReports))]);
            whole.to(device);
            whole.eval();
            return new TrainedModel(weights, whole);
        }
        catch
        {
            models.ForEach(model => model.Dispose());
            throw;
        }
    }

    public void Dispose() => Model.Dispose();
}

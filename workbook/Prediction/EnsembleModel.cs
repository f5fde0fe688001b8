using C2FVL.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Workbook.Prediction;

/// <summary>
/// Several trained networks as one, for prediction and scoring: the probability is the mean of theirs,
/// <code>p = (p_1 + ... + p_n) / n</code>
/// It owns its members and disposes them.
/// </summary>
internal sealed class EnsembleModel : SegmentationModel
{
    private const double Smallest = 1e-7; // a probability of 0 or 1 has no finite logit

    private readonly ModuleList<SegmentationModel> members;
    private readonly bool[] areGivenReports;

    /// <param name="members">
    /// The networks, all for one image size, and whether each is given the reports: one that was trained without them
    /// would read them wrongly.
    /// </param>
    /// <exception cref="ArgumentException">There is no network.</exception>
    public EnsembleModel(IReadOnlyList<(SegmentationModel Model, bool IsGivenReports)> members)
        : base("ensemble")
    {
        if (members.Count == 0)
            throw new ArgumentException("An ensemble needs at least one network.");
        this.members = ModuleList([.. members.Select(member => member.Model)]);
        areGivenReports = [.. members.Select(member => member.IsGivenReports)];
        RegisterComponents();
    }

    public override bool UsesText =>
        members.Zip(areGivenReports, (model, isGiven) => isGiven && model.UsesText).Any(reads => reads);

    public override IReadOnlyList<string> CamLayers => [];

    public override ModelOutput forward(Tensor image, Tensor text)
    {
        Tensor missing = full_like(text, double.NaN);
        Tensor sum = zeros_like(image.narrow(1, 0, 1)); // (B, 1, S, S)
        foreach ((SegmentationModel model, bool isGiven) in members.Zip(areGivenReports))
            sum.add_(model.call(image, isGiven ? text : missing).Probability);
        return new ModelOutput((sum / members.Count).clamp(Smallest, 1 - Smallest).logit());
    }
}

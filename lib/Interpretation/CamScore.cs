using C2FVL.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Interpretation;

/// <summary>The measures of one case's CAMs at the network's size.</summary>
/// <param name="CaseId">The case's id.</param>
/// <param name="Group">The patient, or the case itself where the patient is unknown.</param>
/// <param name="Named">The zones that the case's own report names, whatever text the model was given; none without a report.</param>
/// <param name="Lesion">The annotated lesion's share of the picture, 0 to 1: the energy of a uniform map.</param>
/// <param name="Layers">A score a layer, in the order of the CAMs.</param>
/// <param name="Cosines">The cosine of each pair of layers: 0 and 1, 0 and 2, ..., 1 and 2, ...</param>
public sealed record CamScore(string CaseId, string Group, Zones Named, double Lesion, IReadOnlyList<LayerScore> Layers, IReadOnlyList<double> Cosines)
{
    /// <summary>The pairs of layers, by their places, in the order of <see cref="Cosines"/>.</summary>
    public static IEnumerable<(int First, int Second)> Pairs(int layers) =>
        from first in Enumerable.Range(0, layers)
        from second in Enumerable.Range(first + 1, layers - first - 1)
        select (first, second);

    /// <summary>The one side that the report names; null where it names both or none.</summary>
    public bool? NamesLeft => ((this.Named & Zones.Left) != 0, (this.Named & Zones.Right) != 0) switch
    {
        (true, false) => true,
        (false, true) => false,
        _ => null,
    };

    /// <summary>Measures a batch's CAMs against its masks.</summary>
    /// <param name="maps">The CAMs.</param>
    /// <param name="batch">The batch that they explain.</param>
    /// <returns>A score a case, in the order of the rows.</returns>
    public static IReadOnlyList<CamScore> Of(CamMaps maps, Batch batch)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor[] cams = [.. maps.Layers.Select(maps.Upsampled)]; // each (B, S, S)
        Tensor lesion = batch.Mask.to(maps.Logits.device).squeeze(1) >= 0.5; // (B, S, S)
        Tensor left = zeros_like(lesion[0]); // (S, S)
        left.narrow(1, 0, left.shape[1] / 2).fill_(true);

        double[] share = lesion.to(ScalarType.Float64).mean([1, 2]).cpu().data<double>().ToArray();
        double[][] energy = [.. cams.Select(cam => CamMeasures.Energy(cam, lesion))];
        bool[][] hits = [.. cams.Select(cam => CamMeasures.Hits(cam, lesion))];
        double[][] lefts = [.. cams.Select(cam => CamMeasures.Energy(cam, left))];
        bool[][] zero = [.. cams.Select(cam => (cam.amax([1, 2]) <= 0).cpu().data<bool>().ToArray())];
        double[][] cosines = [.. Pairs(cams.Length).Select(pair => CamMeasures.Cosine(cams[pair.First], cams[pair.Second]))];
        return [.. batch.Cases.Select((item, row) => new CamScore(
            item.Id,
            item.Group,
            item.Report?.Zones ?? Zones.None,
            share[row],
            [.. Enumerable.Range(0, cams.Length).Select(i => new LayerScore(energy[i][row], hits[i][row], lefts[i][row], zero[i][row]))],
            [.. cosines.Select(pair => pair[row])]))];
    }
}

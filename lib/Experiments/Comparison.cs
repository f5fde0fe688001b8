using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Models;

namespace C2FVL.Experiments;

/// <summary>The methods of Table 1 on one data set, each against one of them on the same cases.</summary>
/// <param name="Methods">Those that have a run, in the order of <see cref="ModelCatalog.Names"/>.</param>
public sealed record Comparison(IReadOnlyList<ComparedMethod> Methods)
{
    /// <summary>Compares runs.</summary>
    /// <param name="runs">Any number, also none: one per method, or several that differ only in their seed, all on the
    /// same cases.</param>
    /// <param name="reference">The method that the others are compared with. The default is C2FVL.</param>
    /// <exception cref="ArgumentException">Two runs used different data, or two of one method differ in more than
    /// their seed; the message names them.</exception>
    public static Comparison Of(IEnumerable<Run> runs, string reference = "C2FVL")
    {
        Run[] all = [.. runs.OrderBy(run => run.Spec.Seed != Presets.Seeds[0]).ThenBy(run => run.Spec.Seed)];
        RunSpec? first = all.FirstOrDefault()?.Spec;
        if (all.FirstOrDefault(run => run.Spec.Data != first!.Data || run.Spec.Scale != first.Scale) is Run strange)
            throw new ArgumentException(
                $"{strange.Spec.Name} and {first!.Name} use different data or presets. Compare runs on the same "
                    + "cases.");

        List<string> order = [.. ModelCatalog.Names];
        Run[] against = [.. all.Where(run => run.Spec.Model.Name == reference)];
        ComparedMethod[] methods = [
            .. all.GroupBy(run => run.Spec.Model.Name).OrderBy(own => order.IndexOf(own.Key))
                .Select(own => Method(own.Key, [.. own], own.Key == reference ? [] : against))];
        var corrected = new Queue<double>(HolmCorrection.Adjust([
            .. methods.Select(method => method.Difference).OfType<PairedComparison>().Select(d => d.PValue)]));
        return new Comparison([
            .. methods.Select(m => m.Difference is null ? m : m with { CorrectedP = corrected.Dequeue() })]);
    }

    /// <summary>
    /// The methods of a preset by their finished runs, of up to three seeds. If a method has no run of today's preset,
    /// a tracked run of an earlier version is shown; its <see cref="ComparedMethod.EarlierForm"/> lists what differs.
    /// </summary>
    public static Comparison Find(RunStore store, Scale scale, ImageKind kind)
    {
        return Of(ModelCatalog.Names.SelectMany(name => RunsOf(Presets.For(scale, kind, name))));

        Run[] RunsOf(RunSpec preset)
        {
            Run[] runs = [.. Presets.Seeds.Select(seed => store.Find(preset with { Seed = seed })).OfType<Run>()];
            return runs.Length > 0 || store.FindEarlierForm(preset) is not Run earlier ? runs : [earlier];
        }
    }

    /// <summary>The method of this name; null if it has no run.</summary>
    public ComparedMethod? Find(string name) => Methods.FirstOrDefault(method => method.Name == name);

    private static ComparedMethod Method(string name, Run[] runs, Run[] against)
    {
        string own = runs[0].Spec.Portable.ToJson();
        Run[] others = [.. runs.Where(run => (run.Spec with { Seed = runs[0].Spec.Seed }).Portable.ToJson() != own)];
        if (others.Length > 0)
            throw new ArgumentException(
                $"{others[0].Spec.Name} and {runs[0].Spec.Name} are runs of {name} that differ in more than their "
                    + "seed. Compare one setting per method.");
        if (runs.CountBy(run => run.Spec.Seed).FirstOrDefault(count => count.Value > 1) is { Value: > 1 } twice)
            throw new ArgumentException($"{name} appears more than once with seed {twice.Key}. Give each run once.");

        (Run Reference, Run Other)[] pairs = [
            .. against.Join(runs, run => run.Spec.Seed, run => run.Spec.Seed, (a, b) => (a, b))];
        using SegmentationModel? model = runs[0].Spec.Model.IsRetired ? null : runs[0].Spec.Model.Create();
        return new ComparedMethod(name, runs)
        {
            Parameters = model?.ParameterCount,
            Scores = ScoreSummary.Of([.. runs.SelectMany(run => run.Cases)]),
            Difference = pairs.Length == 0 ? null : PairedComparison.OfRuns(
                [.. pairs.Select(pair => pair.Reference.Cases)], [.. pairs.Select(pair => pair.Other.Cases)]),
        };
    }
}

/// <summary>One method in a <see cref="Comparison"/>.</summary>
/// <param name="Name">As in the paper's Table 1.</param>
/// <param name="Runs">Its runs, equal but for the seed; the presets' seed first, then by number. At least one.</param>
public sealed record ComparedMethod(string Name, IReadOnlyList<Run> Runs)
{
    /// <summary>
    /// How its runs differ from today's preset, such as "Augmentation=None": the mark of an earlier version of the
    /// method; empty for the preset. Seed and machine do not count.
    /// </summary>
    public string EarlierForm { get; } = SpecDifference.InMethod(Runs[0].Spec);

    /// <summary>Trainable parameters; null if the network can no longer be built.</summary>
    public required long? Parameters { get; init; }

    /// <summary>Its scores over the test cases of all runs together.</summary>
    public required ScoreSummary Scores { get; init; }

    /// <summary>
    /// Its difference from the reference on the same cases, over the seeds that both have; null for the reference
    /// itself and if there is no such run.
    /// </summary>
    public PairedComparison? Difference { get; init; }

    /// <summary>
    /// The difference's p value, corrected by <see cref="HolmCorrection"/> for all methods of the comparison; NaN
    /// without a difference.
    /// </summary>
    public double CorrectedP { get; init; } = double.NaN;
}

using C2FVL.Data;
using C2FVL.Data.Phantoms;
using C2FVL.Platform;

namespace C2FVL.Experiments;

/// <summary>The cases of a run, found and split.</summary>
/// <param name="Dataset">The whole set.</param>
/// <param name="Split">The run's lists of case ids.</param>
public sealed record RunData(Dataset Dataset, Split Split)
{
    /// <summary>Finds a spec's data set, drawing it first if it is a phantom, and splits it.</summary>
    /// <exception cref="DirectoryNotFoundException">The real set is not on this machine; the message says where it was looked for.</exception>
    public static RunData Open(DataSpec spec)
    {
        Dataset dataset = DatasetReader.Read(Folder(spec), spec.Reading);
        if (spec.ReportsFromMasks)
            dataset = MaskReporter.WriteAll(dataset);
        Split split = Divide(spec, dataset);
        return new RunData(dataset, Subset(Subset(Subset(split, Part.Train, spec.Train, spec.Seed), Part.Val, spec.Val, spec.Seed), Part.Test, spec.Test, spec.Seed));
    }

    /// <summary>Batches of a part for a spec: shuffled and augmented for training, in order and as they are otherwise.</summary>
    /// <param name="spec">The run's spec.</param>
    /// <param name="part">The part.</param>
    /// <param name="text">The text the model is given; null for the spec's own.</param>
    public BatchSource Batches(RunSpec spec, Part part, TextMode? text = null)
    {
        BatchSettings settings = BatchSettings.ForScoring(spec.Training.BatchSize);
        if (part == Part.Train)
            settings = settings with { Shuffle = true, Augmentation = spec.Augmentation, TextDropout = spec.TextDropout };
        return new BatchSource(
            this.Split.Cases(this.Dataset, part),
            c => SampleReader.Read(c, spec.Model.ImageSize, spec.Data.MaskRule),
            settings with { Seed = spec.Seed, Text = text ?? spec.Text });
    }

    private static string Folder(DataSpec spec) => spec.Set switch
    {
        "phantom-xray" => PhantomFolder.Write(Workspace.Phantoms, PhantomSettings.XRay with { Distractors = true }),
        "phantom-ct" => PhantomFolder.Write(Workspace.Phantoms, PhantomSettings.CT with { Distractors = true }),
        "phantom-xray-plain" => PhantomFolder.Write(Workspace.Phantoms, PhantomSettings.XRay),
        "phantom-ct-plain" => PhantomFolder.Write(Workspace.Phantoms, PhantomSettings.CT),
        _ => Workspace.FindData(spec.Set) ?? throw new DirectoryNotFoundException(
            $"The data set {spec.Set} is not on this machine. Put its folder at {Path.Combine(Workspace.Root, "data", spec.Set)}, or set C2FVL_DATA to the folder that holds it."),
    };

    private static Split Divide(DataSpec spec, Dataset dataset) => spec.SplitFile is string file ? Split.Load(file, dataset) : spec.Split switch
    {
        SplitKind.EightOneOne => Split.ByRatio(dataset, new SplitRatio(8, 1, 1), spec.Seed),
        SplitKind.QaTa4To1 => Split.QaTa4To1(dataset, spec.Seed),
        SplitKind.QaTa4To1ByPatient => Split.QaTa4To1(dataset, spec.Seed, byPatient: true),
        SplitKind.MosMed8To1To1 => Split.MosMed8To1To1(dataset, spec.Seed),
        SplitKind.MosMed8To1To1ByPatient => Split.MosMed8To1To1(dataset, spec.Seed, byPatient: true),
        SplitKind.EightOneOneByPatient => Split.ByRatio(dataset, new SplitRatio(8, 1, 1), spec.Seed, byPatient: true),
        _ => Split.AsGiven(dataset),
    };

    private static Split Subset(Split split, Part part, int? count, int seed) => count is int n ? split.Subset(part, n, seed) : split;
}

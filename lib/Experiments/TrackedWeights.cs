using C2FVL.Platform;
using C2FVL.Training;

namespace C2FVL.Experiments;

/// <summary>
/// Weights that come with the repository (data/weights). With them a tracked run can be used without training.
/// </summary>
internal static class TrackedWeights
{
    private const string SourceName = "weights.txt";

    /// <summary>The weights file of a spec; null where there is none. Threads and device make no difference.</summary>
    /// <param name="spec">The run.</param>
    /// <param name="folder">The folder of weights, there or not.</param>
    /// <param name="note">Called with what is wrong with a file that is passed over.</param>
    public static string? Find(RunSpec spec, string folder, Action<string> note) => !Directory.Exists(folder)
        ? null
        : Directory.EnumerateFiles(folder, "*.safetensors").Order(StringComparer.Ordinal)
            .FirstOrDefault(file => spec.IsAlike(() => RunSpec.FromWeights(file), note));

    /// <summary>Makes a run of a tracked run's files and its weights. The scores come last: they end a run.</summary>
    /// <param name="tracked">The folder of the tracked run.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="own">The folder to make.</param>
    /// <exception cref="InvalidDataException">The weights are damaged; the message names the file.</exception>
    public static void CopyRun(string tracked, string weights, string own)
    {
        Safetensors.Read(weights).Dispose(); // which compares the content with its digest
        File.Copy(weights, Path.Combine(own, Trainer.BestName), overwrite: true);
        AtomicFile.WriteText(Path.Combine(own, SourceName),
            $"The weights are those of {Path.GetRelativePath(Workspace.Root, weights)}. The run's scores are of its "
            + "32-bit weights; what is measured with 16-bit weights can differ in the last digit.\n");
        foreach (string file in Directory.GetFiles(tracked)
            .OrderBy(file => Path.GetFileName(file) == RunStore.CasesName))
            AtomicFile.WriteBytes(Path.Combine(own, Path.GetFileName(file)), File.ReadAllBytes(file));
    }

    /// <summary>Where a run's weights come from, for its user; null where it was trained here.</summary>
    public static string? SourceOf(string own) => Path.Combine(own, SourceName) is string path && File.Exists(path)
        ? File.ReadAllText(path).TrimEnd() : null;
}

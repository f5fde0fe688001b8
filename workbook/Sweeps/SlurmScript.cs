using System.Text;
using C2FVL.Experiments;
using C2FVL.Platform;

namespace C2FVL.Workbook.Sweeps;

/// <summary>
/// A list of runs as a Slurm array job, one task per run, on one run store that every node sees. A task whose run is
/// finished ends at once. A task whose run is locked by another task skips it. A stopped task resumes when it is
/// submitted again.
/// </summary>
internal static class SlurmScript
{
    private const double GB = 1e9;

    /// <summary>Writes the specs and the job into the store.</summary>
    /// <param name="name">The list's name and scale, for the job's name and its file.</param>
    /// <param name="rows">What to run; equal specs are one task.</param>
    /// <param name="store">The run store, on a file system that all nodes share.</param>
    /// <returns>The job's file, for sbatch.</returns>
    public static string Write(string name, IReadOnlyList<ExperimentRow> rows, RunStore store)
    {
        string folder = Path.Combine(store.Folder, "slurm");
        Directory.CreateDirectory(Path.Combine(folder, "logs"));
        string file = Path.Combine(folder, name + ".sbatch");
        AtomicFile.WriteText(file, Text(name, rows, store));
        foreach (ExperimentRow row in rows)
            WriteSpec(store, row.Spec);
        return file;
    }

    /// <summary>Writes the spec to a file of its own in the store, for a process that is to train it.</summary>
    /// <returns>The file, the same for the same spec.</returns>
    private static string WriteSpec(RunStore store, RunSpec spec)
    {
        string file = Path.Combine(store.Folder, "specs", RunStore.ScaleName(spec.Scale), spec.Name + ".json");
        if (!File.Exists(file))
            AtomicFile.WriteText(file, spec.ToJson() + "\n");
        return file;
    }

    /// <summary>The job's text.</summary>
    internal static string Text(string name, IReadOnlyList<ExperimentRow> rows, RunStore store)
    {
        ExperimentRow[] runs = ManyRuns.Distinct(rows);
        int cores = runs.Max(run => Math.Max(1, run.Spec.Threads));
        int memory = (int)Math.Ceiling(1.5 * runs.Max(run => Sweep.MemoryOf(run.Spec)) / GB);
        var text = new StringBuilder();
        text.Append($"""
            #!/bin/bash
            # {name}: {runs.Length} runs, one task per run, written by "workbook sweep". Submit it: sbatch FILE
            # Options before FILE override those below, such as --time, --partition or --array=0-9%4 (four at once).
            # Submit it again to resume. Finished runs are not repeated.
            #SBATCH --job-name=c2fvl-{name}
            #SBATCH --array=0-{runs.Length - 1}
            #SBATCH --cpus-per-task={cores}
            #SBATCH --mem={memory}G
            #SBATCH --time=1-00:00:00
            #SBATCH --signal=B:TERM@120
            #SBATCH --requeue
            #SBATCH --open-mode=append
            #SBATCH --output="{Path.Combine(store.Folder, "slurm", "logs", "%x-%a.log")}"

            """);
        if (runs.Any(run => run.Spec.Device.StartsWith("cuda", StringComparison.Ordinal)))
            text.Append("#SBATCH --gres=gpu:1\n");
        text.Append($"""

            set -eu
            runs=(

            """);
        foreach (ExperimentRow run in runs)
        {
            string texts = string.Concat(run.AlsoScoredWith.Select(t => $" --score-with {t}"));
            text.Append($"  '{RunStore.ScaleName(run.Spec.Scale)}/{run.Spec.Name}.json{texts}'\n");
        }

        text.Append($$"""
            )
            export C2FVL_RUNS={{Quote(store.Folder)}}
            cd {{Quote(Workspace.Root)}}
            read -r -a run <<< "${runs[$SLURM_ARRAY_TASK_ID]}"
            echo "task $SLURM_ARRAY_TASK_ID on $(hostname): ${run[*]}"
            # exec: Slurm's signal before the time limit must reach the training, which then writes a checkpoint.
            exec dotnet workbook/bin/workbook.dll train --skip-held --spec "$C2FVL_RUNS/specs/${run[0]}" "${run[@]:1}"

            """);
        return text.Replace("\r\n", "\n").ToString();
    }

    /// <summary>A path as a shell takes it for one word.</summary>
    internal static string Quote(string path) => "'" + path.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}

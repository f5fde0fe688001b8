using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Platform;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Sweeps;

namespace C2FVL.Tests.Workbook.Sweeps;

public sealed class SlurmScriptTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TheJobHasOneTaskPerRun()
    {
        RunSpec spec = Presets.For(Scale.Mini);
        ExperimentRow[] rows =
        [
            new("text", "the report", spec) { AlsoScoredWith = [TextMode.Mirrored, TextMode.Missing] },
            new("seed", "1", spec with { Seed = 1 }),
            new("again", "the report", spec),
        ];
        var store = new RunStore(folder["it's here"]);
        string file = SlurmScript.Write("controls-mini", rows, store);
        string text = File.ReadAllText(file).Replace(folder.Path, "/shared").Replace(Workspace.Root, "/checkout");
        Assert.Equal(
            """
            #!/bin/bash
            # controls-mini: 2 runs, one task per run, written by "workbook sweep". Submit it: sbatch FILE
            # Options before FILE override those below, such as --time, --partition or --array=0-9%4 (four at once).
            # Submit it again to resume. Finished runs are not repeated.
            #SBATCH --job-name=c2fvl-controls-mini
            #SBATCH --array=0-1
            #SBATCH --cpus-per-task=2
            #SBATCH --mem=4G
            #SBATCH --time=1-00:00:00
            #SBATCH --signal=B:TERM@120
            #SBATCH --requeue
            #SBATCH --open-mode=append
            #SBATCH --output="/shared/it's here/slurm/logs/%x-%a.log"

            set -eu
            runs=(
              'mini/C2FVL-QaTa-COV19-7767b0fe2e14.json --score-with Mirrored --score-with Missing'
              'mini/C2FVL-QaTa-COV19-SEED1.json'
            )
            export C2FVL_RUNS='/shared/it'\''s here'
            cd '/checkout'
            read -r -a run <<< "${runs[$SLURM_ARRAY_TASK_ID]}"
            echo "task $SLURM_ARRAY_TASK_ID on $(hostname): ${run[*]}"
            # exec: Slurm's signal before the time limit must reach the training, which then writes a checkpoint.
            exec dotnet workbook/bin/workbook.dll train --skip-held --spec "$C2FVL_RUNS/specs/${run[0]}" "${run[@]:1}"

            """.ReplaceLineEndings("\n").Replace("SEED1", rows[1].Spec.Hash),
            text);
        foreach (RunSpec run in new[] { spec, spec with { Seed = 1 } })
            Assert.Equal(run, RunSpec.Load(folder["it's here", "specs", "mini", run.Name + ".json"]));
    }

    [Fact]
    public void AGpuIsAskedForWhereTheRunsWantOne()
    {
        ExperimentRow row = new("", "", Presets.For(Scale.Paper) with { Device = "cuda", Threads = 8 });
        string text = SlurmScript.Text("gpu", [row], new RunStore(folder["runs"]));
        Assert.Contains("#SBATCH --gres=gpu:1\n\nset -eu", text);
        Assert.Contains("#SBATCH --cpus-per-task=8\n", text);
    }
}

using C2FVL.Data;
using C2FVL.Figures;
using C2FVL.Models;
using C2FVL.Training;

namespace C2FVL.Experiments;

/// <summary>What nnU-Net's rules plan for a run's training images, beside what the run has.</summary>
public static class NnUNetPlanTable
{
    /// <summary>Takes the fingerprint, makes the plan, keeps it in the run's folder as nnunet-plan.json and shows it.</summary>
    /// <param name="title">One line above the table.</param>
    /// <param name="run">A run of nnU-Net whose data are here.</param>
    /// <exception cref="ArgumentException">The run is of another method.</exception>
    public static Table Of(string title, Run run)
    {
        if (run.Spec.Model is not NnUNetSettings own)
            throw new ArgumentException($"{run.Spec.Name} is a run of {run.Spec.Model.Name}. Give a run of nnUNet.");
        RunData data = run.OpenData();
        NnUNetPlan plan = NnUNetPlan.From(NnUNetFingerprint.Of(data.Split.Cases(data.Dataset, Part.Train)), own.ImageSize);
        plan.Save(Path.Combine(run.Folder, "nnunet-plan.json"));

        (string Rule, string Plan, string Own, string Reason)[] rows =
        [
            ("patch", $"{plan.PatchSize} x {plan.PatchSize}", $"{own.ImageSize} x {own.ImageSize}", "the whole image, as for every method"),
            ("stages", $"{plan.Stages}", $"{own.Stages}", "the plan's"),
            ("normalisation", $"{plan.Normalization}", $"{own.Normalization}", "the plan's"),
            ("first channels", $"{plan.BaseFeatures}", $"{own.Width}", "about as many parameters in every method"),
            ("batch", $"{plan.BatchSize}", $"{run.Spec.Training.BatchSize}", "the table's"),
            ("epochs", $"{NnUNetPlan.Training(plan.BatchSize).Epochs}", $"{run.Spec.Training.Epochs}", "the table's"),
            ("flipped at the test", "yes", own.MirrorAtTest ? "yes" : "no", own.MirrorAtTest ? "the plan's" : "it costs four passes"),
        ];
        var table = new TableBuilder<(string Rule, string Plan, string Own, string Reason)>(rows);
        table.Words("rule", row => row.Rule);
        table.Words("plan", row => row.Plan);
        table.Words("this run", row => row.Own);
        table.Words("why", row => row.Reason);
        string size = $"{run.Spec.Scale.Caption()}; {plan.Fingerprint.Cases} training images.";
        TrainingSettings training = run.Spec.Training;
        bool trainsAsPlanned = training == NnUNetPlan.Training(training.BatchSize, training.Epochs);
        return table.Make(title, size + (trainsAsPlanned
            ? " Optimiser, schedule and loss are nnU-Net's in both."
            : " The loss is nnU-Net's in both; this run's optimiser and schedule are the table's."));
    }
}

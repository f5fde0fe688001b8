using System.CommandLine;
using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Platform;
using C2FVL.Workbook.Fitting;

namespace C2FVL.Workbook.Commands;

/// <summary><c>workbook report DIR</c>: writes the reports of a folder of images and masks from the masks.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = DataFolder.Description };
        var output = new Option<DirectoryInfo?>("--out")
        {
            Description = "Where the sheets are written. By default beside the images, where every command finds them.",
        };
        var compare = new Option<bool>("--compare")
        {
            Description = "Write no sheets. Compare with the annotators' reports of the test set, or of all cases if "
                + "the folder has no sets.",
        };
        var track = new Option<bool>("--track")
        {
            Description = "With --compare: save the agreement as data/results/mini/mask-reporter.csv.",
        };
        var fit = new Option<bool>("--fit")
        {
            Description = "Fit the zones again on DIR's training and validation sets and store them in the library's "
                + "source.",
            Hidden = true,
        };
        var command = new Command("report", "Writes report sheets (Train_text.xlsx and so on, in the authors' format) "
            + "from the masks. Never overwrites a file.") { folder };
        var reading = new DataOptions(command);
        foreach (Option option in new Option[] { output, compare, track, fit })
            command.Options.Add(option);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                DataSpec spec = reading.Of(parsed, DataFolder.Find(parsed.GetValue(folder)!));
                if (reading.HasSplit(parsed) && !parsed.GetValue(compare))
                    throw new ArgumentException("--split applies only to --compare, where it chooses the test cases. "
                        + "Leave it out, or add --compare.");
                if (spec.PatientSides && !parsed.GetValue(compare))
                    throw new ArgumentException("--patient-sides applies only to --compare. The sheets always name "
                        + "the sides of the image. Leave it out, or add --compare.");
                Dataset dataset = DatasetReader.Read(spec.Set, spec, spec.Name);
                Split? split = reading.HasSplit(parsed) ? RunData.Divide(spec, dataset) : null;
                if (parsed.GetValue(fit))
                    Fit(dataset);
                else if (parsed.GetValue(compare))
                    Compare(dataset, split, parsed.GetValue(track));
                else
                    Write(dataset, parsed.GetValue(output)?.FullName);
                return 0;
            },
            CancellationToken.None));
        return command;
    }

    private static void Write(Dataset dataset, string? folder)
    {
        foreach ((string path, IReadOnlyList<LesionReport> reports) in SheetsFromMasks.Write(dataset, folder))
        {
            int none = reports.Count(r => r.Areas == 0), bilateral = reports.Count(r => r.Bilateral);
            Console.WriteLine($"{path}: {reports.Count} reports, {reports.Count - none - bilateral} unilateral, {bilateral} bilateral, {none} without lesion");
        }

        Console.WriteLine("These reports follow from the masks by a fixed rule; no radiologist wrote them. Left and "
            + "right are sides of the image.");
        if (dataset.Faults.Count > 0)
            Console.Error.WriteLine($"note: {dataset.Faults.Count} files of {dataset.Root} were skipped or are "
                + "doubtful. Run 'workbook check-data' to list them.");
    }

    private static void Fit(Dataset dataset)
    {
        string path = Path.Combine(Workspace.Root, "lib", "Data", "ZoneModel.csv");
        MaskReporterFit.Write(dataset, path);
        Console.WriteLine($"{path} is updated. Build to use it.");
    }

    private static void Compare(Dataset dataset, Split? split, bool track)
    {
        Case[] cases = [.. (split?.Cases(dataset, Part.Test) ?? dataset.Cases.Where(c => c.GivenPart is null or Part.Test)).Where(c => c.MaskPath is not null)];
        if (!cases.Any(c => c.Report is not null))
            throw new InvalidDataException($"{dataset.Root}: there are no reports to compare with. Leave out --compare "
                + "to write them.");

        LesionReport Fitted(Case c) => MaskReporter.Write(c.ReadMask(), c.Kind);
        LesionReport Thirds(Case c) => MaskReporter.Write(c.ReadMask(), ImageKind.CT);
        ReportAgreement[] rows =
        [
            .. ReportAgreement.Between("halves and thirds of the image", cases, Thirds),
            .. ReportAgreement.Between("MaskReporter", cases, Fitted),
        ];
        Console.WriteLine($"{dataset.Name}: reports from masks compared with the annotators', percent agreement with "
            + "95 % intervals over patients");
        foreach (ReportAgreement row in rows)
            Console.WriteLine(FormattableString.Invariant($"  {row.Method,-32} {row.What,-30} {100 * row.Share,6:0.00} [{100 * row.Low:0.00}, {100 * row.High:0.00}] of {row.Of}"));
        if (track)
        {
            string path = Path.Combine(Workspace.Results, RunStore.ScaleName(Scale.Mini), "mask-reporter.csv");
            ReportAgreement.Write(path, rows);
            Console.WriteLine($"copied to {path}");
        }
    }
}

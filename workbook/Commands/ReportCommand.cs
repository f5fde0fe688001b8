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
        var output = new Option<DirectoryInfo?>("--out") { Description = "Where the sheets are written; without it, beside the images, where they are read from then on." };
        var compare = new Option<bool>("--compare") { Description = "Write no sheets; compare with the annotators' reports of the test part, or of all cases where there are no parts." };
        var track = new Option<bool>("--track") { Description = "With --compare: keep the agreement as data/results/mini/mask-reporter.csv." };
        var fit = new Option<bool>("--fit") { Description = "Fit the zones anew on DIR's training and validation parts and store them in the library's source.", Hidden = true };
        var command = new Command("report", "Writes the sheets of reports (Train_text.xlsx and so on, in the authors' format) from the masks. Nothing is overwritten.") { folder };
        var reading = new DataOptions(command);
        foreach (Option option in new Option[] { output, compare, track, fit })
            command.Options.Add(option);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                DataSpec spec = reading.Of(parsed, DataFolder.Find(parsed.GetValue(folder)!));
                if (reading.HasSplit(parsed) && !parsed.GetValue(compare))
                    throw new ArgumentException("--split chooses the test cases of --compare; the sheets are those of the folder's parts. Leave it out, or add --compare.");
                if (spec.PatientSides && !parsed.GetValue(compare))
                    throw new ArgumentException("--patient-sides says how sheets are read by --compare; report writes the sides of the image. Leave it out, or add --compare.");
                Dataset dataset = DatasetReader.Read(spec.Set, spec.Reading);
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
        foreach ((string path, IReadOnlyList<LesionReport> reports) in MaskReporter.WriteSheets(dataset, folder))
        {
            int none = reports.Count(r => r.Areas == 0), bilateral = reports.Count(r => r.Bilateral);
            Console.WriteLine($"{path}: {reports.Count} reports, {reports.Count - none - bilateral} unilateral, {bilateral} bilateral, {none} without lesion");
        }

        Console.WriteLine("Written from the masks by rule, not by a radiologist; left and right are sides of the picture.");
        if (dataset.Faults.Count > 0)
            Console.Error.WriteLine($"note: {dataset.Faults.Count} files of {dataset.Root} were left out or doubtful; 'workbook check-data' lists them.");
    }

    private static void Fit(Dataset dataset)
    {
        string path = Path.Combine(Workspace.Root, "lib", "Data", "ZoneModel.csv");
        MaskReporterFit.Write(dataset, path);
        Console.WriteLine($"{path} is fitted anew; build to use it.");
    }

    private static void Compare(Dataset dataset, Split? split, bool track)
    {
        Case[] cases = [.. (split?.Cases(dataset, Part.Test) ?? dataset.Cases.Where(c => c.GivenPart is null or Part.Test)).Where(c => c.MaskPath is not null)];
        if (!cases.Any(c => c.Report is not null))
            throw new InvalidDataException($"{dataset.Root}: there are no reports to compare with. Without --compare they are written.");

        LesionReport Fitted(Case c) => MaskReporter.Write(c.ReadMask(), c.Kind);
        LesionReport Thirds(Case c) => MaskReporter.Write(c.ReadMask(), ImageKind.CT);
        ReportAgreement[] rows =
        [
            .. ReportAgreement.Between("halves and thirds of the picture", cases, Thirds),
            .. ReportAgreement.Between("MaskReporter", cases, Fitted),
        ];
        Console.WriteLine($"{dataset.Name}: reports from masks against the annotators', percent that agree, with 95 % intervals by patient");
        foreach (ReportAgreement row in rows)
            Console.WriteLine(FormattableString.Invariant($"  {row.Method,-32} {row.What,-30} {100 * row.Share,6:0.00} [{100 * row.Low:0.00}, {100 * row.High:0.00}] of {row.Of}"));
        if (track)
        {
            string path = Path.Combine(Workspace.Results, RunStore.ScaleName(Scale.Mini), "mask-reporter.csv");
            ReportAgreement.Write(path, rows);
            Console.WriteLine($"tracked at {path}");
        }
    }
}

using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using C2FVL.Data;
using C2FVL.Workbook.Imports;

namespace C2FVL.Workbook.Commands;

/// <summary>
/// <c>workbook import-nifti DIR</c>: CT volumes and their masks as a folder of slices that check-data and train read.
/// </summary>
internal static class ImportNiftiCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR")
        {
            Description = "A folder of NIfTI volumes (.nii, .nii.gz). Their masks may be in it or in its subfolders.",
        };
        var window = new Option<double[]>("--window")
        {
            Description = "The values that become black and white, such as -1250 250 for lungs in Hounsfield units, "
                + "or 0 255 for grey values.",
            HelpName = "LOW HIGH", Required = true, Arity = new ArgumentArity(2, 2),
                AllowMultipleArgumentsPerToken = true,
            CustomParser = ParseWindow,
        };
        var axis = new Option<PatientAxis>("--axis") { Description = "The patient's axis that the slices cut across: "
            + "Z (axial), Y (coronal) or X (sagittal). The order of the axes in the file does not "
            + "matter.", DefaultValueFactory = _ =>
            PatientAxis.Z };
        var output = new Option<DirectoryInfo>("--out")
        {
            Description = "A new or empty folder for images/, masks/ and slices.tsv.",
            Required = true,
        };
        var slices = new Option<SliceChoice>("--slices") { Description = "Which slices are written: All, Lung (with "
            + "lung or lesion) or Lesion. Lung comes from --lung-label, from lung masks, or else from air inside the "
            + "body.", DefaultValueFactory = _ =>
            SliceChoice.All };
        var lesion = Labels("--lesion-label", "The mask value that means lesion, for masks with several labels. "
            + "Several values are allowed.");
        var lung = Labels("--lung-label", "The mask values that mean lung, for masks with several labels.");
        var masks = new Option<DirectoryInfo?>("--masks")
        {
            Description = "The folder of the lesion masks, if file names do not identify them.",
        };
        var lungMasks = new Option<DirectoryInfo?>("--lung-masks")
        {
            Description = "The folder of the lung masks, if file names do not identify them.",
        };
        var patient = new Option<string?>("--patient")
        {
            Description = "A .NET regular expression with one group that captures the patient in a volume's file "
                + "name. By default each volume is one patient, unless its name begins with sub-PATIENT_.",
        };
        var asVolumes = new Option<bool>("--masks-as-volumes")
        {
            Description = "Give each mask its volume's orientation, for masks with wrong headers.",
        };
        var command = new Command("import-nifti", "Converts CT volumes (NIfTI-1) and their masks to upright slices "
            + "named by patient. The exit code is 1 if a volume is skipped.")
        {
            folder, window, axis, output, slices, lesion, lung, masks, lungMasks, patient, asVolumes,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                double[] ends = parsed.GetValue(window)!;
                var settings = new NiftiSettings
                {
                    Low = ends[0],
                    High = ends[1],
                    Axis = parsed.GetValue(axis),
                    Slices = parsed.GetValue(slices),
                    LesionLabels = parsed.GetValue(lesion) ?? [],
                    LungLabels = parsed.GetValue(lung) ?? [],
                    MasksAsVolumes = parsed.GetValue(asVolumes),
                };
                (IReadOnlyList<NiftiStudy> studies, IReadOnlyList<string> leftOut) = NiftiStudies.Find(
                    Existing(parsed.GetValue(folder)!), Folder(masks), Folder(lungMasks), parsed.GetValue(patient));
                return Import(studies, leftOut, settings, Empty(parsed.GetValue(output)!.FullName), cancellation);

                string? Folder(Option<DirectoryInfo?> option) => parsed.GetValue(option) is DirectoryInfo given
                    ? Existing(given.FullName) : null;
            },
            CancellationToken.None));
        return command;
    }

    private static int Import(IReadOnlyList<NiftiStudy> studies, IReadOnlyList<string> leftOut,
        NiftiSettings settings, string folder, CancellationToken cancellation)
    {
        var import = new NiftiImport(settings, folder);
        int masks = studies.Count(study => study.Mask is not null),
            lungs = studies.Count(study => study.Lungs is not null);
        Console.WriteLine($"{studies.Count} volumes of {studies.Select(study => study.Patient).Distinct().Count()} "
            + $"patients, {masks} with a lesion mask{(lungs > 0 ? $", {lungs} with a lung mask" : "")}; for example "
            + $"{studies[0].Name}: {studies[0].Volume}{(studies[0].Mask is string mask ? $" and {mask}" : "")}");
        if (settings.Slices == SliceChoice.Lesion && masks == 0)
            throw new InvalidDataException("--slices Lesion needs masks, but none was found. Name their folder with "
                + "--masks.");
        if (masks == 0)
            Console.WriteLine("note: no lesion mask was found, so only images are written. You can predict them but "
                + "not train on them.");
        CaseProgress.Show("checking the masks", progress =>
        {
            import.RequireLabels(studies, done => progress.Report(new DatasetCheckProgress(done, masks)), cancellation);
            return 0;
        });

        var faults = new List<string>(leftOut);
        (int volumes, int slices, int withLesion) = (0, 0, 0);
        CaseProgress.Show("writing the slices of the volumes", progress =>
        {
            foreach (NiftiStudy study in studies)
            {
                cancellation.ThrowIfCancellationRequested();
                try
                {
                    NiftiImported written = import.Write(study, cancellation);
                    (volumes, slices, withLesion) =
                        (volumes + 1, slices + written.Slices, withLesion + written.WithLesion);
                    foreach (string note in written.Notes)
                        Console.WriteLine($"note: {study.Volume}: {note}.");
                }
                catch (Exception e) when (Fault(e) is not null)
                {
                    faults.Add(Fault(e)!);
                }

                progress.Report(new DatasetCheckProgress(volumes + faults.Count - leftOut.Count, studies.Count));
            }

            return 0;
        });

        Console.WriteLine($"{folder}: {slices} slices of {volumes} "
            + $"volumes{(masks > 0 ? $", {withLesion} with lesion" : "")}; slice numbers are the files' own voxel "
            + "indices.");
        foreach (string fault in faults)
            Console.Error.WriteLine("skipped: " + fault);
        if (slices > 0)
            Console.WriteLine($"Next: check-data {folder} --kind CT");
        return faults.Count == 0 && slices > 0 ? 0 : 1;
    }

    /// <summary>
    /// What one volume's failure says, be it of a slice or of the file; null for what must end the command.
    /// </summary>
    private static string? Fault(Exception e) => e switch
    {
        AggregateException { InnerExceptions: var inner } when inner.All(one => Fault(one) is not null) =>
            Fault(inner[0]),
        InvalidDataException => e.Message,
        FileNotFoundException or UnauthorizedAccessException => e.Message,
        _ => null,
    };

    private static Option<int[]> Labels(string name, string description) => new(name)
    {
        Description = description,
        AllowMultipleArgumentsPerToken = true,
        CustomParser = result => [.. result.Tokens.Select(token =>
        {
            if (int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int label)
                && label is >= 1 and <= ushort.MaxValue)
                return label;
            result.AddError($"{name} is {token.Value}; it must be a whole number from 1 to {ushort.MaxValue}.");
            return 0;
        })],
    };

    private static double[] ParseWindow(ArgumentResult result)
    {
        const NumberStyles style =
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        var ends = new double[result.Tokens.Count];
        for (int i = 0; i < ends.Length; i++)
        {
            if (!double.TryParse(result.Tokens[i].Value, style, CultureInfo.InvariantCulture, out ends[i])
                || !double.IsFinite(ends[i]))
            {
                result.AddError($"--window is {result.Tokens[i].Value}; it must be two numbers, such as -1250 250.");
                return ends;
            }
        }

        if (ends.Length != 2 || ends[0] >= ends[1])
            result.AddError($"--window is {string.Join(" ", result.Tokens.Select(token => token.Value))}; it must be "
                + "two numbers, the lower first, such as -1250 250.");
        return ends;
    }

    private static string Existing(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return Directory.Exists(full) ? full
            : throw new DirectoryNotFoundException($"There is no folder {full}. Check the path.");
    }

    /// <summary>Slices of an earlier import, with other settings, must not stay among the new ones.</summary>
    private static string Empty(string folder) => !Directory.Exists(folder)
        || !Directory.EnumerateFileSystemEntries(folder).Any() ? folder
        : throw new IOException($"{folder} is not empty. Give a new folder to --out, or empty this one.");
}

using System.CommandLine;
using C2FVL.Data;
using C2FVL.Experiments;

namespace C2FVL.Workbook.Commands;

/// <summary>The options that say how a data set is read and split. Every command that reads one has the same.</summary>
internal sealed class DataOptions
{
    private readonly Option<string?> split = new("--split")
    {
        Description = "How the cases are split into training, validation and test sets: "
            + $"{string.Join(", ", Enum.GetNames<SplitKind>())}, or a file such as a run's split.json.",
    };
    private readonly Option<string?> reports = new("--reports")
    {
        Description = "A sheet of reports (.xlsx, .csv), or a folder of sheets. It replaces the data set's own sheets.",
    };
    private readonly Option<int?> lesionLabel = new("--lesion-label")
    {
        Description = "The mask value that means lesion, for masks with several labels.",
    };
    private readonly Option<string?> patient = new("--patient")
    {
        Description = "A .NET regular expression with one group that captures the patient in an image's file name, "
            + "such as '^(p\\d+)_'.",
    };
    private readonly Option<string?> patients = new("--patients") { Description = "A sheet (.csv, .xlsx) with the columns Image and Patient." };

    private readonly Option<bool> patientSides = new("--patient-sides")
    {
        Description = "The reports name the patient's left and right, as doctors do. In the usual view the patient's "
            + "left is on the right of the image, so left and right are swapped.",
    };

    /// <param name="command">Gets the options.</param>
    /// <param name="kind">What --kind means there.</param>
    public DataOptions(Command command, string kind = "X-ray or CT, if the layout does not say.")
    {
        Kind = new Option<ImageKind?>("--kind") { Description = kind };
        foreach (Option option in new Option[] { Kind, split, reports, patientSides, lesionLabel, patient, patients })
            command.Options.Add(option);
    }

    /// <summary>What made the images.</summary>
    public Option<ImageKind?> Kind { get; }

    /// <summary>Whether the command line says how the cases are split.</summary>
    public bool HasSplit(ParseResult parsed) => parsed.GetValue(split) is not null;

    /// <summary>The data set in a folder, as the command line says.</summary>
    public DataSpec Of(ParseResult parsed, string folder) => Changed(parsed, new DataSpec { Set = Path.GetFullPath(folder) }) with { Kind = parsed.GetValue(Kind) };

    /// <summary>A spec's data with what the command line says of split, reports, label and patients.</summary>
    /// <exception cref="FileNotFoundException">A file that an option names is not there.</exception>
    public DataSpec Changed(ParseResult parsed, DataSpec own)
    {
        (SplitKind kind, string? file) = parsed.GetValue(split) is string given ? ReadSplit(given) : (own.Split, own.SplitFile);
        return own with
        {
            Split = kind,
            SplitFile = file,
            LesionLabel = parsed.GetValue(lesionLabel) ?? own.LesionLabel,
            PatientPattern = parsed.GetValue(patient) ?? own.PatientPattern,
            PatientsFile = Existing("--patients", parsed.GetValue(patients)) ?? own.PatientsFile,
            Reports = Existing("--reports", parsed.GetValue(reports)) ?? own.Reports,
            PatientSides = parsed.GetResult(patientSides) is { Implicit: false } ? parsed.GetValue(patientSides) : own.PatientSides,
        };
    }

    private static (SplitKind Kind, string? File) ReadSplit(string given)
    {
        if (Array.Find(Enum.GetNames<SplitKind>(), name => name.Equals(given, StringComparison.OrdinalIgnoreCase)) is string name)
            return (Enum.Parse<SplitKind>(name), null);
        if (given.EndsWith(".json", StringComparison.OrdinalIgnoreCase) || File.Exists(given))
            return (SplitKind.AsGiven, Existing("--split", given));
        throw new ArgumentException($"--split {given}: there is no such split and no such file. Choose one of "
            + $"{string.Join(", ", Enum.GetNames<SplitKind>())}, or a .json file that a run saved.");
    }

    /// <summary>The full path of a file or folder that an option names, from the shell's folder.</summary>
    private static string? Existing(string option, string? path) =>
        path is null || Path.Exists(path) ? path is null ? null : Path.GetFullPath(path)
            : throw new FileNotFoundException($"{option} {path}: there is no file or folder {Path.GetFullPath(path)}. Check the path.");
}

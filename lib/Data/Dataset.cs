using System.Text.Json.Serialization;
using static C2FVL.Data.Wording;

namespace C2FVL.Data;

/// <summary>The cases of a folder, and all that its folders, names and sheets say.</summary>
/// <param name="Name">The data set's name, for tables and runs.</param>
/// <param name="Root">The folder.</param>
/// <param name="Cases">All cases that can be used, ordered by id (ordinal), so that no file system's order
/// matters.</param>
/// <param name="Faults">Errors: what was left out or is doubtful, and why.</param>
public sealed record Dataset(string Name, string Root, IReadOnlyList<Case> Cases, IReadOnlyList<DataFault> Faults)
{
    /// <summary>The layout that was recognised, in words.</summary>
    public string Layout { get; init; } = "";

    /// <summary>
    /// What the reader should know, although nothing is wrong: a folder without masks, masks in JPEG.
    /// </summary>
    public IReadOnlyList<DataFault> Notes { get; init; } = [];

    /// <summary>
    /// The images and masks that were left out, each with its reason; they are among <see cref="Faults"/> too.
    /// </summary>
    public IReadOnlyList<DataFault> LeftOut { get; init; } = [];

    /// <summary>
    /// Images in a folder that has no folder of masks: they can be predicted, not trained on or scored.
    /// </summary>
    public IReadOnlyList<string> Unlabelled { get; init; } = [];

    /// <summary>
    /// Folders with images or sheets that were not read; they are among <see cref="Faults"/> too.
    /// </summary>
    public IReadOnlyList<string> FoldersNotRead { get; init; } = [];

    /// <summary>The parts that the folder has a place for, though perhaps no case.</summary>
    public IReadOnlyList<Part> PartsSeen { get; init; } = [];

    /// <summary>The sheets of reports that were read; empty where there are none.</summary>
    public IReadOnlyList<string> Sheets { get; init; } = [];

    /// <summary>Why reports are missing, row by row; they are among <see cref="Faults"/> too.</summary>
    public IReadOnlyList<DataFault> ReportFaults { get; init; } = [];

    /// <summary>Where the kind comes from, in words.</summary>
    public string KindSource { get; init; } = "";

    /// <summary>
    /// "56 of 56 reports understood", of all cases or of some; where reports are missing, with the first three reasons
    /// and their cures, a line each.
    /// </summary>
    /// <param name="cases">The cases to count; null for all.</param>
    public string ReportsToText(IReadOnlyCollection<Case>? cases = null)
    {
        cases ??= Cases;
        int understood = cases.Count(c => c.Report is not null);
        string text = $"{understood} of {cases.Count} reports understood";
        return understood == cases.Count ? text
            : Sheets.Count == 0 && ReportFaults.Count == 0
            ? $"{text}\n  {Root}: there is no sheet of reports. Add one (.xlsx or .csv with the columns Image and "
            + "Description), name one with --reports SHEET, or write the reports from the masks with "
            + "--reports-from-masks true."
            : text + string.Concat(ReportFaults.Take(3).Select(fault => $"\n  {fault}"))
            + (ReportFaults.Count > 3 ? $"\n  and {ReportFaults.Count - 3} more" : "");
    }
}

/// <summary>Something wrong in a data set, with the way to mend it.</summary>
/// <param name="File">The file with the error.</param>
/// <param name="Row">The row in it, counted from 1 with the header as row 1; null where there are no rows.</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="Cure">What to do about it.</param>
public sealed record DataFault(string File, int? Row, string Problem, string Cure)
{
    public override string ToString() => $"{File}{(Row is int row ? $", row {row}" : "")}: {Problem} {Cure}";

    /// <summary>The error where it must end what is under way.</summary>
    internal InvalidDataException AsException() => new(ToString()) { Data = { [nameof(DataFault)] = this } };
}

/// <summary>Words that several messages share.</summary>
internal static class Wording
{
    /// <summary>Such as "1 case" and "2 cases".</summary>
    public static string Counted(int count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";

    /// <summary>Such as "1 case is" and "2 cases of this folder are".</summary>
    public static string CountedAre(int count, string noun, string which = "") =>
        $"{Counted(count, noun)}{which} {(count == 1 ? "is" : "are")}";

    /// <summary>The first names, and how many more there are.</summary>
    public static string Listed(IReadOnlyCollection<string> names, int most = 5) =>
        string.Join(", ", names.Take(most)) + (names.Count > most ? $" and {names.Count - most} more" : "");

    /// <summary>Adds an error or a note.</summary>
    public static void Add(this List<DataFault> faults, string file, int? row, string problem, string cure) =>
        faults.Add(new DataFault(file, row, problem, cure));

    /// <summary>A set's name in a sentence.</summary>
    public static string Word(Part part) =>
        part switch { Part.Train => "training", Part.Val => "validation", _ => "test" };
}

/// <summary>What a user says about a folder that its files do not say; a part of a spec.</summary>
public record DatasetSettings
{
    /// <summary>What made the images; null to go by layout and names, X-ray if they say nothing.</summary>
    [JsonPropertyOrder(1), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImageKind? Kind { get; init; }

    /// <summary>The value, 1 or more, that means lesion in masks of several labels; null where they have one.</summary>
    [JsonPropertyOrder(1), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int? LesionLabel { get; init; }

    /// <summary>
    /// A .NET regular expression with one group, which is the patient in an image's file name; null for the public
    /// sets' names.
    /// </summary>
    [JsonPropertyOrder(1), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? PatientPattern { get; init; }

    /// <summary>
    /// A sheet with the columns Image and Patient; null for none. It goes before <see cref="PatientPattern"/>.
    /// </summary>
    [JsonPropertyOrder(1), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? PatientsFile { get; init; }

    /// <summary>
    /// A sheet of reports, or a folder of sheets, read instead of those that lie in the folder; null for those.
    /// </summary>
    [JsonPropertyOrder(3), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? Reports { get; init; }

    /// <summary>
    /// Whether left in the sheets is the patient's left: then left and right change places. The default value is false.
    /// </summary>
    [JsonPropertyOrder(3), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool PatientSides { get; init; }
}

/// <summary>What the training, validation or test set of a split holds.</summary>
/// <param name="Part">Which set.</param>
/// <param name="Cases">The number of cases.</param>
/// <param name="Patients">The number of known patients.</param>
/// <param name="WithoutPatient">Cases that have no patient id.</param>
/// <param name="Reports">Cases whose report was understood.</param>
public sealed record SetCounts(Part Part, int Cases, int Patients, int WithoutPatient, int Reports)
{
    /// <summary>The share of cases whose report was understood, 0 to 1; 1 without cases.</summary>
    public double ReportShare() => Cases == 0 ? 1 : (double)Reports / Cases;

    /// <summary>Counts a set.</summary>
    public static SetCounts From(Part part, IReadOnlyList<Case> cases) => new(
        part, cases.Count, cases.Select(c => c.Patient).OfType<string>().Distinct().Count(),
        cases.Count(c => c.Patient is null), cases.Count(c => c.Report is not null));
}

/// <summary>What made the image.</summary>
public enum ImageKind
{
    /// <summary>Chest X-ray.</summary>
    XRay,

    /// <summary>Computed tomography slice.</summary>
    CT,
}

using System.CommandLine;
using C2FVL.Data;

namespace C2FVL.Workbook.Commands;

/// <summary>The options of train that say what a folder does not, for a command that only looks at it.</summary>
internal sealed class ReadingOptions
{
    private readonly Option<int?> lesionLabel = new("--lesion-label") { Description = "The value that means lesion in masks of several labels." };
    private readonly Option<FileInfo?> reports = new("--reports") { Description = "A sheet of reports (.xlsx, .csv), or a folder of sheets, read instead of those that lie in the data set." };
    private readonly Option<string?> patient = new("--patient") { Description = "A .NET regular expression with one group: the patient in an image's file name, such as '^(p\\d+)_'." };
    private readonly Option<FileInfo?> patients = new("--patients") { Description = "A sheet (.csv, .xlsx) with the columns Image and Patient." };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { lesionLabel, reports, patient, patients })
            command.Options.Add(option);
    }

    public DatasetSettings Read(ParseResult parsed) => new()
    {
        LesionLabel = parsed.GetValue(lesionLabel),
        Reports = parsed.GetValue(reports)?.FullName,
        PatientPattern = parsed.GetValue(patient),
        PatientsFile = parsed.GetValue(patients)?.FullName,
    };
}

namespace C2FVL.Data;

/// <summary>The cases of a folder, and all that reading its folders, names and sheets tells.</summary>
/// <param name="Name">The data set's name, for tables and runs.</param>
/// <param name="Root">The folder.</param>
/// <param name="Cases">All cases that can be used, ordered by id (ordinal), so that no file system's order matters.</param>
/// <param name="Faults">Errors: what was left out or is doubtful, and why.</param>
public sealed record Dataset(string Name, string Root, IReadOnlyList<Case> Cases, IReadOnlyList<DataFault> Faults)
{
    /// <summary>The layout that was recognised, in words.</summary>
    public string Layout { get; init; } = "";

    /// <summary>What the reader should know, although nothing is wrong: a folder without masks, masks in JPEG.</summary>
    public IReadOnlyList<DataFault> Notes { get; init; } = [];

    /// <summary>The images and masks that were left out, each with its reason; they are among <see cref="Faults"/> too.</summary>
    public IReadOnlyList<DataFault> LeftOut { get; init; } = [];

    /// <summary>Images in a folder that has no folder of masks: they can be predicted, not trained on or scored.</summary>
    public IReadOnlyList<string> Unlabelled { get; init; } = [];

    /// <summary>Folders with pictures or sheets that were seen and not read; they are among <see cref="Faults"/> too.</summary>
    public IReadOnlyList<string> FoldersNotRead { get; init; } = [];

    /// <summary>The parts that the folder has a place for, though perhaps no case.</summary>
    public IReadOnlyList<Part> PartsSeen { get; init; } = [];

    /// <summary>The sheets of reports that were read; empty where there are none.</summary>
    public IReadOnlyList<string> Sheets { get; init; } = [];

    /// <summary>Why reports are missing, row by row; they are among <see cref="Faults"/> too.</summary>
    public IReadOnlyList<DataFault> ReportFaults { get; init; } = [];

    /// <summary>X-ray or CT, as the cases have it; X-ray where there is no case.</summary>
    public ImageKind Kind => this.Cases.Count > 0 ? this.Cases[0].Kind : ImageKind.XRay;

    /// <summary>What told the kind, in words.</summary>
    public string KindSource { get; init; } = "";

    /// <summary>The cases that have a report.</summary>
    public int ReportsUnderstood => this.Cases.Count(c => c.Report is not null);

    /// <summary>
    /// "56 of 56 reports understood", of all cases or of some; where reports are missing, with the first three reasons
    /// and their cures, a line each.
    /// </summary>
    /// <param name="cases">The cases to count; null for all.</param>
    public string ReportsToText(IReadOnlyCollection<Case>? cases = null)
    {
        cases ??= this.Cases;
        int understood = cases.Count(c => c.Report is not null);
        string text = $"{understood} of {cases.Count} reports understood";
        if (understood == cases.Count)
            return text;
        if (this.Sheets.Count == 0 && this.ReportFaults.Count == 0)
            return $"{text}\n  {this.Root}: there is no sheet of reports. Add one (.xlsx or .csv with the columns Image and Description), name one with --reports SHEET, or write the reports from the masks with --reports-from-masks true.";
        return string.Concat([text, .. this.ReportFaults.Take(3).Select(fault => $"\n  {fault}"),
            this.ReportFaults.Count > 3 ? $"\n  and {this.ReportFaults.Count - 3} more" : ""]);
    }
}

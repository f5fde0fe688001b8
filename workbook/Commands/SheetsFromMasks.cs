using C2FVL.Data;

namespace C2FVL.Workbook.Commands;

/// <summary>The sheets of reports that <c>workbook report</c> writes.</summary>
internal static class SheetsFromMasks
{
    /// <summary>
    /// Writes the report of every mask into workbooks in the authors' format, one a part: Train_text.xlsx and so on, or
    /// text.xlsx where the folder has no parts. They lie beside the folder of images, where <see cref="DatasetReader"/>
    /// finds them. Nothing is written unless all masks can be read, and nothing is ever overwritten.
    /// </summary>
    /// <param name="dataset">Cases with masks and without reports.</param>
    /// <param name="folder">Another folder for the workbooks; then the cases may have reports already.</param>
    /// <returns>The workbooks, each with its reports.</returns>
    /// <exception cref="IOException">Some cases have reports already, or a workbook is there; the message says what to
    /// do.</exception>
    /// <exception cref="InvalidDataException">A mask cannot be read; the message names it.</exception>
    public static IReadOnlyList<(string Path, IReadOnlyList<LesionReport> Reports)> Write(
        Dataset dataset, string? folder = null)
    {
        Case[] cases = [.. dataset.Cases.Where(c => c.MaskPath is not null)];
        if (folder is null && cases.Count(c => c.Report is not null) is > 0 and int told)
            throw new IOException(
                $"{dataset.Root}: {told} of the {cases.Length} cases already have reports, and a second sheet would "
                    + "contradict the first. Write the sheets to another folder, or move the existing ones away.");

        IGrouping<string, Case>[] sheets = [
            .. cases.GroupBy(c => Path.Combine(folder ?? Beside(c, dataset.Root), SheetName(c.GivenPart)))];
        if (sheets.FirstOrDefault(sheet => File.Exists(sheet.Key)) is { } there)
            throw new IOException(
                $"{there.Key} already exists and is not overwritten. Move it away, or write the sheets to another "
                    + "folder.");

        Dictionary<string, LesionReport?> reports =
            MaskReporter.WriteAll(dataset).Cases.ToDictionary(c => c.Id, c => c.Report);
        foreach (IGrouping<string, Case> sheet in sheets)
            ReportSheet.Write(sheet.Key, sheet.Select(c => (Path.GetFileName(c.MaskPath!), reports[c.Id]!)));
        return [.. from sheet in sheets
                   select (sheet.Key, (IReadOnlyList<LesionReport>)[.. sheet.Select(c => reports[c.Id]!)])];
    }

    private static string SheetName(Part? part) => part is null ? "text.xlsx" : $"{part}_text.xlsx";

    /// <summary>Beside the folder of images; in it where the images lie in the data set's own folder.</summary>
    private static string Beside(Case item, string root)
    {
        string images = Path.GetDirectoryName(item.ImagePath)!;
        return images == root ? images : Path.GetDirectoryName(images)!;
    }
}

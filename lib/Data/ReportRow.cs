namespace C2FVL.Data;

/// <summary>A row of a sheet of reports.</summary>
/// <param name="Row">The row in the file, counted from 1 with the header as row 1.</param>
/// <param name="Image">The name of the image or of its mask, as written.</param>
/// <param name="Report">What the eight columns say, or the sentence where there are no columns; null where neither is understood, which the sheet's faults explain.</param>
public sealed record ReportRow(int Row, string Image, LesionReport? Report);

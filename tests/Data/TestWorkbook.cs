using System.IO.Compression;
using System.Text;

namespace C2FVL.Tests.Data;

/// <summary>Writes small workbooks (.xlsx) from the XML of their rows, as other programs store them.</summary>
internal static class TestWorkbook
{
    private const string Spreadsheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string Relationships = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private const string Package = "http://schemas.openxmlformats.org/package/2006/";
    private const string Type = "application/vnd.openxmlformats-officedocument.spreadsheetml.";

    /// <summary>A workbook with one worksheet.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rows">The worksheet's rows, such as <c>&lt;row r="1"&gt;…&lt;/row&gt;</c>; see <see cref="Text"/>.</param>
    /// <param name="merged">Merged ranges, such as B2:B4.</param>
    public static void Write(string path, string rows, params string[] merged)
    {
        string merges = merged.Length == 0 ? "" : $"<mergeCells>{string.Concat(merged.Select(range => $"<mergeCell ref=\"{range}\"/>"))}</mergeCells>";
        using ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Create);
        Add("[Content_Types].xml", $"<Types xmlns=\"{Package}content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
            + $"<Override PartName=\"/xl/workbook.xml\" ContentType=\"{Type}sheet.main+xml\"/><Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"{Type}worksheet+xml\"/></Types>");
        Add("_rels/.rels", Related("officeDocument", "xl/workbook.xml"));
        Add("xl/workbook.xml", $"<workbook xmlns=\"{Spreadsheet}\" xmlns:r=\"{Relationships}\"><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>");
        Add("xl/_rels/workbook.xml.rels", Related("worksheet", "worksheets/sheet1.xml"));
        Add("xl/worksheets/sheet1.xml", $"<worksheet xmlns=\"{Spreadsheet}\"><sheetData>{rows}</sheetData>{merges}</worksheet>");

        void Add(string name, string xml)
        {
            using Stream entry = zip.CreateEntry(name).Open();
            entry.Write(Encoding.UTF8.GetBytes("<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + xml));
        }
    }

    /// <summary>A cell with a text.</summary>
    public static string Text(string reference, string text) => $"<c r=\"{reference}\" t=\"inlineStr\"><is><t>{text}</t></is></c>";

    /// <summary>A cell with a formula, and its stored value if it has one.</summary>
    public static string Formula(string reference, string formula, string? stored = null) =>
        $"<c r=\"{reference}\" t=\"str\"><f>{formula}</f>{(stored is null ? "" : $"<v>{stored}</v>")}</c>";

    private static string Related(string type, string target) =>
        $"<Relationships xmlns=\"{Package}relationships\"><Relationship Id=\"r1\" Type=\"{Relationships}/{type}\" Target=\"{target}\"/></Relationships>";
}

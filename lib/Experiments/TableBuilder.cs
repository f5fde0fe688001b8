using C2FVL.Evaluation;
using C2FVL.Figures;
using Microsoft.Data.Analysis;

namespace C2FVL.Experiments;

/// <summary>A table column by column: the data in full precision, and how each column is shown.</summary>
internal sealed class TableBuilder<T>(IReadOnlyList<T> rows)
{
    private readonly List<DataFrameColumn> data = [];
    private readonly List<TableColumn> shown = [];

    public void Words(string name, Func<T, string> words, string? header = null)
    {
        data.Add(new StringDataFrameColumn(name, rows.Select(words)));
        shown.Add(new TableColumn(name) { Header = header });
    }

    public void Numbers(string name, string format, Func<T, double?> number)
    {
        Add(name, number);
        shown.Add(new TableColumn(name) { Format = format });
    }

    public void Quoted(string name, Func<T, double?> number)
    {
        Add(name, number);
        shown.Add(new TableColumn(name) { Format = "0.00", Quoted = true });
    }

    /// <summary>A score from 0 to 1, or a difference of two, times 100 and with its interval, which files hold under NAME low and NAME high.</summary>
    public void Percent(string name, Func<T, Estimate?> estimate, string format = "0.0", string? header = null) =>
        Estimates(name, format, 100, estimate, header);

    /// <summary>A value in a unit of its own with its interval, which files hold under NAME low and NAME high.</summary>
    public void Interval(string name, string format, Func<T, Estimate?> estimate, string? header = null) =>
        Estimates(name, format, 1, estimate, header);

    /// <summary>The same for a difference, with its sign.</summary>
    public void Points(string name, Func<T, Estimate?> estimate, string? header = null) => Percent(name, estimate, "+0.0;-0.0;0.0", header);

    public Table Make(string title, string caption) => new(title, new DataFrame(data)) { Columns = shown, Caption = caption };

    private void Estimates(string name, string format, double factor, Func<T, Estimate?> estimate, string? header)
    {
        (string low, string high) = ($"{name} low", $"{name} high");
        Add(name, row => factor * estimate(row)?.Value);
        Add(low, row => factor * estimate(row)?.Low);
        Add(high, row => factor * estimate(row)?.High);
        shown.Add(new TableColumn(name) { Header = header, Format = format, Interval = (low, high) });
    }

    private void Add(string name, Func<T, double?> number) => data.Add(new DoubleDataFrameColumn(name, rows.Select(number)));
}

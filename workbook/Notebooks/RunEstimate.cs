using System.Text.Json;
using C2FVL.Platform;

namespace C2FVL.Workbook.Notebooks;

/// <summary>The time that is left of a run, from what each cell took the last time, or else from the cells done so far.</summary>
internal sealed class RunEstimate
{
    private readonly Dictionary<string, double[]> former;
    private readonly Dictionary<string, List<double>> now = [];
    private readonly List<(string Notebook, int Cell)> open;

    /// <param name="file">Where the times are kept between runs.</param>
    /// <param name="plan">The notebooks to run and how many code cells each has.</param>
    public RunEstimate(string file, IEnumerable<(string Notebook, int Cells)> plan)
    {
        former = Load(file);
        open = [.. plan.SelectMany(p => Enumerable.Range(0, p.Cells).Select(cell => (p.Notebook, cell)))];
    }

    /// <summary>The estimate; null before the first cell of a run without former times is done.</summary>
    public TimeSpan? Left
    {
        get
        {
            List<double> done = [.. now.Values.SelectMany(times => times)];
            double? mean = done.Count > 0 ? done.Average() : former.Values.SelectMany(times => times).Select(t => (double?)t).Average();
            return mean is double typical ? TimeSpan.FromSeconds(open.Sum(cell => Former(cell.Notebook, cell.Cell) ?? typical)) : null;
        }
    }

    public void Done(string notebook, TimeSpan took)
    {
        if (!now.TryGetValue(notebook, out List<double>? times))
            now[notebook] = times = [];
        open.Remove((notebook, times.Count));
        times.Add(took.TotalSeconds);
    }

    /// <summary>A failed notebook's other cells are not run.</summary>
    public void Drop(string notebook) => open.RemoveAll(cell => cell.Notebook == notebook);

    public void Save(string file)
    {
        foreach ((string notebook, List<double> times) in now)
            former[notebook] = [.. times.Select(t => Math.Round(t, 3))];
        AtomicFile.WriteText(file, JsonSerializer.Serialize(former));
    }

    private double? Former(string notebook, int cell) =>
        former.TryGetValue(notebook, out double[]? times) && cell < times.Length ? times[cell] : null;

    private static Dictionary<string, double[]> Load(string file)
    {
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize<Dictionary<string, double[]>>(File.ReadAllText(file)) ?? [] : [];
        }
        catch (JsonException)
        {
            return []; // only an estimate: a damaged file counts as none
        }
    }
}

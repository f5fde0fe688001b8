using C2FVL.Experiments;
using C2FVL.Figures;
using C2FVL.Workbook.Pages;

namespace C2FVL.Workbook.Notebooks;

/// <summary>Writes the figures and tables that a notebook has shown, under names made of its number and their ids, or else their titles.</summary>
/// <param name="notebook">The notebook's name; its leading number starts each file name.</param>
internal sealed class ArtifactFolder(string notebook)
{
    private readonly List<(string Name, IDisplayable Shown, Scale? Tracked)> artifacts = [];

    private string Prefix => Path.GetFileName(notebook).Split('-')[0] + "-";

    /// <summary>Notes a shown value if it is a figure or a table.</summary>
    /// <param name="value">What was shown.</param>
    /// <param name="tracked">The preset of the tracked results that it shows, whatever the scale of the run; null where it shows none.</param>
    public void Add(object? value, Scale? tracked = null)
    {
        if (value is not (DrawnFigure or Table))
            return;
        var shown = (IDisplayable)value;
        string name = Prefix + Slug.Of(shown.Id ?? shown.Title);
        string unique = name;
        for (int i = 2; artifacts.Any(a => a.Name == unique && a.Tracked == tracked && a.Shown is Table == shown is Table); i++)
            unique = $"{name}-{i}";
        artifacts.Add((unique, shown, tracked));
    }

    /// <summary>Writes them all, and removes what an earlier run of this notebook left and this one did not make.</summary>
    /// <param name="figures">The folder for figures.</param>
    /// <param name="tables">The folder for tables.</param>
    /// <param name="trackedResults">
    /// The folder for both where they show tracked results of a preset; null for no folders of their own. Nothing is removed
    /// there, for they also hold what runs at that scale drew.
    /// </param>
    /// <returns>The files written.</returns>
    public (IReadOnlyList<string> Figures, IReadOnlyList<string> Tables) Save(string figures, string tables, Func<Scale, string>? trackedResults = null)
    {
        var written = (Figures: new List<string>(), Tables: new List<string>());
        foreach ((string name, IDisplayable shown, Scale? tracked) in artifacts)
        {
            string? own = tracked is Scale preset ? trackedResults?.Invoke(preset) : null;

            // In one folder, tracked results give way to what the run itself drew under the same name.
            bool clashes = tracked is not null && own is null && artifacts.Any(a => a.Name == name && a.Tracked is null);
            string file = clashes ? $"{name}-{RunStore.ScaleName(tracked!.Value)}" : name;
            if (shown is DrawnFigure figure)
                written.Figures.AddRange(figure.Save(own ?? figures, file));
            else if (shown is Table table)
                written.Tables.AddRange(table.Save(own ?? tables, file));
        }

        HashSet<string> kept = [.. written.Figures.Concat(written.Tables).Select(path => Path.GetFullPath(path))];
        foreach (string folder in new[] { figures, tables }.Distinct().Where(Directory.Exists))
        {
            foreach (string old in Directory.EnumerateFiles(folder, Prefix + "*").Where(file => !kept.Contains(Path.GetFullPath(file))).ToList())
                File.Delete(old);
        }

        return written;
    }
}

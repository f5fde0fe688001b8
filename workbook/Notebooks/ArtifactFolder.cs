using C2FVL.Figures;

namespace C2FVL.Workbook.Notebooks;

/// <summary>Writes the figures and tables that a notebook has shown, under names made of its number and their titles.</summary>
/// <param name="notebook">The notebook's name; its leading number starts each file name.</param>
internal sealed class ArtifactFolder(string notebook)
{
    private readonly List<(string Name, IDisplayable Shown)> artifacts = [];

    private string Prefix => notebook.Split('-')[0] + "-";

    /// <summary>Notes a shown value if it is a figure or a table.</summary>
    public void Add(object? value)
    {
        if (value is not (IFigure or Table))
            return;
        var shown = (IDisplayable)value;
        string name = Prefix + Slug.Of(shown.Title);
        string unique = name;
        for (int i = 2; artifacts.Any(a => a.Name == unique && a.Shown is Table == shown is Table); i++)
            unique = $"{name}-{i}";
        artifacts.Add((unique, shown));
    }

    /// <summary>Writes them all, and removes what an earlier run of this notebook left and this one did not make.</summary>
    /// <returns>The files written.</returns>
    public (IReadOnlyList<string> Figures, IReadOnlyList<string> Tables) Save(string figures, string tables)
    {
        var written = (Figures: new List<string>(), Tables: new List<string>());
        foreach ((string name, IDisplayable shown) in artifacts)
        {
            if (shown is IFigure figure)
                written.Figures.AddRange(figure.Save(figures, name));
            else if (shown is Table table)
                written.Tables.AddRange(table.Save(tables, name));
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

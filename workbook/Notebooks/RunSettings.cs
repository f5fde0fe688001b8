using C2FVL.Experiments;

namespace C2FVL.Workbook.Notebooks;

/// <summary>What to run and where it goes.</summary>
internal sealed record RunSettings
{
    /// <summary>The checkout.</summary>
    public required string Root { get; init; }

    /// <summary>The scale that takes the place of the one in each notebook's first cell. The default value is <see cref="Scale.Phantom"/>.</summary>
    public Scale Scale { get; init; } = Scale.Phantom;

    /// <summary>
    /// Numbers or names of notebooks and solutions, such as 02 or solutions/02, or solutions for all of these; empty for
    /// all notebooks and no solution.
    /// </summary>
    public IReadOnlyList<string> Select { get; init; } = [];

    /// <summary>Whether notebooks/ and figures/ are written too, not only data/out/. Phantom scale alone.</summary>
    public bool InPlace { get; init; }

    /// <summary>Whether the other notebooks run after one has failed.</summary>
    public bool KeepGoing { get; init; }

    public string ScaleName => Scale.ToString().ToLowerInvariant();

    public string NotebooksFolder => Path.Combine(Root, "notebooks");

    /// <summary>Where a run writes what is not tracked.</summary>
    public string OutputFolder => Path.Combine(Root, "data", "out", ScaleName);

    public string TrackedFigures => Path.Combine(Root, "figures", ScaleName);

    /// <summary>Where figures and tables of tracked mini results go, at whatever scale the notebook runs.</summary>
    public string TrackedResultsFigures => Path.Combine(Root, "figures", Scale.Mini.ToString().ToLowerInvariant());
}

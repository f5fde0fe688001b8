using C2FVL.Experiments;
using C2FVL.Figures;
using C2FVL.Workbook.Pages;

namespace C2FVL.Workbook.Notebooks;

/// <summary>
/// Runs notebooks one after the other in this process, each with nothing left of the one before, and writes what they
/// made: executed notebooks, figures, tables and the page of the whole workbook.
/// </summary>
internal sealed class WorkbookRun
{
    private readonly RunSettings settings;
    private readonly IReadOnlyList<string> files;
    private readonly IReadOnlyList<Notebook> chosen;
    private readonly HtmlPage page;

    /// <summary>Reads the notebooks and picks those asked for.</summary>
    /// <exception cref="ArgumentException">A selection names no notebook.</exception>
    /// <exception cref="DirectoryNotFoundException">There are no notebooks.</exception>
    public WorkbookRun(RunSettings settings)
    {
        this.settings = settings;
        files = [.. new[] { settings.NotebooksFolder, Path.Combine(settings.NotebooksFolder, Notebook.Solutions) }
            .Where(Directory.Exists)
            .SelectMany(place => Directory.EnumerateFiles(place, "*.ipynb").Order(StringComparer.Ordinal))];
        if (files.Count == 0)
            throw new DirectoryNotFoundException($"{settings.NotebooksFolder} contains no notebooks.");
        chosen = [.. Chosen().Select(NotebookFile.Read)];
        page = new HtmlPage(settings.NotebooksFolder, settings.OutputFolder);
    }

    /// <summary>The notebooks to run, and how many code cells each has.</summary>
    public IReadOnlyList<(string Notebook, int Cells)> Plan => [.. chosen.Select(n => (n.Name, n.CodeCells.Count()))];

    /// <summary>What the real kernel would reject and what the page could not show, in all notebooks to run.</summary>
    public IReadOnlyList<CellFault> Check() => [.. chosen.SelectMany(n => CellGuard.Check(n).Concat(page.Check(n)))];

    /// <summary>Runs them. Cells see their notebook's folder as the working folder, as in VS Code.</summary>
    /// <exception cref="OperationCanceledException">The run was cancelled; what was finished is written.</exception>
    public async Task<RunResult> Run(IRunDisplay display, CancellationToken cancellation)
    {
        RequireWritable();
        string times = Path.Combine(settings.OutputFolder, "times.json");
        var estimate = new RunEstimate(times, Plan);
        var runner = new NotebookRunner(settings, estimate, display);
        var faults = new List<CellFault>();
        var figures = new List<string>();
        var tables = new List<string>();

        // The page brings plotly.js once, so no chart needs to.
        bool onPage = PlotlyScript.OnPage;
        PlotlyScript.OnPage = true;
        string folder = Environment.CurrentDirectory;
        try
        {
            foreach (Notebook notebook in chosen)
            {
                Environment.CurrentDirectory = Path.GetDirectoryName(StoredFile(notebook.Name))!;
                (Notebook executed, ArtifactFolder artifacts, CellFault? fault) = await runner.Run(notebook, cancellation);
                try
                {
                    var written = Write(executed, artifacts, fault is not null);
                    figures.AddRange(written.Figures);
                    tables.AddRange(written.Tables);
                }
                catch (InvalidDataException e)
                {
                    fault ??= new CellFault(notebook.Name, notebook.CodeCells.Count(), null, null, "large notebook", e.Message);
                }

                Release();
                if (fault is null)
                    continue;
                faults.Add(fault);
                if (!settings.KeepGoing)
                    break;
            }
        }
        finally
        {
            Environment.CurrentDirectory = folder;
            PlotlyScript.OnPage = onPage;
            estimate.Save(times);
        }

        string path = Path.Combine(settings.OutputFolder, "workbook.html");
        (List<Notebook> pages, List<string> leftOut) = Pages();
        page.Write(path, pages, settings.Scale);
        return new RunResult(faults, figures, tables, path) { LeftOut = leftOut };
    }

    private (IReadOnlyList<string> Figures, IReadOnlyList<string> Tables) Write(Notebook executed, ArtifactFolder artifacts, bool failed)
    {
        NotebookFile.Write(OutputFile(executed.Name), executed);
        string own = executed.IsSolution ? Notebook.Solutions : "";
        var written = artifacts.Save(Path.Combine(settings.OutputFolder, "figures", own), Path.Combine(settings.OutputFolder, "tables", own));
        if (!settings.InPlace || failed)
            return written;

        // A stored notebook shows phantoms, so that it is the same on every machine; other scales have their figures stored.
        if (settings.Scale == Scale.Phantom)
            NotebookFile.Write(StoredFile(executed.Name), StoredForm.Of(executed, settings.Root));
        if (executed.IsSolution)
            return written; // its figures stand in it, and in data/out
        return artifacts.Save(settings.TrackedFigures, settings.TrackedFigures, settings.FiguresOf);
    }

    private string StoredFile(string name) => Path.Combine(settings.NotebooksFolder, name + ".ipynb");

    private string OutputFile(string name) => Path.Combine(settings.OutputFolder, "notebooks", name + ".ipynb");

    /// <summary>
    /// The page's notebooks: each as it was last run at this scale; at phantom scale one that never ran here as it is
    /// stored. One that cannot be read or shown and was not asked for is left out, and said to be.
    /// </summary>
    private (List<Notebook> Pages, List<string> LeftOut) Pages()
    {
        var pages = new List<Notebook>();
        var leftOut = new List<string>();
        foreach (string stored in files)
        {
            string executed = OutputFile(Notebook.NameOf(stored));
            if (!File.Exists(executed) && settings.Scale != Scale.Phantom)
                continue;
            try
            {
                Notebook notebook = NotebookFile.Read(File.Exists(executed) ? executed : stored);
                if (page.Check(notebook) is [CellFault fault, ..])
                    leftOut.Add($"{fault}");
                else
                    pages.Add(notebook);
            }
            catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
            {
                leftOut.Add(e.Message);
            }
        }

        return (pages, leftOut);
    }

    /// <summary>Tries to write where the run writes, so that it does not fail after minutes.</summary>
    private void RequireWritable()
    {
        IEnumerable<string> places = new[] { "", "notebooks", "figures", "tables" }
            .Select(place => Path.Combine(settings.OutputFolder, place));
        foreach (string place in settings.InPlace ? places.Append(settings.NotebooksFolder) : places)
        {
            try
            {
                Directory.CreateDirectory(place);
                string probe = Path.Combine(place, $"{Guid.NewGuid():n}.tmp");
                File.WriteAllBytes(probe, []);
                File.Delete(probe);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new IOException(
                    $"{place} is not writable ({e.Message.TrimEnd('.')}), but this run writes its results there. Make "
                        + "it writable. Nothing was run.",
                    e);
            }
        }
    }

    private IEnumerable<string> Chosen()
    {
        if (settings.Select.Count == 0)
            return files.Where(file => !IsSolution(file));
        foreach (string wanted in settings.Select)
        {
            if (!files.Any(file => Matches(file, wanted)))
            {
                throw new ArgumentException(
                    $"There is no notebook {wanted}. Choose from {string.Join(", ", files.Select(Notebook.NameOf))}.");
            }
        }

        return files.Where(file => settings.Select.Any(wanted => Matches(file, wanted)));
    }

    private static bool IsSolution(string file) =>
        Notebook.NameOf(file).StartsWith(Notebook.Solutions + "/", StringComparison.Ordinal);

    private static bool Matches(string file, string wanted)
    {
        if (wanted.TrimEnd('/') == Notebook.Solutions)
            return IsSolution(file);
        string name = Notebook.NameOf(file);
        wanted = Notebook.NameOf(wanted);
        return name == wanted || Number(name) == Number(wanted);

        static string Number(string given) => given.Split('-')[0].TrimStart('0').Replace("/0", "/");
    }

    /// <summary>Frees what the notebook's variables held. Tensors are freed by their finalizers, hence the second collection.</summary>
    private static void Release()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}

/// <summary>What a run of the workbook made.</summary>
/// <param name="Faults">Why notebooks stopped; empty where all ran to their end.</param>
/// <param name="Figures">The figures' files.</param>
/// <param name="Tables">The tables' files.</param>
/// <param name="Page">The HTML page; null where nothing ran.</param>
internal sealed record RunResult(
    IReadOnlyList<CellFault> Faults, IReadOnlyList<string> Figures, IReadOnlyList<string> Tables, string? Page)
{
    /// <summary>Why notebooks that were not asked for are not on the page.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];
}

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

    /// <summary>Where figures and tables of a preset's tracked results go, at whatever scale the notebook runs.</summary>
    public string FiguresOf(Scale preset) => Path.Combine(Root, "figures", RunStore.ScaleName(preset));
}

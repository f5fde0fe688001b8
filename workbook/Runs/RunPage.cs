using System.Globalization;
using System.Net;
using System.Text;
using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Figures;
using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Training;
using C2FVL.Workbook.Commands;
using C2FVL.Workbook.Notebooks;
using C2FVL.Workbook.Pages;

namespace C2FVL.Workbook.Runs;

/// <summary>
/// A run as one HTML file that opens with no network: scores, curves, the worst test images with found and missed
/// pixels, and the spec.
/// </summary>
internal static class RunPage
{
    public const string FileName = "report.html";

    private const string Style = """
        main{max-width:64rem}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:1rem 0}
        dt{color:var(--soft)}
        dd{margin:0;overflow-wrap:anywhere}
        @media (max-width:40rem){main{padding:1rem}dl{display:block}dd{margin:0 0 .5rem}}
        """;

    /// <summary>A run from its folder, finished or not; an unfinished one has no cases.</summary>
    /// <exception cref="InvalidDataException">A file in it is damaged; the message says how to go on.</exception>
    public static Run Open(string folder)
    {
        if (File.Exists(Path.Combine(folder, RunStore.CasesName)))
            return RunStore.Load(folder);
        string history = Path.Combine(folder, Trainer.HistoryName);
        return new Run(RunSpec.Load(Path.Combine(folder, "spec.json")), folder, File.Exists(history)
            ? HistoryFile.Read(history) : [], [], null)
        {
            Provenance = Provenance.Find(folder),
        };
    }

    /// <param name="path">The file.</param>
    /// <param name="run">The run.</param>
    /// <param name="worst">How many of the worst test images are shown; they need the run's weights and data.</param>
    public static void Write(string path, Run run, int worst) => AtomicFile.WriteText(path, Render(run, worst));

    internal static string Render(Run run, int worst)
    {
        RunSpec spec = run.Spec;
        var body = new StringBuilder();
        body.Append($"<h1>{Escape(spec.Model.Name)} on {Escape(Path.GetFileName(spec.Data.Set))}</h1>\n");
        body.Append($"<p class=\"scale\">{Escape(spec.Caption())}.</p>\n");
        body.Append("<dl>");
        foreach ((string term, string text) in Facts(run))
            body.Append($"<dt>{term}</dt><dd>{Escape(text)}</dd>");
        body.Append("</dl>\n");

        if (run.Cases.Count > 0)
        {
            Section("Scores", RunFigures.Scores(run).ToHtml()
                + (run.ReportsText() is string reports ? $"<p>{Escape(reports)}</p>" : ""));
            if (OtherTexts(run) is Table texts)
                Section("Test with another text", texts.ToHtml());
        }

        if (run.History.Count > 0)
            Section("Curves", RunFigures.Curves(run).ToHtml());
        if (run.Cases.Count > 0)
        {
            Section("Each test image", RunFigures.DiceHistogram(run).ToHtml());
            Section("Worst test images", Worst(run, worst));
        }

        string differs = SpecDifference.FromPreset(spec);
        Section("Spec", $"<p>Differs from the preset in: {Escape(differs.Length > 0 ? differs : "nothing")}.</p>"
            + $"<details><summary>spec.json</summary><pre>{Escape(spec.ToJson())}</pre></details>");
        return Page($"{spec.Model.Name}, {Path.GetFileName(run.Folder)}", body.ToString());

        void Section(string title, string html) => body.Append($"<section><h2>{title}</h2>\n{html}</section>\n");
    }

    private static string Page(string title, string body) => $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
        <link rel="icon" href="data:,">
        <title>{Escape(title)}</title>
        <style>{HtmlPage.Style}{Style}</style>
        {(body.Contains("data-c2fvl=", StringComparison.Ordinal) ? PlotlyScript.Element : "")}
        </head>
        <body>
        <main>
        {body}</main>
        </body>
        </html>

        """.ReplaceLineEndings("\n");

    private static IEnumerable<(string Term, string Text)> Facts(Run run)
    {
        RunSpec spec = run.Spec;
        int epochs = spec.Training.PretrainingEpochs + spec.Training.Epochs;
        yield return ("Run", run.Folder);
        yield return ("State", run.Cases.Count == 0 ? $"not finished: epoch {run.History.Count} of {epochs}"
            : FormattableString.Invariant($"finished {run.Finished:yyyy-MM-dd HH:mm} UTC"));
        if (run.History.Where(epoch => !double.IsNaN(epoch.ValMeanDice))
            .MaxBy(epoch => epoch.ValMeanDice) is EpochRecord best)
            yield return ("Best epoch",
                string.Create(
                    CultureInfo.InvariantCulture, $"{best.Epoch} of {run.History.Count}, validation mean Dice "
                + $"{100 * best.ValMeanDice:0.00} %"));
        if (run.WallTime is TimeSpan time)
            yield return ("Time", FormattableString.Invariant($"{(int)time.TotalHours}:{time:mm\\:ss}"));
        yield return ("Text", spec.Text.ToString());
        if (run.Provenance?.Data is DataRecord data)
            yield return ("Data", string.Join("; ", data.Sets.Select(RunDataText.ToText)));
        if (run.Provenance is { Code.Count: > 0 } made)
            yield return ("Made by",
                string.Join(", then ",
                made.Code.Select(code => $"version {code.Code()}, libtorch {code.Libtorch}, {code.Threads} threads, "
                + $"{code.Device}").Distinct()));
    }

    private static Table? OtherTexts(Run run)
    {
        TextMode[] texts = [.. Enum.GetValues<TextMode>()
            .Where(text => text != run.Spec.Text && RunStore.HasScores(run, text))];
        if (texts.Length == 0)
            return null;
        return new TableBuilder<(string Name, ScoreSummary Scores)>(texts.Prepend(run.Spec.Text)
            .Select(text => ($"{text}{(text == run.Spec.Text ? ", as in training" : "")}",
                ScoreSummary.Of(RunStore.FindScores(run, text)!))))
            .Words("text", row => row.Name)
            .Percent("mean Dice", row => row.Scores.MeanDice)
            .Percent("pooled Dice", row => row.Scores.PooledDice)
            .Make("Test scores in percent, with 95 % intervals", run.Spec.Caption());
    }

    /// <summary>The worst test images; or what is missing to draw them.</summary>
    private static string Worst(Run run, int count)
    {
        CaseScore[] worst = [.. run.Cases.OrderBy(score => score.Dice).ThenByDescending(score => score.Truth)
            .Take(count)];
        string list = "<ol>" + string.Concat(worst.Select(score => FormattableString.Invariant(
            $"<li>{Escape(score.CaseId)}: Dice {score.Dice:0.00}, lesion {score.Truth}, predicted {score.Predicted} pixels</li>")))
            + "</ol>";
        try
        {
            return Grid(run, worst).ToHtml() + list;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return $"<p>These images cannot be drawn: {Escape(e.Message)}</p>{list}";
        }
    }

    private static PictureGrid Grid(Run run, CaseScore[] worst)
    {
        RunSpec spec = run.Spec;
        using SegmentationModel model = run.LoadModel();
        Dictionary<string, Case> cases = run.OpenData().Dataset.Cases.ToDictionary(item => item.Id);
        return new PictureGrid("Worst test images, by Dice")
        {
            Subtitle = spec.Caption(),
            Rows = [.. worst.Select((score, i) => Draw(score, i + 1))],
            ColumnCaptions = ["image", "truth", "prediction"],
            Legend = Overlay.CompareLegend,
            TileWidth = 210,
        };

        Picture?[] Draw(CaseScore score, int number)
        {
            Sample sample = SampleReader.Read(cases[score.CaseId], spec.Model.ImageSize, spec.Data.MaskRule);
            LesionReport? report = spec.Text == TextMode.Missing ? null : sample.Report;
            BinaryMask predicted =
                Predictor.Threshold(Predictor.Predict(model, sample.Image, report, spec.Model.ImageSize));
            return
            [
                Picture.Of(sample.Image) with { Caption = $"{number}. {sample.Report?.ToSentence()}" },
                Overlay.Truth(sample.Image, sample.Mask),
                Overlay.Compare(sample.Image, predicted,
                    sample.Mask) with { Caption = FormattableString.Invariant($"Dice {score.Dice:0.00}") },
            ];
        }
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}

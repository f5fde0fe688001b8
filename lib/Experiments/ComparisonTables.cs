using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Figures;
using C2FVL.Platform;

namespace C2FVL.Experiments;

/// <summary>
/// Table 1 with what belongs to it, for one data set or several side by side. Every method of
/// <see cref="ModelCatalog.Names"/> has a row; one without a run has dashes. Files hold the numbers in full precision.
/// </summary>
public sealed class ComparisonTables
{
    /// <summary>What a caption says of distances.</summary>
    internal const string DistanceRule =
        "HD95 and ASSD: mean over the images in which neither mask is empty, in pixels at the scored size. Smaller is "
            + "better. Compare only rows of the same image size.";

    private const double Level = 0.05;
    private const string None = "\u2013";

    /// <summary>The CT set that replaces MosMedData+ where we could not obtain it.</summary>
    private const string StandIn = DataSets.MedSeg;

    private readonly (string Data, Comparison Methods)[] sets;
    private readonly (string Data, ComparedMethod Method)[] methods;

    // Of captions: the preset, and what a set that stands in for one of the paper's is not; what intervals and tests
    // draw; runs of several versions or thread counts; which rows have a dagger, and what it means.
    private readonly string scale, over, mixture, earlier;

    /// <param name="sets">What each data set is called, and its methods.</param>
    public ComparisonTables(params (string Data, Comparison Methods)[] sets)
    {
        this.sets = sets;
        methods = [.. from set in sets from method in set.Methods.Methods select (set.Data, method)];
        Run[] runs = [.. methods.SelectMany(row => row.Method.Runs)];
        string preset = runs.Length == 0 ? "" : runs[0].Spec.Scale.Caption() + ". ";
        scale = (preset.Length == 0 ? "" : char.ToUpperInvariant(preset[0]) + preset[1..])
            + (runs.Any(run => run.Spec.Data.Set == StandIn) ? $"{StandIn} is not {DataSets.MosMed}. " : "");
        over = PatientBootstrap.Over(methods.GroupBy(row => row.Data)
            .Select(set => (set.Key, set.SelectMany(row => row.Method.Runs).SelectMany(run => run.Cases))));
        mixture = Provenance.Mixture(runs);
        string[] marked = [
            .. methods.Where(row => row.Method.EarlierForm.Length > 0).GroupBy(row => row.Data, row => row.Method.Name)
                .Select(set => $"{set.Key}: {string.Join(", ", set)}")];
        earlier = marked.Length == 0
            ? ""
            : $" \u2020\u00a0Run of an earlier version of the method ({string.Join("; ", marked)}).";
    }

    /// <summary>Pretrained weights that published methods start from and that we could not obtain, by method.</summary>
    public static IReadOnlyDictionary<string, string> PublishedPretraining => ReadDepartures("published_weights");

    /// <summary>
    /// What stays different from the published methods, by the method's name: the network here and in the models'
    /// remarks, and the training at mini and full. All are trained on the table's cases, epochs, batch and seed.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Departures => ReadDepartures("departure");

    /// <summary>
    /// What a row is called: GLoRIA's is named for what it is, as its authors' segmenter reads no text.
    /// </summary>
    public static string RowName(string method) => method == "GLoRIA" ? "GLoRIA encoder, text in the decoder" : method;

    /// <summary>
    /// Mean Dice and IoU in percent with 95 % intervals, beside the paper's own on QaTa-COV19 and MosMedData+, and the
    /// mean Dice over seeds, with its standard deviation, where there are several.
    /// </summary>
    /// <param name="title">One line above the table.</param>
    public Table Scores(string title)
    {
        Dictionary<string, QuotedScore> qata = Quoted("qata"), mosmed = Quoted("mosmed");
        IReadOnlyDictionary<string, string> pretraining = PublishedPretraining;
        TableBuilder<string> table = ByMethod()
            .Words("text", name => name == "TGANet" ? "in training"
                : qata.GetValueOrDefault(name)?.Key[1] ?? (Any(name)?.UsesText == true ? "yes" : "no"))
            .Words("weights", name => pretraining.ContainsKey(name) ? "from scratch" : "");
        foreach ((string data, Comparison compared) in sets)
        {
            table.Percent($"{data} mean Dice", name => compared.Find(name)?.Scores.MeanDice);
            table.Percent($"{data} mean IoU", name => compared.Find(name)?.Scores.MeanIoU);
            if (compared.Methods.Any(method => method.Runs.Count > 1))
                table.Words(
                    $"{data} mean Dice over seeds", name => compared.Find(name)?.MeanDiceOverSeeds.ToPercent() ?? None);
        }

        foreach ((string data, Dictionary<string, QuotedScore> paper) in new[] { ("QaTa", qata), ("MosMed", mosmed) })
        {
            table.Numbers($"paper {data} Dice", "0.00", name => paper.GetValueOrDefault(name)?.Dice, quoted: true);
            table.Numbers($"paper {data} IoU", "0.00", name => paper.GetValueOrDefault(name)?.IoU, quoted: true);
        }

        string missing = string.Join("; ", pretraining.Select(start => $"{start.Key} {start.Value}"));
        return table.Make(
            title,
            $"{scale}Percent, mean over images, with 95 % intervals {over}. \u201cFrom scratch\u201d: the published "
                + $"method starts from pretrained weights that we could not obtain ({missing}).{mixture}{earlier}");

        static Dictionary<string, QuotedScore> Quoted(string set) =>
            QuotedScore.Read("table1", set).ToDictionary(row => row.Key[0]);
    }

    /// <summary>Pooled Dice and IoU in percent with 95 % intervals.</summary>
    /// <inheritdoc cref="Scores"/>
    public Table Pooled(string title)
    {
        TableBuilder<string> table = ByMethod();
        foreach ((string data, Comparison compared) in sets)
            table.Percent($"{data} pooled Dice", name => compared.Find(name)?.Scores.PooledDice)
                .Percent($"{data} pooled IoU", name => compared.Find(name)?.Scores.PooledIoU);
        return table.Make(
            title,
            $"{scale}Percent, all pixels of the test set scored at once, with 95 % intervals "
                + $"{over}.{mixture}{earlier}");
    }

    /// <summary>
    /// HD95 and ASSD in pixels with 95 % intervals, and the number of images that have them; dashes where a run was
    /// scored by a version without distances.
    /// </summary>
    /// <inheritdoc cref="Scores"/>
    public Table Distances(string title)
    {
        TableBuilder<string> table = ByMethod();
        foreach ((string data, Comparison compared) in sets)
            table.Intervals($"{data} HD95", "0.0", name => compared.Find(name)?.Scores.MeanHd95)
                .Intervals($"{data} ASSD", "0.00", name => compared.Find(name)?.Scores.MeanAssd)
                .Words($"{data} images", name => compared.Find(name)?.Scores is ScoreSummary scores
                    ? $"{scores.CasesWithDistances} of {scores.Cases}"
                    : None);
        return table.Make(title, $"{scale}{DistanceRule} 95 % intervals {over}.{earlier}");
    }

    /// <summary>
    /// Parameters, and of each method's run the images a second, the wall time, the seconds of one prediction and the
    /// threads.
    /// </summary>
    /// <inheritdoc cref="Scores"/>
    public Table Costs(string title)
    {
        TableBuilder<string> table = ByMethod().Numbers("parameters", "#,0", name => Any(name)?.Parameters);
        foreach ((string data, Comparison compared) in sets)
            table.Numbers($"{data} images/s", "0", name => compared.Find(name)?.ImagesPerSecond)
                .Numbers($"{data} seconds", "0", name => compared.Find(name)?.WallTime?.TotalSeconds)
                .Numbers($"{data} seconds per case", "0.000", name => compared.Find(name)?.Scores.SecondsPerCase)
                .Words($"{data} threads", name => compared.Find(name) is ComparedMethod method
                    ? string.Join(", ", method.Runs.Select(run => run.Spec.Threads).Distinct())
                    : None);
        return table.Make(
            title,
            $"{scale}Images/s counts training, validation and test together. Seconds per case is the prediction "
                + "of one test image, without reading and scoring. Both depend on the machine that ran it, its "
                + $"threads and its other load.{earlier}");
    }

    /// <summary>Each method's difference to the reference in points, with its test and its effect size.</summary>
    /// <inheritdoc cref="Scores"/>
    public Table Differences(string title) =>
        new TableBuilder<(string Data, ComparedMethod Method)>(methods.Where(row => row.Method.Difference is not null))
        .Words("data", row => row.Data)
        .Words("method", row => RowName(row.Method.Name) + Mark([row.Method]))
        .Points("mean Dice difference", row => row.Method.Difference!.MeanDiceDifference)
        .Numbers("p", "0.0000#", row => row.Method.Difference!.PValue)
        .Numbers("Holm p", "0.0000#", row => row.Method.CorrectedP)
        .Numbers("effect size d_z", "+0.00;-0.00;0.00", row => row.Method.Difference!.CohensDz)
        .Points("pooled Dice difference", row => row.Method.Difference!.PooledDiceDifference)
        .Make(
            title,
            $"{scale}Points, method minus reference, with 95 % intervals and sign-flip test {over}; p values corrected "
                + $"for the methods of one data set.{mixture}{earlier}");

    /// <summary>
    /// The differences as a forest plot; the legend shows how many corrected p values are below 0.05, the second line
    /// where there is no legend.
    /// </summary>
    /// <param name="title">One line above the chart.</param>
    /// <param name="reference">What the reference is called.</param>
    /// <returns>The chart; null if no method has a difference.</returns>
    public Chart? Forest(string title, string reference)
    {
        ILookup<string, ComparedMethod> differing =
            methods.Where(row => row.Method.Difference is not null).ToLookup(row => row.Data, row => row.Method);
        string[] names = [
            .. ModelCatalog.Names.Where(name => differing.Any(set => set.Any(method => method.Name == name)))];
        if (names.Length == 0)
            return null;
        Series[] shown = [.. differing.Select(set => Series.Interval(
            $"{set.Key} ({set.Count(method => method.CorrectedP < Level)} of {set.Count()} with Holm p < 0.05)",
            names.Select(name =>
                set.FirstOrDefault(method => method.Name == name)?.Difference?.MeanDiceDifference.Percent)))];
        string alone = shown.Length > 1 ? "" : $" {shown[0].Name}{(earlier.Length > 0 ? "." : "")}";
        return new Chart(title)
        {
            Subtitle = $"{scale}Intervals {over}.{alone}{earlier}",
            X = new Axis($"mean Dice minus that of {reference}, points, 95 % interval"),
            Y = new Axis { Categories = [.. names.Select(name => name + Mark(All(name)))] },
            Series = shown,
            Lines = [new ReferenceLine(0, reference, Vertical: true)],
            Height = 150 + (40 * names.Length),
        };
    }

    /// <summary>The method of each set that has it.</summary>
    private IEnumerable<ComparedMethod> All(string name) =>
        methods.Select(row => row.Method).Where(method => method.Name == name);

    private ComparedMethod? Any(string name) => All(name).FirstOrDefault();

    /// <summary>A row a method, with its name.</summary>
    private TableBuilder<string> ByMethod() =>
        new TableBuilder<string>(ModelCatalog.Names).Words("method", name => RowName(name) + Mark(All(name)));

    private static string Mark(IEnumerable<ComparedMethod> methods) =>
        methods.Any(method => method.EarlierForm.Length > 0) ? " \u2020" : "";

    /// <summary>A column of data/paper/departures.csv; methods whose field is empty are left out.</summary>
    private static Dictionary<string, string> ReadDepartures(string column)
    {
        using CsvRows rows = QuotedScore.Open("departures");
        return rows.Read(() => (Method: rows.Text("method"), Text: rows.Text(column)))
            .Where(row => row.Text.Length > 0)
            .ToDictionary(row => row.Method, row => row.Text);
    }
}

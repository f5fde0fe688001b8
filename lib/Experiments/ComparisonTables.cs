using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Figures;
using C2FVL.Platform;

namespace C2FVL.Experiments;

/// <summary>
/// Table 1 with what belongs to it, for one data set or several side by side. Every method of
/// <see cref="ModelCatalog.Names"/> has a row; one without a run has dashes. Files hold the numbers in full precision.
/// </summary>
public static class ComparisonTables
{
    private const double Level = 0.05;
    private const string None = "\u2013";

    /// <summary>The CT set that replaces MosMedData+ where we could not obtain it.</summary>
    private const string StandIn = DataSets.MedSeg;

    /// <summary>What a caption says of distances.</summary>
    internal const string DistanceRule =
        "HD95 and ASSD: mean over the images in which neither mask is empty, in pixels at the scored size. Smaller is "
            + "better. Compare only rows of the same image size.";

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

    /// <summary>The methods' departures from what their authors published, one row per method.</summary>
    /// <param name="title">One line above the table.</param>
    public static Table DepartureTable(string title)
    {
        var table = new TableBuilder<string>(ModelCatalog.Names);
        table.Words("method", RowName);
        table.Words("what differs from the authors' code", name => Departures[name]);
        return table.Make(title, "Sizes and budgets also differ, as the preset says.");
    }

    /// <summary>
    /// How the runs of an earlier version differ from today's preset, one row per run; null where all runs are the
    /// preset's.
    /// </summary>
    /// <inheritdoc cref="Scores"/>
    public static Table? EarlierFormTable(string title, params (string Data, Comparison Methods)[] sets)
    {
        (string Data, ComparedMethod Method)[] rows = [
            .. Methods(sets).Where(row => row.Method.EarlierForm.Length > 0)];
        if (rows.Length == 0)
            return null;
        var table = new TableBuilder<(string Data, ComparedMethod Method)>(rows);
        table.Words("data", row => row.Data);
        table.Words("method", row => RowName(row.Method.Name));
        table.Words(
            "what the run has and today's preset lacks", row => row.Method.EarlierForm,
            "how the run differs from today's preset");
        return table.Make(title, $"{Scale(sets)}All other rows are runs of today's preset.");
    }

    /// <summary>
    /// Mean Dice and IoU in percent with 95 % intervals, beside the paper's own on QaTa-COV19 and MosMedData+, and the
    /// mean Dice over seeds, with its standard deviation, where there are several.
    /// </summary>
    /// <param name="title">One line above the table.</param>
    /// <param name="sets">What each data set is called, and its methods.</param>
    public static Table Scores(string title, params (string Data, Comparison Methods)[] sets)
    {
        IReadOnlyList<QuotedScore> qata = QuotedScore.Read("table1"), mosmed = QuotedScore.Read("table1", "mosmed");
        TableBuilder<string> table = ByMethod(sets);
        table.Words("text", name => name == "TGANet"
            ? "in training"
            : Quoted(qata, name)?.Key[1] ?? YesOrNo(Any(name, sets)?.UsesText));
        table.Words("weights", name => PublishedPretraining.ContainsKey(name) ? "from scratch" : "");
        foreach ((string data, Comparison methods) in sets)
        {
            table.Percent($"{data} mean Dice", name => methods.Find(name)?.Scores.MeanDice);
            table.Percent($"{data} mean IoU", name => methods.Find(name)?.Scores.MeanIoU);
            if (methods.Methods.Any(method => method.Runs.Count > 1))
                table.Words(
                    $"{data} mean Dice over seeds", name => methods.Find(name)?.MeanDiceOverSeeds.ToPercent() ?? None);
        }

        table.Quoted("paper QaTa Dice", name => Quoted(qata, name)?.Dice);
        table.Quoted("paper QaTa IoU", name => Quoted(qata, name)?.IoU);
        table.Quoted("paper MosMed Dice", name => Quoted(mosmed, name)?.Dice);
        table.Quoted("paper MosMed IoU", name => Quoted(mosmed, name)?.IoU);
        string missing = string.Join("; ", PublishedPretraining.Select(start => $"{start.Key} {start.Value}"));
        return table.Make(
            title,
            $"{Scale(sets)}Percent, mean over images, with 95 % intervals {Over(sets)}. \u201cFrom scratch\u201d: the "
                + "published method starts from pretrained weights that we could not obtain "
                + $"({missing}).{Mixture(sets)}{EarlierForms(sets)}");
    }

    /// <summary>Pooled Dice and IoU in percent with 95 % intervals.</summary>
    /// <inheritdoc cref="Scores"/>
    public static Table Pooled(string title, params (string Data, Comparison Methods)[] sets)
    {
        TableBuilder<string> table = ByMethod(sets);
        foreach ((string data, Comparison methods) in sets)
        {
            table.Percent($"{data} pooled Dice", name => methods.Find(name)?.Scores.PooledDice);
            table.Percent($"{data} pooled IoU", name => methods.Find(name)?.Scores.PooledIoU);
        }

        return table.Make(
            title,
            $"{Scale(sets)}Percent, all pixels of the test set scored at once, with 95 % intervals "
                + $"{Over(sets)}.{Mixture(sets)}{EarlierForms(sets)}");
    }

    /// <summary>
    /// HD95 and ASSD in pixels with 95 % intervals, and the number of images that have them; dashes where a run was
    /// scored by a version without distances.
    /// </summary>
    /// <inheritdoc cref="Scores"/>
    public static Table Distances(string title, params (string Data, Comparison Methods)[] sets)
    {
        TableBuilder<string> table = ByMethod(sets);
        foreach ((string data, Comparison methods) in sets)
        {
            table.Interval($"{data} HD95", "0.0", name => methods.Find(name)?.Scores.MeanHd95);
            table.Interval($"{data} ASSD", "0.00", name => methods.Find(name)?.Scores.MeanAssd);
            table.Words($"{data} images", name => methods.Find(name)?.Scores is ScoreSummary scores
                ? $"{scores.CasesWithDistances} of {scores.Cases}"
                : None);
        }

        return table.Make(title, $"{Scale(sets)}{DistanceRule} 95 % intervals {Over(sets)}.{EarlierForms(sets)}");
    }

    /// <summary>
    /// Parameters, and of each method's run the images a second, the wall time, the seconds of one prediction and the
    /// threads.
    /// </summary>
    /// <inheritdoc cref="Scores"/>
    public static Table Costs(string title, params (string Data, Comparison Methods)[] sets)
    {
        TableBuilder<string> table = ByMethod(sets);
        table.Numbers("parameters", "#,0", name => Any(name, sets)?.Parameters);
        foreach ((string data, Comparison methods) in sets)
        {
            table.Numbers($"{data} images/s", "0", name => methods.Find(name)?.ImagesPerSecond);
            table.Numbers($"{data} seconds", "0", name => methods.Find(name)?.WallTime?.TotalSeconds);
            table.Numbers($"{data} seconds per case", "0.000", name => methods.Find(name)?.Scores.SecondsPerCase);
            table.Words($"{data} threads", name => methods.Find(name) is ComparedMethod method
                ? string.Join(", ", method.Runs.Select(run => run.Spec.Threads).Distinct())
                : None);
        }

        return table.Make(
            title,
            $"{Scale(sets)}Images/s counts training, validation and test together. Seconds per case is the prediction "
                + "of one test image, without reading and scoring. Both depend on the machine that ran it, its "
                + $"threads and its other load.{EarlierForms(sets)}");
    }

    /// <summary>Each method's difference to the reference in points, with its test and its effect size.</summary>
    /// <inheritdoc cref="Scores"/>
    public static Table Differences(string title, params (string Data, Comparison Methods)[] sets)
    {
        (string Data, ComparedMethod Method)[] rows = [
            .. Methods(sets).Where(row => row.Method.Difference is not null)];
        var table = new TableBuilder<(string Data, ComparedMethod Method)>(rows);
        table.Words("data", row => row.Data);
        table.Words("method", row => RowName(row.Method.Name) + Mark(row.Method));
        table.Points("mean Dice difference", row => row.Method.Difference!.MeanDiceDifference);
        table.Numbers("p", "0.0000#", row => row.Method.Difference!.PValue);
        table.Numbers("Holm p", "0.0000#", row => row.Method.CorrectedP);
        table.Numbers("effect size d_z", "+0.00;-0.00;0.00", row => row.Method.Difference!.CohensDz);
        table.Points("pooled Dice difference", row => row.Method.Difference!.PooledDiceDifference);
        return table.Make(
            title,
            $"{Scale(sets)}Points, method minus reference, with 95 % intervals and sign-flip test {Over(sets)}; p "
                + $"values corrected for the methods of one data set.{Mixture(sets)}{EarlierForms(sets)}");
    }

    /// <summary>
    /// The differences as a forest plot; the legend shows how many corrected p values are below 0.05, the second line
    /// where there is no legend.
    /// </summary>
    /// <param name="title">One line above the chart.</param>
    /// <param name="reference">What the reference is called.</param>
    /// <param name="sets">What each data set is called, and its methods.</param>
    /// <returns>The chart; null if no method has a difference.</returns>
    public static Chart? Forest(string title, string reference, params (string Data, Comparison Methods)[] sets)
    {
        string[] names = [
            .. ModelCatalog.Names.Where(name => sets.Any(set => set.Methods.Find(name)?.Difference is not null))];
        if (names.Length == 0)
            return null;
        Series Interval((string Data, Comparison Methods) set)
        {
            ComparedMethod?[] methods = [.. names.Select(set.Methods.Find)];
            int significant = methods.Count(method => method?.CorrectedP < Level);
            int compared = methods.Count(method => method?.Difference is not null);
            return EstimateSeries.Intervals(
                $"{set.Data} ({significant} of {compared} with Holm p < 0.05)",
                [.. methods.Select(method => method?.Difference?.MeanDiceDifference)]);
        }

        Series[] shown = [
            .. sets.Where(set => set.Methods.Methods.Any(method => method.Difference is not null)).Select(Interval)];
        string note = EarlierForms(sets);
        string alone = shown.Length > 1 ? "" : $" {shown[0].Name}{(note.Length > 0 ? "." : "")}";
        return new Chart(title)
        {
            Subtitle = $"{Scale(sets)}Intervals {Over(sets)}.{alone}{note}",
            X = new Axis($"mean Dice minus that of {reference}, points, 95 % interval"),
            Y = new Axis { Categories = [.. names.Select(name => name + Mark(name, sets))] },
            Series = shown,
            Lines = [new ReferenceLine(0, reference, Vertical: true)],
            Height = 150 + (40 * names.Length),
        };
    }

    private static IEnumerable<(string Data, ComparedMethod Method)> Methods(
        (string Data, Comparison Methods)[] sets) =>
        sets.SelectMany(set => set.Methods.Methods.Select(method => (set.Data, method)));

    /// <summary>The method in the first set that has it.</summary>
    private static ComparedMethod? Any(string name, (string Data, Comparison Methods)[] sets) =>
        sets.Select(set => set.Methods.Find(name)).OfType<ComparedMethod>().FirstOrDefault();

    private static string YesOrNo(bool? value) => value switch { true => "yes", false => "no", null => "" };

    /// <summary>A row a method, with its name.</summary>
    private static TableBuilder<string> ByMethod((string Data, Comparison Methods)[] sets)
    {
        var table = new TableBuilder<string>(ModelCatalog.Names);
        table.Words("method", name => RowName(name) + Mark(name, sets));
        return table;
    }

    private static string Mark(string name, (string Data, Comparison Methods)[] sets) =>
        sets.Select(set => Mark(set.Methods.Find(name))).FirstOrDefault(mark => mark.Length > 0, "");

    private static string Mark(ComparedMethod? method) => method?.EarlierForm.Length > 0 ? " \u2020" : "";

    /// <summary>Which rows have a dagger, and what it means.</summary>
    private static string EarlierForms((string Data, Comparison Methods)[] sets)
    {
        string[] marked = [
            .. from set in sets
               let names = set.Methods.Methods.Where(method => method.EarlierForm.Length > 0).Select(m => m.Name)
               where names.Any()
               select $"{set.Data}: {string.Join(", ", names)}"];
        return marked.Length == 0
            ? ""
            : $" \u2020\u00a0Run of an earlier version of the method ({string.Join("; ", marked)}).";
    }

    /// <summary>A column of data/paper/departures.csv; methods whose field is empty are left out.</summary>
    private static Dictionary<string, string> ReadDepartures(string column)
    {
        using CsvRows rows = QuotedScore.Open("departures");
        return rows.Read(() => (Method: rows.Text("method"), Text: rows.Text(column)))
            .Where(row => row.Text.Length > 0)
            .ToDictionary(row => row.Method, row => row.Text);
    }

    private static QuotedScore? Quoted(IReadOnlyList<QuotedScore> rows, string method) =>
        rows.FirstOrDefault(row => row.Key[0] == method);

    /// <summary>Which preset it is, and what a set that stands in for one of the paper's is not.</summary>
    private static string Scale((string Data, Comparison Methods)[] sets)
    {
        RunSpec[] specs = [.. Methods(sets).Select(row => row.Method.Runs[0].Spec)];
        if (specs.Length == 0)
            return "";
        return Capital(specs[0].Scale.Caption()) + ". "
            + (specs.Any(spec => spec.Data.Set == StandIn) ? $"{StandIn} is not {DataSets.MosMed}. " : "");
    }

    /// <summary>What the intervals and tests of these sets draw.</summary>
    private static string Over((string Data, Comparison Methods)[] sets) => PatientBootstrap.Over(
        sets.Select(set => (set.Data, set.Methods.Methods.SelectMany(m => m.Runs).SelectMany(run => run.Cases))));

    /// <summary>Runs of several versions or thread counts, said.</summary>
    private static string Mixture((string Data, Comparison Methods)[] sets) =>
        Provenance.Mixture(Methods(sets).SelectMany(row => row.Method.Runs));

    private static string Capital(string words) => char.ToUpperInvariant(words[0]) + words[1..];
}

using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Figures;

namespace C2FVL.Experiments;

/// <summary>
/// The methods of Table 1 on one data set or several side by side: the rows, the caption and the forest plot of their
/// tables. Every method of <see cref="ModelCatalog.Names"/> has a row, also one without a run.
/// </summary>
public sealed class ComparedSets
{
    private const double Level = 0.05;
    private const string Dagger = " \u2020";

    /// <summary>The CT set that replaces MosMedData+ where we could not obtain it.</summary>
    private const string StandIn = DataSets.MedSeg;

    // Of captions: the preset, and what a set that stands in for one of the paper's is not; what intervals and tests
    // draw; runs of several versions or thread counts; which rows have a dagger, and what it means.
    private readonly string preset, over, mixture, earlier;

    /// <param name="sets">What each data set is called, and its methods.</param>
    public ComparedSets(params (string Data, Comparison Methods)[] sets)
    {
        Sets = sets;
        Methods = [.. from set in sets from method in set.Methods.Methods select (set.Data, method)];
        Run[] runs = [.. Methods.SelectMany(row => row.Method.Runs)];
        string caption = runs.Length == 0 ? "" : runs[0].Spec.Scale.Caption() + ". ";
        preset = (caption.Length == 0 ? "" : char.ToUpperInvariant(caption[0]) + caption[1..])
            + (runs.Any(run => run.Spec.Data.Set == StandIn) ? $"{StandIn} is not {DataSets.MosMed}. " : "");
        over = PatientBootstrap.Over(Methods.GroupBy(row => row.Data)
            .Select(set => (set.Key, set.SelectMany(row => row.Method.Runs).SelectMany(run => run.Cases))));
        mixture = Provenance.Mixture(runs);
        string[] marked = [
            .. Methods.Where(row => row.Method.EarlierForm.Length > 0).GroupBy(row => row.Data, row => row.Method.Name)
                .Select(set => $"{set.Key}: {string.Join(", ", set)}")];
        earlier = marked.Length == 0
            ? ""
            : $" \u2020\u00a0Run of an earlier version of the method ({string.Join("; ", marked)}).";
    }

    /// <summary>What each data set is called, and its methods.</summary>
    public IReadOnlyList<(string Data, Comparison Methods)> Sets { get; }

    /// <summary>All methods that have a run, data set by data set.</summary>
    public IReadOnlyList<(string Data, ComparedMethod Method)> Methods { get; }

    /// <summary>A table with a row a method, by its name.</summary>
    public TableBuilder<string> ByMethod() => new TableBuilder<string>(ModelCatalog.Names).Words(
        "method", name => RowName(name, IsEarlier(name)));

    /// <summary>
    /// What a row is called: GLoRIA's is named for what it is, as its authors' segmenter reads no text.
    /// </summary>
    /// <param name="method">The method.</param>
    /// <param name="isEarlier">Whether its run is of an earlier version, which a dagger marks.</param>
    public static string RowName(string method, bool isEarlier = false) =>
        (method == "GLoRIA" ? "GLoRIA encoder, text in the decoder" : method) + (isEarlier ? Dagger : "");

    /// <summary>
    /// A caption: the preset, what the table shows, what its intervals draw, whether its runs were made in different
    /// ways, and what a dagger means.
    /// </summary>
    /// <param name="what">What the table shows, in whole sentences.</param>
    /// <param name="hasIntervals">Whether it has intervals or tests.</param>
    public string Caption(string what, bool hasIntervals = true) =>
        $"{preset}{what}{(hasIntervals ? $" 95 % intervals {over}." : "")}{mixture}{earlier}";

    /// <summary>
    /// The differences to the reference as a forest plot. Its legend shows how many corrected p values are below 0.05;
    /// with one data set the second line does.
    /// </summary>
    /// <param name="title">One line above the chart.</param>
    /// <param name="reference">What the reference is called.</param>
    /// <returns>The chart; null if no method has a difference.</returns>
    public Chart? Forest(string title, string reference)
    {
        ILookup<string, ComparedMethod> differing =
            Methods.Where(row => row.Method.Difference is not null).ToLookup(row => row.Data, row => row.Method);
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
            Subtitle = $"{preset}Intervals {over}.{alone}{earlier}",
            X = new Axis($"mean Dice minus that of {reference}, points, 95 % interval"),
            Y = new Axis { Categories = [.. names.Select(name => name + (IsEarlier(name) ? Dagger : ""))] },
            Series = shown,
            Lines = [new ReferenceLine(0, reference, Vertical: true)],
            Height = 150 + (40 * names.Length),
        };
    }

    private bool IsEarlier(string name) =>
        Methods.Any(row => row.Method.Name == name && row.Method.EarlierForm.Length > 0);
}

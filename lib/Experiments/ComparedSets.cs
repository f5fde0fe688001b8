using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Figures;

namespace C2FVL.Experiments;

/// <summary>
/// The methods of Table 1 on one data set or several side by side: the rows and the captions of their tables and
/// charts. Every method of <see cref="ModelCatalog.Names"/> has a row, also one without a run.
/// </summary>
public sealed class ComparedSets
{
    /// <summary>The CT set that replaces MosMedData+ where we could not obtain it.</summary>
    private const string StandIn = DataSets.MedSeg;

    private readonly string mixture;

    /// <param name="sets">What each data set is called, and its methods.</param>
    public ComparedSets(params (string Data, Comparison Methods)[] sets)
    {
        Sets = sets;
        Methods = [.. from set in sets from method in set.Methods.Methods select (set.Data, method)];
        Run[] runs = [.. Methods.SelectMany(row => row.Method.Runs)];
        string caption = runs.Length == 0 ? "" : runs[0].Spec.Scale.Caption() + ". ";
        Preset = (caption.Length == 0 ? "" : char.ToUpperInvariant(caption[0]) + caption[1..])
            + (runs.Any(run => run.Spec.Data.Set == StandIn) ? $"{StandIn} is not {DataSets.MosMed}. " : "");
        Over = PatientBootstrap.Over(Methods.GroupBy(row => row.Data)
            .Select(set => (set.Key, set.SelectMany(row => row.Method.Runs).SelectMany(run => run.Cases))));
        mixture = Provenance.Mixture(runs);
        string[] marked = [
            .. Methods.Where(row => row.Method.EarlierForm.Length > 0).GroupBy(row => row.Data, row => row.Method.Name)
                .Select(set => $"{set.Key}: {string.Join(", ", set)}")];
        Earlier = marked.Length == 0
            ? ""
            : $" \u2020\u00a0Run of an earlier version of the method ({string.Join("; ", marked)}).";
    }

    /// <summary>What each data set is called, and its methods.</summary>
    public IReadOnlyList<(string Data, Comparison Methods)> Sets { get; }

    /// <summary>All methods that have a run, data set by data set.</summary>
    public IReadOnlyList<(string Data, ComparedMethod Method)> Methods { get; }

    /// <summary>The preset in a sentence, and what a set that stands in for one of the paper's is not.</summary>
    public string Preset { get; }

    /// <summary>What intervals and tests draw, such as "over patients".</summary>
    public string Over { get; }

    /// <summary>What a dagger means and which rows have one; empty if none has.</summary>
    public string Earlier { get; }

    /// <summary>A table with a row a method, by its name.</summary>
    public TableBuilder<string> ByMethod() => new TableBuilder<string>(ModelCatalog.Names).Words(
        "method", name => RowName(name, IsEarlier(name)));

    /// <summary>
    /// What a row is called: GLoRIA's is named for what it is, as its authors' segmenter reads no text.
    /// </summary>
    /// <param name="method">The method.</param>
    /// <param name="isEarlier">Whether its run is of an earlier version, which a dagger marks.</param>
    public static string RowName(string method, bool isEarlier = false) =>
        (method == "GLoRIA" ? "GLoRIA encoder, text in the decoder" : method) + (isEarlier ? " \u2020" : "");

    /// <summary>
    /// A caption: the preset, what the table shows, what its intervals draw, whether its runs were made in different
    /// ways, and what a dagger means.
    /// </summary>
    /// <param name="what">What the table shows, in whole sentences.</param>
    /// <param name="hasIntervals">Whether it has intervals or tests.</param>
    public string Caption(string what, bool hasIntervals = true) =>
        $"{Preset}{what}{(hasIntervals ? $" 95 % intervals {Over}." : "")}{mixture}{Earlier}";

    /// <summary>Whether a run of a method is of an earlier version.</summary>
    public bool IsEarlier(string name) =>
        Methods.Any(row => row.Method.Name == name && row.Method.EarlierForm.Length > 0);
}

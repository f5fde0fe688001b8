using System.Globalization;
using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Training;

namespace C2FVL.Workbook.Sweeps;

/// <summary>The lists of runs that a sweep knows by name: the paper's tables, and the grid that tunes.</summary>
internal static class SweepLists
{
    private static readonly IReadOnlyDictionary<string, Func<Scale, IReadOnlyList<ExperimentRow>>> Lists =
        new Dictionary<string, Func<Scale, IReadOnlyList<ExperimentRow>>>
    {
        ["table1"] = PaperTables.Table1,
        ["table2"] = PaperTables.Table2,
        ["figure3"] = PaperTables.Figure3,
        ["table3"] = PaperTables.Table3,
        ["text-controls"] = PaperTables.TextControls,
        ["rates"] = Rates,
        ["seeds"] = Repeated,
        ["all"] = scale => [
            .. PaperTables.Table1(scale), .. PaperTables.Table2(scale), .. PaperTables.Table3(scale),
            .. PaperTables.TextControls(scale), .. PaperTables.Figure3(scale)],
    };

    /// <summary>The names that <see cref="Get"/> knows.</summary>
    public static IReadOnlyList<string> Names => [.. Lists.Keys];

    /// <summary>
    /// A list by its name: table1, table2, figure3, table3, text-controls, all of these; rates, which tunes; or seeds.
    /// </summary>
    /// <exception cref="ArgumentException">There is no such list; the message names those there are.</exception>
    public static IReadOnlyList<ExperimentRow> Get(string name, Scale scale) =>
        Lists.TryGetValue(name.ToLowerInvariant(), out Func<Scale, IReadOnlyList<ExperimentRow>>? list)
            ? list(scale)
            : throw new ArgumentException($"There is no list {name}. There are: {string.Join(", ", Names)}.");

    /// <summary>
    /// What the claims rest on, with three seeds each: C2FVL whole, without text, without the cosine loss, and with text
    /// on all skips as its only part; and UNet, GLoRIA and nnUNet.
    /// </summary>
    public static IReadOnlyList<ExperimentRow> Repeated(Scale scale)
    {
        IReadOnlyList<ExperimentRow> table3 = PaperTables.Table3(scale);
        RunSpec Part(string label) => table3.Single(row => row.Label == label).Spec;
        (string Name, RunSpec Spec)[] settings =
        [
            ("C2FVL", Presets.For(scale)),
            ("C2FVL without text", Presets.For(scale) with { Text = TextMode.Missing }),
            ("C2FVL without the cosine loss", Part("all skips, VLAB, no cosine loss")),
            ("C2FVL's text on all skips alone", Part("text on all skips")),
            .. new[] { "UNet", "GLoRIA", "nnUNet" }.Select(model => (model, Presets.For(scale, model: model))),
        ];
        return [.. from setting in settings from seed in Presets.Seeds
                   select new ExperimentRow(setting.Name, $"seed {seed}", setting.Spec with { Seed = seed })];
    }

    /// <summary>
    /// One grid of learning rates for all methods of Table 1, on X-rays: 3e-4, 1e-3 and 3e-3 with Adam and AdamW, 1e-3,
    /// 3e-3 and 1e-2 with SGD; at phantom scale Adam's are 10 times as high, as that scale's own. The best validation
    /// Dice at mini chooses, see <see cref="Presets.ChosenRates"/>; the test cases have no say.
    /// </summary>
    public static IReadOnlyList<ExperimentRow> Rates(Scale scale)
    {
        return [.. from model in ModelCatalog.Names
                   let standard = Presets.For(scale, model: model)
                   from rate in Grid(standard.Training.Optimizer)
                   select new ExperimentRow(model, rate.ToString("0.##e-0", CultureInfo.InvariantCulture), standard with
                   {
                       Training = standard.Training with
                       { LearningRate = rate, FloorLearningRate = Math.Min(standard.Training.FloorLearningRate, rate) },
                   })];

        double[] Grid(OptimizerKind optimizer) => optimizer switch
        {
            OptimizerKind.Sgd or OptimizerKind.NesterovSgd => [1e-3, 3e-3, 1e-2],
            _ when scale == Scale.Phantom => [3e-3, 1e-2, 3e-2],
            _ => [3e-4, 1e-3, 3e-3],
        };
    }
}

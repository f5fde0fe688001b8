using System.Globalization;
using C2FVL.Data;
using C2FVL.Platform;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Optimization;

namespace C2FVL.Workbook.Fitting;

/// <summary>
/// Fits the zones of <see cref="MaskReporter"/> to annotators' reports: weighted multinomial logistic regression with
/// an L2 penalty, by L-BFGS. The objective is convex, so data and settings alone decide the result. The test part is
/// never read.
/// </summary>
/// <remarks>
/// QaTa-COV19's annotation is not of one hand. Through the training part hardly any lesion is "middle" alone; in the
/// validation part, the ordered tail of the list, the same places are called "middle" more and more, from one in fifty
/// to five in six. A rule cannot follow both, so the validation part's images weigh more: the weight (16, of 1, 4, 8
/// and 16), the penalty and the features were chosen by three-fold cross-validation over the validation part's
/// patients.
/// </remarks>
internal static class MaskReporterFit
{
    private const double Penalty = 5;
    private const double ValidationWeight = 16;
    private const int MostSteps = 500;

    /// <summary>Fits and stores the parameters; lib/Data/ZoneModel.csv is made so from QaTa-COV19.</summary>
    /// <param name="dataset">Cases with masks, reports and given parts.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">There are no reports to learn from.</exception>
    public static void Write(Dataset dataset, string path) => AtomicFile.WriteText(path, ToCsv(Fit(Samples(dataset))));

    /// <summary>The lungs with lesions and named zones of the training and validation parts.</summary>
    public static IReadOnlyList<LungSample> Samples(Dataset dataset)
    {
        var samples = new List<LungSample>();
        foreach (
            Case item in dataset.Cases.Where(
                c =>
                    c is
                    {
                        GivenPart: Part.Train or Part.Val,
                        Kind: ImageKind.XRay,
                        MaskPath: not null,
                        Report: not null,
                    }))
        {
            BinaryMask mask = item.ReadMask();
            (int areas, int[] left, int[] right) = MaskReporter.Lungs(mask);
            double weight = item.GivenPart == Part.Val ? ValidationWeight : 1;
            int zones = (int)item.Report!.Zones;
            Add(false, left, right, zones & 7);
            Add(true, right, left, zones >> 3);

            void Add(bool isRight, int[] own, int[] other, int named)
            {
                if (named != 0 && own.Any(pixels => pixels > 0))
                    samples.Add(
                        new LungSample(LungFeatures.Of(isRight, own, other, mask.Width, areas), named - 1, weight));
            }
        }

        return samples.Count > 0
            ? samples
            : throw new InvalidDataException(
                $"{dataset.Root}: no X-ray of a training or validation part has both a mask and a report, so there "
                    + "is nothing to fit.");
    }

    /// <summary>The model of the least objective.</summary>
    public static ZoneModel Fit(IReadOnlyList<LungSample> samples)
    {
        IObjectiveFunction objective = ObjectiveFunction.Gradient(parameters =>
        {
            (double value, double[][] gradient) = Objective(Model(parameters), samples);
            return (value, Vector<double>.Build.DenseOfEnumerable(gradient.SelectMany(row => row)));
        });
        var start = Vector<double>.Build.Dense(ZoneModel.Classes * ZoneModel.Features.Count);
        MinimizationResult result = new LimitedMemoryBfgsMinimizer(1e-6, 1e-9, 1e-12, 20, MostSteps).FindMinimum(
            objective, start);
        return Model(result.MinimizingPoint);
    }

    /// <summary>
    /// The weighted mean of -log P(named zones), plus the penalty on all weights but the constant's; and its gradient,
    /// shape (7, features).
    /// </summary>
    public static (double Value, double[][] Gradient) Objective(ZoneModel model, IReadOnlyList<LungSample> samples)
    {
        int features = ZoneModel.Features.Count;
        double total = samples.Sum(s => s.Weight), value = 0;
        double[][] gradient = [.. model.Weights.Select(_ => new double[features])];
        foreach (LungSample sample in samples)
        {
            double[] probabilities = model.Probabilities(sample.Features);
            value -= sample.Weight * Math.Log(probabilities[sample.Class]);
            for (int c = 0; c < ZoneModel.Classes; c++)
            {
                double slope = sample.Weight * (probabilities[c] - (c == sample.Class ? 1 : 0));
                double[] row = gradient[c];
                for (int f = 0; f < features; f++)
                    row[f] += slope * sample.Features[f];
            }
        }

        for (int c = 0; c < ZoneModel.Classes; c++)
        {
            for (int f = 0; f < features - 1; f++)
            {
                value += Penalty / 2 * model.Weights[c][f] * model.Weights[c][f];
                gradient[c][f] += Penalty * model.Weights[c][f];
            }
        }

        foreach (double[] row in gradient)
        {
            for (int f = 0; f < features; f++)
                row[f] /= total;
        }

        return (value / total, gradient);
    }

    /// <summary>A row a feature, a column a subset, four decimals; <see cref="ZoneModel.Parse"/> reads it.</summary>
    public static string ToCsv(ZoneModel model)
    {
        string[] places = ["upper", "middle", "lower"];
        IEnumerable<string> subsets = Enumerable.Range(1, ZoneModel.Classes)
            .Select(subset => string.Join('+', places.Where((_, zone) => ((subset >> zone) & 1) == 1)));
        IEnumerable<string> rows = ZoneModel.Features.Select((name, feature) => string.Join(
            ',',
            model.Weights.Select(row => Math.Round(row[feature], 4).ToString("0.####", CultureInfo.InvariantCulture))
                .Prepend(name)));
        return string.Concat(rows.Prepend(string.Join(',', subsets.Prepend("feature"))).Select(line => line + "\n"));
    }

    private static ZoneModel Model(Vector<double> parameters) => new([.. parameters.Chunk(ZoneModel.Features.Count)]);
}

/// <summary>A lung to fit <see cref="ZoneModel"/> to.</summary>
/// <param name="Features">See <see cref="LungFeatures"/>.</param>
/// <param name="Class">The named zones, 0 to 6: one less than their bits.</param>
/// <param name="Weight">How much it counts.</param>
internal sealed record LungSample(double[] Features, int Class, double Weight);

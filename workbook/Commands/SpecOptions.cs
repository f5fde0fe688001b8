using System.CommandLine;
using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Models;

namespace C2FVL.Workbook.Commands;

/// <summary>The options that say what to run: a scale's preset, or a spec file, and what departs from it.</summary>
internal sealed class SpecOptions
{
    private readonly Option<Scale> scale = new("--scale") { Description = "Data, network and budget: phantom, mini or paper.", DefaultValueFactory = _ => Scale.Phantom };
    private readonly Option<ImageKind> kind = new("--kind") { Description = "The scale's X-ray set or its CT set.", DefaultValueFactory = _ => ImageKind.XRay };
    private readonly Option<string> model = new("--model") { Description = "A system of the paper's Table 1.", DefaultValueFactory = _ => "C2FVL" };
    private readonly Option<FileInfo?> spec = new("--spec") { Description = "A spec.json to run as it is; the options below still change it." };
    private readonly Option<string?> data = new("--data") { Description = "The data set: a name under data/ or C2FVL_DATA, or any folder of images and masks." };
    private readonly Option<SplitKind?> split = new("--split") { Description = "How the cases are split." };
    private readonly Option<int?> train = new("--train") { Description = "So many training cases, by a fixed seeded list." };
    private readonly Option<int?> val = new("--val") { Description = "So many validation cases, by a fixed seeded list." };
    private readonly Option<int?> test = new("--test") { Description = "So many test cases, by a fixed seeded list." };
    private readonly Option<bool?> reportsFromMasks = new("--reports-from-masks") { Description = "Write every report from its mask, for pictures without sentences." };
    private readonly Option<bool?> mirror = new("--mirror") { Description = "nnUNet alone: average each validated and tested probability over the picture and its three mirror images." };
    private readonly Option<int?> epochs = new("--epochs") { Description = "Epochs at most." };
    private readonly Option<int?> batch = new("--batch") { Description = "Images a step." };
    private readonly Option<double?> rate = new("--lr") { Description = "The learning rate." };
    private readonly Option<Augmentation?> augmentation = new("--augmentation") { Description = "What becomes of the report when the picture moves." };
    private readonly Option<TextMode?> text = new("--text") { Description = "The text that the model is given in training and scoring; Missing is a vector of ones for C2FVL." };
    private readonly Option<double?> dropout = new("--text-dropout") { Description = "The chance that a training image's report is left out." };
    private readonly Option<int?> seed = new("--seed") { Description = "The seed of weights, order, augmentation and dropout." };
    private readonly Option<int?> threads = new("--threads") { Description = "libtorch's threads; the last bits of a result depend on them." };
    private readonly Option<string?> device = new("--device") { Description = "cpu or cuda." };

    public SpecOptions(Command command)
    {
        foreach (Option option in new Option[] { scale, kind, model, spec, data, split, train, val, test, reportsFromMasks, mirror, epochs, batch, rate, augmentation, text, dropout, seed, threads, device })
            command.Options.Add(option);
    }

    public RunSpec Read(ParseResult parsed)
    {
        RunSpec result = parsed.GetValue(spec) is FileInfo file
            ? RunSpec.Load(file.FullName)
            : Presets.For(parsed.GetValue(scale), parsed.GetValue(kind), parsed.GetValue(model)!);
        return result with
        {
            Data = result.Data with
            {
                Set = parsed.GetValue(data) ?? result.Data.Set,
                Split = parsed.GetValue(split) ?? result.Data.Split,
                Train = parsed.GetValue(train) ?? result.Data.Train,
                Val = parsed.GetValue(val) ?? result.Data.Val,
                Test = parsed.GetValue(test) ?? result.Data.Test,
                ReportsFromMasks = parsed.GetValue(reportsFromMasks) ?? result.Data.ReportsFromMasks,
            },
            Model = parsed.GetValue(mirror) is bool mirrored ? Mirrored(result.Model, mirrored) : result.Model,
            Training = result.Training with
            {
                Epochs = parsed.GetValue(epochs) ?? result.Training.Epochs,
                BatchSize = parsed.GetValue(batch) ?? result.Training.BatchSize,
                LearningRate = parsed.GetValue(rate) ?? result.Training.LearningRate,
            },
            Augmentation = parsed.GetValue(augmentation) ?? result.Augmentation,
            Text = parsed.GetValue(text) ?? result.Text,
            TextDropout = parsed.GetValue(dropout) ?? result.TextDropout,
            Seed = parsed.GetValue(seed) ?? result.Seed,
            Threads = parsed.GetValue(threads) ?? result.Threads,
            Device = parsed.GetValue(device) ?? result.Device,
        };
    }

    private static ModelSettings Mirrored(ModelSettings settings, bool mirrored) => settings is NnUNetSettings own
        ? own with { MirrorAtTest = mirrored }
        : throw new ArgumentException($"--mirror is nnUNet's, and this is {settings.Name}. Leave it out, or add --model nnUNet.");
}

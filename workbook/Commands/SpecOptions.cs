using System.CommandLine;
using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Training;

namespace C2FVL.Workbook.Commands;

/// <summary>The options that say what to run: a scale's preset, or a spec file, and what departs from it.</summary>
internal sealed class SpecOptions
{
    private readonly Option<Scale> scale = new("--scale")
    {
        Description = "The preset for data, network and budget: phantom, mini, full or paper.",
        DefaultValueFactory = _ => Scale.Phantom,
    };
    private readonly DataOptions reading;
    private readonly Option<string> model = new("--model")
    {
        Description = "A method of the paper's Table 1.",
        DefaultValueFactory = _ => "C2FVL",
    };
    private readonly Option<FileInfo?> spec = new("--spec")
    {
        Description = "A spec.json to run. Other options still override its settings.",
    };
    private readonly Option<string?> data = new("--data") { Description = "The data set: a name under data/ or C2FVL_DATA, or any folder of images and masks." };
    private readonly Option<int?> train = new Option<int?>("--train") { Description = "Number of training images, drawn with a fixed seed." }.Within(1);
    private readonly Option<int?> val = new Option<int?>("--val") { Description = "Number of validation images, drawn with a fixed seed." }.Within(1);
    private readonly Option<int?> test = new Option<int?>("--test") { Description = "Number of test images, drawn with a fixed seed." }.Within(1);
    private readonly Option<bool?> reportsFromMasks = new("--reports-from-masks")
    {
        Description = "Write every report from its mask, for images without reports.",
    };
    private readonly Option<bool?> mirror = new("--mirror")
    {
        Description = "nnUNet only: average each validation and test probability over the image and its three flips.",
    };
    private readonly Option<int?> epochs = new Option<int?>("--epochs")
    {
        Description = "The largest number of epochs.",
    }.Within(1);
    private readonly Option<int?> batch = new Option<int?>("--batch") { Description = "Images per step." }.Within(1, 4096);
    private readonly Option<double?> rate = new Option<double?>("--lr") { Description = "The learning rate." }.AboveZero(most: 10);
    private readonly Option<double?> floor = new Option<double?>("--floor-lr")
    {
        Description = "The learning rate at the end of a cosine cycle.",
    }.Within(0, 10);
    private readonly Option<double?> warmup = new Option<double?>("--warmup-epochs") { Description = "Epochs over which the learning rate rises from near 0, step by step." }.Within(0, 10_000);
    private readonly Option<double?> average = new Option<double?>("--average-decay")
    {
        Description = "The decay of a moving average of the weights, such as 0.999. The average is what is validated, "
            + "saved and tested. 0 turns it off.",
    }.Within(0, 0.99999);
    private readonly Option<bool?> flip = new("--flip-at-test")
    {
        Description = "Average each test probability over the image and its horizontal flip. The report is flipped "
            + "too.",
    };
    private readonly Option<Precision?> precision = new("--precision")
    {
        Description = "The precision of a training step: Float32, or BFloat16 for feature maps and convolutions if "
            + "the processor or GPU is faster with it.",
    };

    private readonly Option<Augmentation?> augmentation = new("--augmentation")
    {
        Description = "What happens to the report when augmentation moves the image.",
    };
    private readonly Option<TextMode?> text = new("--text")
    {
        Description = "The text that the model gets in training and scoring. For C2FVL, Missing is a vector of ones.",
    };
    private readonly Option<double?> dropout = new Option<double?>("--text-dropout")
    {
        Description = "The probability that a training image's report is left out.",
    }.Within(0, 1);
    private readonly Option<int?> seed = new("--seed")
    {
        Description = "The seed for weights, order, augmentation and dropout.",
    };
    private readonly Option<int?> threads = new Option<int?>("--threads")
    {
        Description = "The number of libtorch threads. It affects only rounding.",
    }.Within(1, Devices.MostThreads);
    private readonly Option<string?> device = new("--device") { Description = "cpu, cuda or cuda:N." };

    private readonly Option<int?> folds = new Option<int?>("--folds")
    {
        Description = "Cross-validation: train this many runs and show their spread. Each run validates on another "
            + "fold of the training and validation images, or tests on it if the data have no test set. A patient's "
            + "images stay in one fold.",
    }.Within(2, 100);

    private readonly Option<int?> fold =
        new Option<int?>("--fold") { Description = "Train only this fold of --folds, counted from 1." }.Within(1, 100);

    private readonly Option<FileInfo?> from = new("--from")
    {
        Description = "Start from these weights: a run's best.safetensors, or a .pt or .pth file of the network or "
            + "its encoder. Tensors that fit by name and shape are loaded, and the others are listed. Network and "
            + "preset come from the file if it names them.",
    };

    public SpecOptions(Command command)
    {
        foreach (Option option in new Option[] { scale, model, spec, data })
            command.Options.Add(option);
        reading = new DataOptions(command, "The preset's X-ray set (the default) or its CT set. With --data: X-ray or "
            + "CT, if the layout does not say.");
        Option[] others =
        [
            train, val, test, reportsFromMasks, mirror, epochs, batch, rate, floor, warmup, average, precision, flip,
            augmentation, text, dropout, seed, threads, device, folds, fold, from,
        ];
        foreach (Option option in others)
            command.Options.Add(option);
    }

    public RunSpec Read(ParseResult parsed) => Changed(parsed, parsed.GetValue(spec) is FileInfo file
        ? RunSpec.Load(file.FullName)
        : Preset(parsed));

    /// <summary>
    /// The preset that the options name; for a start from a run's weights that run's network, unless the options name
    /// one.
    /// </summary>
    private RunSpec Preset(ParseResult parsed)
    {
        ImageKind kind = parsed.GetValue(reading.Kind) ?? ImageKind.XRay;
        RunSpec? start = parsed.GetValue(from) is FileInfo { Exists: true } file
            ? RunSpec.FromWeights(file.FullName) : null;
        if (start is null || IsGiven(parsed, scale) || IsGiven(parsed, model))
            return Presets.For(parsed.GetValue(scale), kind, parsed.GetValue(model)!);
        return Presets.For(start.Scale, kind, start.Model.Name) with { Model = start.Model };
    }

    /// <summary>What to score a weights file on: its own spec and what the options add. An option that contradicts the file is an error.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="own">The spec in the file.</param>
    /// <param name="weights">The file.</param>
    /// <exception cref="ArgumentException">An option contradicts the file; the message says which.</exception>
    public RunSpec Read(ParseResult parsed, RunSpec own, string weights)
    {
        Agree(parsed, scale, own.Scale, RunStore.ScaleName(own.Scale));
        Agree(parsed, text, own.Text, own.Text.ToString());
        if (IsGiven(parsed, model) && !parsed.GetValue(model)!.Equals(own.Model.Name, StringComparison.OrdinalIgnoreCase))
            throw Contradiction(model, parsed.GetValue(model)!, own.Model.Name);
        RunSpec wanted = own;
        if (parsed.GetValue(spec) is FileInfo file)
        {
            wanted = RunSpec.Load(file.FullName);
            if (wanted.Model != own.Model)
                throw Contradiction(spec, file.Name, $"{own.Model.Name} with other settings");
            if (wanted.Text != own.Text)
                throw Contradiction(spec, file.Name, $"text {own.Text}");
        }
        else if (IsGiven(parsed, data))
        {
            // What the training set needed, such as its sheet or its lesion label, is not the other set's.
            wanted = own with { Data = new DataSpec { Set = own.Data.Set, Seed = own.Data.Seed, MaskRule = own.Data.MaskRule } };
        }
        else if (parsed.GetValue(reading.Kind) is ImageKind other)
        {
            wanted = own with { Data = Presets.For(own.Scale, other, own.Model.Name).Data };
        }

        return Changed(parsed, wanted);

        void Agree<T>(ParseResult given, Option<T> option, object has, string name)
        {
            if (IsGiven(given, option) && given.GetValue(option) is T value && !value.Equals(has))
                throw Contradiction(option, value.ToString()!.ToLowerInvariant(), name);
        }

        ArgumentException Contradiction(Option option, string said, string has) =>
            new($"{option.Name} {said} contradicts {weights}, which was trained as {has}. Leave the option out{(option == text ? ", or use --given-text for another text at scoring" : "")}.");
    }

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private RunSpec Changed(ParseResult parsed, RunSpec result)
    {
        TrainingSettings training = result.Training;
        int? allFolds = parsed.GetValue(folds) ?? result.Data.Folds;
        if (allFolds is null && parsed.GetValue(fold) is not null)
            throw new ArgumentException("--fold chooses one of several folds. Add --folds, the number of folds.");
        if (parsed.GetValue(fold) > allFolds)
            throw new ArgumentException(
                $"--fold is {parsed.GetValue(fold)}; it must be from 1 to {allFolds}, the number of folds.");
        int newEpochs = parsed.GetValue(epochs) ?? training.Epochs;
        return result with
        {
            Data = reading.Changed(parsed, result.Data with
            {
                Set = parsed.GetValue(data) is string set ? DataFolder.SetName(set) : parsed.GetValue(spec) is null ? result.Data.Set : DataFolder.SetName(result.Data.Set),
                Train = parsed.GetValue(train) ?? result.Data.Train,
                Val = parsed.GetValue(val) ?? result.Data.Val,
                Test = parsed.GetValue(test) ?? result.Data.Test,
                ReportsFromMasks = parsed.GetValue(reportsFromMasks) ?? result.Data.ReportsFromMasks,
                Folds = allFolds,
                Fold = parsed.GetValue(fold) ?? (parsed.GetValue(folds) is null ? result.Data.Fold : null),
            }) with
            {
                Kind = parsed.GetValue(data) is null ? result.Data.Kind : parsed.GetValue(reading.Kind) ?? result.Data.Kind,
            },
            Model = parsed.GetValue(mirror) is bool mirrored ? Mirrored(result.Model, mirrored) : result.Model,
            Training = training with
            {
                Epochs = newEpochs,

                // One cycle by the step stays one cycle, and no early stop stays none, whatever the number of epochs.
                RestartPeriod = training.ScheduleByStep && training.RestartPeriod == training.Epochs ? newEpochs : training.RestartPeriod,
                EarlyStop = training.ScheduleByStep && training.EarlyStop == training.Epochs ? newEpochs : training.EarlyStop,
                BatchSize = parsed.GetValue(batch) ?? training.BatchSize,
                LearningRate = parsed.GetValue(rate) ?? training.LearningRate,
                FloorLearningRate = parsed.GetValue(floor) ?? training.FloorLearningRate,
                WarmupEpochs = parsed.GetValue(warmup) ?? training.WarmupEpochs,
                AverageDecay = parsed.GetValue(average) ?? training.AverageDecay,
                Precision = parsed.GetValue(precision) ?? training.Precision,
            },
            FlipAtTest = parsed.GetValue(flip) ?? result.FlipAtTest,
            Augmentation = parsed.GetValue(augmentation) ?? result.Augmentation,
            Text = parsed.GetValue(text) ?? result.Text,
            TextDropout = parsed.GetValue(dropout) ?? result.TextDropout,
            Seed = parsed.GetValue(seed) ?? result.Seed,
            Threads = parsed.GetValue(threads) ?? result.Threads,
            Device = parsed.GetValue(device) is string given ? Devices.Named(given) : result.Device,
            From = parsed.GetValue(from) is FileInfo weights ? StartWeights.In(weights.FullName) : result.From,
        };
    }

    private static ModelSettings Mirrored(ModelSettings settings, bool mirrored) => settings is NnUNetSettings own
        ? own with { MirrorAtTest = mirrored }
        : throw new ArgumentException($"--mirror applies only to nnUNet, and this is {settings.Name}. Leave it out, or "
            + "add --model nnUNet.");
}

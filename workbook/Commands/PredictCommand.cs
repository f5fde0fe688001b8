using System.CommandLine;
using System.Globalization;
using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Workbook.Prediction;
using TorchSharp;

namespace C2FVL.Workbook.Commands;

/// <summary>
/// <c>workbook predict</c>: the mask of one image, with a report as a doctor types it, or of all images of a folder.
/// </summary>
internal sealed class PredictCommand
{
    private const int Failed = 1;

    private readonly Option<FileInfo?> image = new("--image") { Description = "The image: PNG, JPEG or BMP." };
    private readonly Option<string?> images = new("--images")
    {
        Description = "A folder of images instead. Writes a mask per image, and predictions.csv with lesion pixels "
            + "and percent. Start it again to resume. An image that cannot be read does not stop the others.",
    };

    private readonly Option<string?> text = new("--text")
    {
        Description =
            "The report in a doctor's words, such as \"2 lesions in the lower right lung\" or \"Unilateral pulmonary "
                + "infection, one infected area, lower left lung.\" Left is the left of the image, which in a usual "
                + "X-ray is the patient's right; see --patient-sides. By default, no report.",
    };

    private readonly Option<string?> reports = new("--reports")
    {
        Description =
            "With --images: a sheet (.xlsx, .csv) with the columns Image and Description, one report per image.",
    };

    private readonly Option<bool> patientSides = new("--patient-sides")
    {
        Description =
            "The reports name the patient's left and right, as doctors do. In the usual view the patient's left is on "
                + "the right of the image, so left and right are swapped.",
    };

    private readonly Option<FileInfo[]> weights = new("--weights")
    {
        Description = "A run's best.safetensors, or a PyTorch .pt or .pth file (then add --scale and --model). With "
            + "several files, such as those of folds, the probabilities are averaged.",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<DirectoryInfo> output = new("--out")
    {
        Description = "The folder for NAME-mask.png and the other results.",
        DefaultValueFactory = _ => new DirectoryInfo("."),
    };

    private readonly Option<bool> overlays = new("--overlays")
    {
        Description = "Also write NAME-overlay.png, the image with the lesion marked. With --image it is always "
            + "written.",
    };

    private readonly Option<bool> probabilities = new("--probabilities")
    {
        Description = "Also write NAME-probability.png: grey values 0 to 255 are probabilities 0 to 1.",
    };

    private readonly Option<bool> flip = new("--flip-at-test")
    {
        Description = "Average each probability over the image and its horizontal flip. The report is flipped too.",
    };

    private readonly Option<int> batch = new Option<int>("--batch")
    {
        Description = "Images per batch.",
        DefaultValueFactory = _ => BatchSettings.ScoringBatch,
    }.Within(1, 4096);

    private readonly Option<string> device = new("--device")
    {
        Description = "cpu, cuda or cuda:N.",
        DefaultValueFactory = _ => "cpu",
    };

    private readonly Option<int> threads = new Option<int>("--threads")
    {
        Description = "The number of libtorch threads. The default is one per core.",
        DefaultValueFactory = _ => Math.Min(Environment.ProcessorCount, Devices.MostThreads),
    }.Within(1, Devices.MostThreads);

    private readonly Option<Scale> scale = new("--scale")
    {
        Description = "The network's preset, if the weights file does not name it.",
        DefaultValueFactory = _ => Scale.Paper,
    };

    private readonly Option<string> model = new("--model")
    {
        Description = "The method, if the weights file does not name it.",
        DefaultValueFactory = _ => "C2FVL",
    };

    public static Command Create()
    {
        var own = new PredictCommand();
        var command = new Command("predict", "Segments an image, or all images of a folder, with or without a report.");
        Option[] options =
        [
            own.image, own.images, own.text, own.reports, own.patientSides, own.weights, own.output, own.overlays,
            own.probabilities, own.flip, own.batch, own.device, own.threads, own.scale, own.model,
        ];
        foreach (Option option in options)
            command.Options.Add(option);
        var json = new JsonOption(command);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                using JsonOutput result = json.Begin(parsed);
                return own.Run(parsed, result, cancellation);
            },
            CancellationToken.None));
        return command;
    }

    private static void Note(string text) => Console.Error.WriteLine($"note: {text}");

    private int Run(ParseResult parsed, JsonOutput result, CancellationToken cancellation)
    {
        if (parsed.GetValue(image) is null == parsed.GetValue(images) is null)
            throw new ArgumentException("predict needs either --image FILE or --images DIR.");
        if (parsed.GetValue(reports) is not null && parsed.GetValue(images) is null)
            throw new ArgumentException("--reports needs --images. For a single image, use --text.");
        if (parsed.GetValue(reports) is not null && parsed.GetValue(text) is not null)
            throw new ArgumentException("Use either --reports or --text, not both.");

        TrainedWeights[] files = [.. parsed.GetValue(weights)!.Select(file => WeightsOf(parsed, file.FullName))];
        bool isGiven = parsed.GetValue(text) is not null || parsed.GetValue(reports) is not null;
        string option = parsed.GetValue(reports) is null ? "--text" : "--reports";
        if (isGiven && files.All(one => !one.ReadsReports)
            && files.FirstOrDefault(one => one.Settings.ReadsText) is { } trained)
        {
            throw new ArgumentException(
                $"{option} contradicts {trained.Path}: it was trained without reports (text Missing) "
                + $"and would read this one wrongly. Leave {option} out.");
        }

        if (isGiven && files.All(one => !one.Settings.ReadsText))
            Note($"{TrainedModel.NameOf(files)} does not read reports, so a report does not change the masks.");
        if (!isGiven && files.FirstOrDefault(one => one.ReadsReports && one.Spec is not null) is { } reading)
            Note($"this {reading.Settings.Name} was trained with reports but gets none. Add one with --text.");

        TypedReport? typed = parsed.GetValue(text) is string sentence ? TypedReport.Read(sentence) : null;
        foreach (string assumed in typed?.Assumed ?? [])
            Note(assumed);
        LesionReport? report = parsed.GetValue(patientSides) ? typed?.Report.FlipHorizontal() : typed?.Report;
        foreach (string contradiction in report?.Contradictions() ?? [])
            Note($"the sentence contradicts itself: {contradiction}");

        torch.Device place = Devices.Use(parsed.GetValue(device)!, parsed.GetValue(threads));
        var settings = new PredictionSettings
        {
            Folder = parsed.GetValue(output)!.FullName,
            Overlays = parsed.GetValue(overlays) || parsed.GetValue(image) is not null,
            Probabilities = parsed.GetValue(probabilities),
            Flip = parsed.GetValue(flip),
            BatchSize = parsed.GetValue(batch),
            Device = place,
        };
        return parsed.GetValue(image) is FileInfo one
            ? PredictOne(one, report, files, settings, result, cancellation)
            : PredictFolder(parsed, report, files, settings, result, cancellation);
    }

    /// <summary>A weights file with its network, which the options must not contradict.</summary>
    private TrainedWeights WeightsOf(ParseResult parsed, string file)
    {
        RunSpec? own = RunSpec.FromWeights(file);
        if (own is null)
            return new TrainedWeights(file, null, ModelCatalog.Get(parsed.GetValue(model)!, parsed.GetValue(scale)));
        if (IsGiven(scale) && parsed.GetValue(scale) != own.Scale)
            throw Contradiction(scale, RunStore.ScaleName(parsed.GetValue(scale)), RunStore.ScaleName(own.Scale));
        if (IsGiven(model) && !parsed.GetValue(model)!.Equals(own.Model.Name, StringComparison.OrdinalIgnoreCase))
            throw Contradiction(model, parsed.GetValue(model)!, own.Model.Name);
        return new TrainedWeights(file, own, own.Model);

        bool IsGiven(Option option) => parsed.GetResult(option) is { Implicit: false };

        ArgumentException Contradiction(Option option, string said, string has) =>
            new($"{option.Name} {said} contradicts {file}, which was trained as {has}. Leave the option out.");
    }

    private static int PredictOne(
        FileInfo file,
        LesionReport? report,
        TrainedWeights[] weights,
        PredictionSettings settings,
        JsonOutput result,
        CancellationToken cancellation)
    {
        ImageFile.Read(file.FullName); // says what is wrong before the network is made
        using TrainedModel model = TrainedModel.Load(weights, settings.Device, Console.Error.WriteLine);
        Directory.CreateDirectory(settings.Folder);
        var task = new PictureTask(file.FullName, Path.GetFileNameWithoutExtension(file.Name), report);
        PicturePrediction? done = null;
        PicturePredictor.Run(
            model,
            [task],
            settings,
            found => done = found,
            (_, problem) => throw new InvalidDataException(problem),
            cancellation);
        string given = report is null ? ": none" : $", sides of the image: {report.ToSentence()}";
        string share = done!.LesionPercent.ToString("0.0", CultureInfo.InvariantCulture);
        Console.WriteLine($"{string.Join(", ", settings.FilesOf(task))}: the lesion covers {share} % of the image; "
            + $"{model.Name} at {model.ImageSize} x {model.ImageSize}, text{given}");
        result.Write(() => Json(model, settings, [PredictionRow.Of(done)], new Dictionary<string, string>()));
        return 0;
    }

    private int PredictFolder(
        ParseResult parsed,
        LesionReport? report,
        TrainedWeights[] weights,
        PredictionSettings settings,
        JsonOutput result,
        CancellationToken cancellation)
    {
        string folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(parsed.GetValue(images)!));
        if (Path.TrimEndingDirectorySeparator(settings.Folder) == folder)
            throw new ArgumentException(
                $"--out is the folder of the images, {folder}, so the masks would be read as images. Choose another "
                    + "folder.");
        IReadOnlyList<string> found = FolderPrediction.ImagesIn(folder, Note);
        FolderReports? sheet = parsed.GetValue(reports) is string path
            ? FolderReports.Read(Path.GetFullPath(path), found, parsed.GetValue(patientSides))
            : null;
        sheet?.Notes.ForEach(Note);

        var prediction = new FolderPrediction(settings);
        prediction.Prepare(found, weights, file => sheet?.Of(file) ?? (report, null));
        using TrainedModel model = TrainedModel.Load(weights, settings.Device, Console.Error.WriteLine);
        string given = sheet is not null
            ? $"reports from {parsed.GetValue(reports)}" : report is null ? "no report" : report.ToSentence();
        string before = prediction.Kept > 0
            ? $"; {prediction.Kept} of {prediction.Total} images were already predicted"
            : "";
        Console.WriteLine($"{model.Name} at {model.ImageSize} x {model.ImageSize}, {given}{before}");
        CaseProgress.Show("predicting", progress =>
        {
            prediction.Run(model, done =>
                progress.Report(new DatasetCheckProgress(done, prediction.Total)), cancellation);
            return 0;
        });

        Console.WriteLine($"{prediction.Rows.Count} of {prediction.Total} images predicted: "
            + $"{Path.Combine(settings.Folder, PredictionsFile.Name)}");
        foreach (string problem in prediction.Errors.Values)
            Console.Error.WriteLine($"error: {problem}");
        if (prediction.Errors.Count > 0)
            Console.Error.WriteLine(
                $"{prediction.Errors.Count} of {prediction.Total} images were not predicted; see the errors above.");
        result.Write(() => Json(model, settings, prediction.Rows, prediction.Errors));
        return prediction.Errors.Count == 0 ? 0 : Failed;
    }

    private static object Json(
        TrainedModel model,
        PredictionSettings settings,
        IEnumerable<PredictionRow> rows,
        IReadOnlyDictionary<string, string> errors) => new
    {
        Network = model.Name,
        model.ImageSize,
        Weights = model.Weights.Select(one => one.Path),
        FlipAtTest = settings.Flip,
        settings.Folder,
        Predictions = rows.Select(row => new
        {
            row.File, row.Report, row.LesionPixels, row.LesionPercent, row.Seconds,
            Mask = Path.GetFileNameWithoutExtension(row.File) + "-mask.png",
        }),
        Failed = errors.Select(error => new { File = error.Key, Error = error.Value }),
    };
}

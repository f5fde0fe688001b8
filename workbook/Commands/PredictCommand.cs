using System.CommandLine;
using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Figures;
using C2FVL.Models;
using C2FVL.Platform;
using C2FVL.Training;

namespace C2FVL.Workbook.Commands;

/// <summary><c>workbook predict</c>: the mask of one picture, with a sentence, as a PNG and as an overlay.</summary>
internal static class PredictCommand
{
    public static Command Create()
    {
        var image = new Option<FileInfo>("--image") { Description = "The picture: PNG, JPEG or BMP.", Required = true };
        var text = new Option<string?>("--text") { Description = "The report, such as \"Unilateral pulmonary infection, one infected area, lower left lung.\" Left is the picture's left, which in a usual X-ray is the patient's right; see --patient-sides. Without it, none is given." };
        var patientSides = new Option<bool>("--patient-sides") { Description = "Left in --text is the patient's left, as doctors write. In the usual view that is the picture's right, so left and right change places." };
        var weights = new Option<FileInfo>("--weights") { Description = "A run's best.safetensors, or a .pt or .pth file of PyTorch (then say --scale and --model).", Required = true };
        var output = new Option<DirectoryInfo>("--out") { Description = "The folder for NAME-mask.png and NAME-overlay.png.", DefaultValueFactory = _ => new DirectoryInfo(".") };
        var scale = new Option<Scale>("--scale") { Description = "The network's size, where the weights do not say.", DefaultValueFactory = _ => Scale.Paper };
        var model = new Option<string>("--model") { Description = "The system, where the weights do not say.", DefaultValueFactory = _ => "C2FVL" };
        var command = new Command("predict", "Segments one picture.") { image, text, patientSides, weights, output, scale, model };
        command.SetAction((parsed, _) => Task.Run(
            () =>
            {
                string file = parsed.GetValue(weights)!.FullName;
                RunSpec? own = RunSpec.OfWeights(file);
                if (own is not null)
                {
                    Agree(scale, own.Scale);
                    if (IsGiven(model) && !parsed.GetValue(model)!.Equals(own.Model.Name, StringComparison.OrdinalIgnoreCase))
                        throw Contradiction(model, parsed.GetValue(model)!, own.Model.Name);
                    if (own.Text == TextMode.Missing && own.Model.ReadsText && parsed.GetValue(text) is not null)
                        throw new ArgumentException($"--text contradicts {file}: it was trained without reports (text Missing) and would read this one wrongly. Leave --text out.");
                    if (own.Text != TextMode.Missing && own.Model.ReadsText && parsed.GetValue(text) is null)
                        Console.Error.WriteLine($"note: this {own.Model.Name} was trained with reports and is given none; --text gives it one.");
                }

                ModelSettings settings = own?.Model ?? ModelCatalog.Get(parsed.GetValue(model)!, parsed.GetValue(scale));
                Predict(parsed.GetValue(image)!, Report(parsed.GetValue(text), parsed.GetValue(patientSides)), file, parsed.GetValue(output)!.FullName, settings);
                return 0;

                bool IsGiven(Option option) => parsed.GetResult(option) is { Implicit: false };

                void Agree(Option<Scale> option, Scale has)
                {
                    if (IsGiven(option) && parsed.GetValue(option) != has)
                        throw Contradiction(option, RunStore.ScaleName(parsed.GetValue(option)), RunStore.ScaleName(has));
                }

                ArgumentException Contradiction(Option option, string said, string has) => new($"{option.Name} {said} contradicts {file}, which was trained as {has}. Leave the option out.");
            },
            CancellationToken.None));
        return command;
    }

    /// <summary>The report of a sentence, in sides of the picture.</summary>
    internal static LesionReport? Report(string? sentence, bool patientSides)
    {
        LesionReport? said = sentence is null ? null : LesionReport.Parse(sentence);
        return patientSides ? said?.MirrorLeftRight() : said;
    }

    private static void Predict(FileInfo file, LesionReport? report, string weights, string folder, ModelSettings settings)
    {
        foreach (string contradiction in report?.Contradictions() ?? [])
            Console.Error.WriteLine($"note: the sentence contradicts itself: {contradiction}");

        GrayImage image = ImageFile.Read(file.FullName);
        TorchLibrary.EnsureLoaded();
        using SegmentationModel model = settings.Create();
        if (Weights.Load(model, weights).Note is { Length: > 0 } note)
            Console.Error.WriteLine(note);

        GrayImage probability = Predictor.Predict(model, image, report, settings.ImageSize);
        BinaryMask mask = Predictor.Threshold(probability);
        string name = Path.Combine(folder, Path.GetFileNameWithoutExtension(file.Name));
        Directory.CreateDirectory(folder);
        ImageFile.Write($"{name}-mask.png", mask);
        AtomicFile.WriteBytes($"{name}-overlay.png", Overlay.Prediction(image, mask).ToPng());
        double share = 100.0 * mask.Area / mask.Pixels.Length;
        Console.WriteLine(FormattableString.Invariant($"{name}-mask.png, {name}-overlay.png: lesion on {share:0.0} % of the picture; {settings.Name} at {settings.ImageSize} x {settings.ImageSize}, text{(report is null ? ": none" : $", sides of the picture: {report.ToSentence()}")}"));
    }
}

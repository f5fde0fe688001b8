using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using C2FVL.Data;
using C2FVL.Platform;

namespace C2FVL.Workbook.Prediction;

/// <summary>
/// The images of a folder, predicted into another. What an earlier start of the same prediction finished is kept:
/// predictions.csv says which, predictions.json with which weights.
/// </summary>
internal sealed class FolderPrediction
{
    private const string MadeByName = "predictions.json";

    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(2);
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, NewLine = "\n" };

    private readonly PredictionSettings settings;
    private readonly SortedDictionary<string, PredictionRow> rows = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> errors = new(StringComparer.Ordinal);
    private readonly List<PictureTask> toDo = [];

    /// <param name="settings">What is written and where.</param>
    public FolderPrediction(PredictionSettings settings) => this.settings = settings;

    /// <summary>The predicted images.</summary>
    public IReadOnlyCollection<PredictionRow> Rows => rows.Values;

    /// <summary>The images that could not be predicted, each with the reason.</summary>
    public IReadOnlyDictionary<string, string> Errors => errors;

    /// <summary>How many images an earlier start had predicted.</summary>
    public int Kept { get; private set; }

    /// <summary>How many images there are.</summary>
    public int Total { get; private set; }

    /// <summary>The pictures of a folder that are to be predicted.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="note">Is told what else lies there and is left out.</param>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static IReadOnlyList<string> ImagesIn(string folder, Action<string> note)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder {folder}. Check the path.");
        List<DataFault> faults = [];
        var tree = new FolderTree(folder, faults);
        FolderFiles files = tree.Files(folder);
        HashSet<string> stems = new(files.Pictures.Select(FolderFiles.Stem), ImageName.Comparer);
        string[] images = [.. files.Pictures.Where(picture => !IsMaskOfAnother(FolderFiles.Stem(picture)))];
        faults.ForEach(fault => note(fault.ToString()));
        if (images.Length < files.Pictures.Count)
            note($"{files.Pictures.Count - images.Length} masks beside their images are skipped.");
        foreach (var kind in files.Others.GroupBy(file => Path.GetExtension(file).ToLowerInvariant()))
            note($"{kind.Count()} files of an unsupported type ({(kind.Key.Length > 0 ? kind.Key : "no extension")}) "
                + "are skipped.");
        string[] below = [.. tree.All().Where(inside => inside != folder && tree.Files(inside).Pictures.Count > 0)];
        if (below.Length > 0)
            note($"subfolders are not read, such as {below[0]}. Predict each with a separate command.");
        return images.Length > 0
            ? images
            : throw new InvalidDataException($"{folder}: it contains no image (PNG, JPEG or BMP).");

        bool IsMaskOfAnother(string stem) => MaskNames.IsMask(stem) && stems.Contains(MaskNames.ImageOf(stem));
    }

    /// <summary>Takes the images up and looks which an earlier start has finished.</summary>
    /// <param name="images">The image files.</param>
    /// <param name="weights">The networks.</param>
    /// <param name="reportOf">An image's report, or why it is not understood.</param>
    /// <exception cref="InvalidDataException">The folder holds predictions of other weights.</exception>
    public void Prepare(
        IReadOnlyList<string> images,
        IReadOnlyList<TrainedWeights> weights,
        Func<string, (LesionReport? Report, string? Problem)> reportOf)
    {
        Total = images.Count;
        string path = Path.Combine(settings.Folder, PredictionsFile.Name);
        string made = Path.Combine(settings.Folder, MadeByName);
        MadeBy now = new([.. weights.Select(one => MadeBy.Weight.Of(one.Path))], settings.Flip);
        if (File.Exists(path) && (!File.Exists(made) || !now.IsSame(ReadMadeBy(made))))
        {
            throw new InvalidDataException(
                $"{settings.Folder} contains predictions of other weights or settings ({MadeByName}). Choose another "
                    + $"--out, or delete {path}.");
        }

        Dictionary<string, PredictionRow> before = PredictionsFile.Read(path).ToDictionary(row => row.File);
        Directory.CreateDirectory(settings.Folder);
        AtomicFile.WriteText(made, JsonSerializer.Serialize(now, Json) + "\n");
        var names = new Dictionary<string, string>(ImageName.Comparer);
        foreach (string image in images)
        {
            string file = Path.GetFileName(image), name = Path.GetFileNameWithoutExtension(image);
            if (!names.TryAdd(name, file))
            {
                errors[file] = $"{image}: {names[name]} has the same name without its extension. Give each image a "
                    + "unique name.";
                continue;
            }

            (LesionReport? report, string? problem) = reportOf(image);
            if (problem is not null)
            {
                errors[file] = $"{image}: its report is not understood. {problem}";
                continue;
            }

            var task = new PictureTask(image, name, report);
            if (before.TryGetValue(file, out PredictionRow? row) && IsDone(task, row))
            {
                rows[file] = row;
                Kept++;
            }
            else
            {
                toDo.Add(task);
            }
        }
    }

    /// <summary>Predicts what is to do.</summary>
    /// <param name="model">The network.</param>
    /// <param name="onProgress">Told how many images are done, those of an earlier start among them.</param>
    /// <param name="cancellation">Ends it; the next start goes on from there.</param>
    public void Run(TrainedModel model, Action<int> onProgress, CancellationToken cancellation)
    {
        var sinceSaved = Stopwatch.StartNew();
        int done = Kept;
        try
        {
            PicturePredictor.Run(model, toDo, settings, Done, (task, problem) => Failed(task, problem), cancellation);
        }
        finally
        {
            Save();
        }

        void Done(PicturePrediction predicted)
        {
            PredictionRow row = PredictionRow.Of(predicted);
            rows[row.File] = row;
            onProgress(++done);
            if (sinceSaved.Elapsed < SaveEvery)
                return;
            Save();
            sinceSaved.Restart();
        }

        void Failed(PictureTask task, string problem)
        {
            errors[Path.GetFileName(task.Path)] = problem;
            onProgress(++done);
        }

        void Save() => PredictionsFile.Write(Path.Combine(settings.Folder, PredictionsFile.Name), rows.Values);
    }

    private bool IsDone(PictureTask task, PredictionRow row) =>
        row.Report == (task.Report?.ToSentence() ?? "")
        && settings.FilesOf(task).All(File.Exists)
        && File.GetLastWriteTimeUtc(task.Path) <= File.GetLastWriteTimeUtc(settings.MaskOf(task));

    private static MadeBy? ReadMadeBy(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<MadeBy>(File.ReadAllText(path));
        }
        catch (JsonException)
        {
            return null; // not this command's, so the predictions are not known to be of these weights
        }
    }

    /// <summary>What makes a prediction the same.</summary>
    private sealed record MadeBy(IReadOnlyList<MadeBy.Weight> Weights, bool FlipAtTest)
    {
        public bool IsSame(MadeBy? other) => other is not null && other.FlipAtTest == FlipAtTest
            && other.Weights.Select(one => one.Sha256).SequenceEqual(Weights.Select(one => one.Sha256));

        internal sealed record Weight(string File, string Sha256)
        {
            public static Weight Of(string path)
            {
                using FileStream stream = System.IO.File.OpenRead(path);
                return new Weight(path, Convert.ToHexStringLower(SHA256.HashData(stream)));
            }
        }
    }
}

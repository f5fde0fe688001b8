using System.Collections.Concurrent;
using C2FVL.Data;
using C2FVL.Evaluation;

namespace C2FVL.Workbook.Prediction;

/// <summary>Masks that any program made, scored against a data set's, each at its image's own size.</summary>
internal static class MaskScores
{
    private const int MostNamed = 10;

    /// <summary>Scores a folder of masks.</summary>
    /// <param name="folder">Masks named after their images: NAME.png, NAME-mask.png, NAME_mask.png or
    /// mask_NAME.png.</param>
    /// <param name="cases">The cases to score, all of them.</param>
    /// <param name="label">The value that means lesion in the folder's masks; null where they have one.</param>
    /// <param name="progress">Told how many are done.</param>
    /// <param name="note">Told what else lies in the folder.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="InvalidDataException">A case has no mask in the folder, or one that cannot be used; the message
    /// names them.</exception>
    public static IReadOnlyList<CaseScore> Of(
        string folder,
        IReadOnlyList<Case> cases,
        int? label,
        IProgress<DatasetCheckProgress> progress,
        Action<string> note,
        CancellationToken cancellation)
    {
        IReadOnlyDictionary<string, string> found = Match(folder, cases, note);
        var scores = new CaseScore[cases.Count];
        var errors = new ConcurrentDictionary<int, string>();
        int done = 0;
        var options = new ParallelOptions
        {
            CancellationToken = cancellation,
            MaxDegreeOfParallelism = Environment.ProcessorCount,
        };
        Parallel.For(0, cases.Count, options, i =>
        {
            try
            {
                scores[i] = Score(cases[i], found[cases[i].Id], label);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                errors[i] = ImageFile.FaultFrom(found[cases[i].Id], e).ToString();
            }

            progress.Report(new DatasetCheckProgress(Interlocked.Increment(ref done), cases.Count));
        });
        if (!errors.IsEmpty)
            throw Listed(
                $"{folder}: {errors.Count} masks cannot be scored:", errors.OrderBy(e => e.Key).Select(e => e.Value));
        return scores;
    }

    private static CaseScore Score(Case item, string path, int? label)
    {
        BinaryMask truth = item.ReadMask(), predicted = ImageFile.ReadMask(path, label).Upright(item.Orientation);
        if ((predicted.Width, predicted.Height) != (truth.Width, truth.Height))
        {
            throw new InvalidDataException(
                $"it is {predicted.Width} x {predicted.Height}, but the mask of {item.Id} is {truth.Width} x "
                    + $"{truth.Height}. Write predictions at the image's own size.");
        }

        return CaseScore.Of(item.Id, item.Group, predicted, truth);
    }

    /// <summary>Each case's file in the folder.</summary>
    private static Dictionary<string, string> Match(string folder, IReadOnlyList<Case> cases, Action<string> note)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder {folder}. Check the path.");
        List<DataFault> faults = [];
        Dictionary<string, string> files = new(ImageName.Comparer);
        foreach (string file in new FolderTree(folder, faults).Files(folder).Pictures)
            files.TryAdd(ImageName.Composed(FolderFiles.Stem(file)), file);
        if (faults.Count > 0)
            throw new InvalidDataException(faults[0].ToString());
        if (files.Count == 0)
            throw new InvalidDataException($"{folder}: it contains no mask (PNG, JPEG or BMP).");

        var found = new Dictionary<string, string>();
        var missing = new List<string>();
        foreach (Case item in cases)
        {
            string? name = NamesOf(item).FirstOrDefault(files.ContainsKey);
            if (name is null)
                missing.Add(item.Id);
            else
                found[item.Id] = files[name];
        }

        if (missing.Count > 0)
        {
            throw Listed(
                $"{folder}: {missing.Count} of {cases.Count} cases have no mask there. Name each mask after its image: "
                    + "NAME.png, NAME-mask.png, NAME_mask.png or mask_NAME.png. Predict all cases, or choose another "
                    + "set with --part:",
                missing);
        }

        HashSet<string> taken = [.. found.Values];
        int others = files.Values.Count(file => !taken.Contains(file) && !IsBeside(FolderFiles.Stem(file)));
        if (others > 0)
            note($"{others} other images in {folder} belong to none of these cases and are skipped.");
        return found;

        static bool IsBeside(string stem) =>
            stem.EndsWith("-overlay", StringComparison.Ordinal)
                || stem.EndsWith("-probability", StringComparison.Ordinal);
    }

    /// <summary>The names that a case's mask may have, those that say that it is a mask first.</summary>
    private static IEnumerable<string> NamesOf(Case item)
    {
        string image = ImageName.Composed(FolderFiles.Stem(item.ImagePath));
        string own = item.Id[(item.Id.LastIndexOf('/') + 1)..];
        string[] names = [.. new[] { image, own }.Distinct(ImageName.Comparer)];
        return
        [
            .. names.SelectMany(name => new[] { name + "-mask", name + "_mask", "mask_" + name }),
            .. names,
            ImageName.Composed(FolderFiles.Stem(item.MaskPath!)),
        ];
    }

    private static InvalidDataException Listed(string what, IEnumerable<string> items)
    {
        string[] all = [.. items];
        string more = all.Length > MostNamed ? $"\n  and {all.Length - MostNamed} more" : "";
        return new InvalidDataException($"{what}\n  {string.Join("\n  ", all.Take(MostNamed))}{more}");
    }
}

using System.Text.RegularExpressions;
using C2FVL.Data;

namespace C2FVL.Workbook.Imports;

/// <summary>A volume with what belongs to it.</summary>
/// <param name="Patient">Whom it shows, of small letters and digits.</param>
/// <param name="Name">How its slices' names begin: "sub-PATIENT", and what tells several volumes of one patient
/// apart.</param>
/// <param name="Volume">The volume's file.</param>
/// <param name="Mask">Its lesion mask's file; null for none.</param>
/// <param name="Lungs">Its lung mask's file; null for none.</param>
internal sealed record NiftiStudy(string Patient, string Name, string Volume, string? Mask, string? Lungs);

/// <summary>
/// Finds the volumes below a folder and pairs each with its masks, by names: words such as "ct", "image", "mask" or
/// "seg" say what a file is, and what is left says whose it is. So are the public sets named: coronacases_org_001 and
/// coronacases_001, study_0255 and study_0255_mask, volume-covid19-A-0003_ct and its _seg, imagesTr and labelsTr.
/// </summary>
internal sealed partial class NiftiStudies
{
    private static readonly HashSet<string> MaskWords =
    [
        "mask", "masks", "msk", "msks", "seg", "segs", "segmentation", "segmentations", "label", "labels", "labelstr",
        "labelsts", "gt", "groundtruth", "annotation", "annotations",
    ];

    /// <summary>Words that say what a file is and not whose.</summary>
    private static readonly HashSet<string> PlainWords =
    [
        .. MaskWords, "image", "images", "imagestr", "imagests", "img", "imgs", "im", "ct", "scan", "scans", "volume",
        "volumes", "vol", "org", "orig", "original", "lung", "lungs", "lesion", "lesions", "infection", "infections",
    ];

    private readonly string folder;
    private readonly Regex? patient;
    private readonly List<string> leftOut = [];

    private NiftiStudies(string folder, Regex? patient) => (this.folder, this.patient) = (folder, patient);

    /// <summary>The volumes below a folder, by name.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="masks">The folder of the lesion masks; null to tell them by their names.</param>
    /// <param name="lungs">The folder of the lung masks; null to tell them by their names.</param>
    /// <param name="pattern">A regular expression with one group: the patient in a volume's file name; null for all of
    /// the name.</param>
    /// <returns>The volumes, and what was left out and why.</returns>
    /// <exception cref="InvalidDataException">There is no volume; or masks and volumes cannot be paired. The message
    /// says how to go on.</exception>
    public static (IReadOnlyList<NiftiStudy> Studies, IReadOnlyList<string> LeftOut) Find(string folder,
        string? masks, string? lungs, string? pattern)
    {
        var finder = new NiftiStudies(folder, pattern is null ? null : Patients.Pattern(pattern));
        return (finder.Find(masks, lungs), finder.leftOut);
    }

    private NiftiStudy[] Find(string? masks, string? lungs)
    {
        string[] inside = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(NiftiVolume.IsOne).Order(StringComparer.Ordinal)];
        string[] maskFiles = masks is null ? [.. inside.Where(file => IsMask(file) && !IsOfLungs(file))] : In(masks);
        string[] lungFiles = lungs is null
            ? [.. inside.Where(file => IsMask(file) && IsOfLungs(file)).Except(maskFiles)] : In(lungs);
        string[] volumes = [.. inside.Except(maskFiles).Except(lungFiles)];
        if (masks is not null)
            volumes = [.. volumes.Where(file => !IsMask(file))]; // the masks that were not chosen
        if (volumes.Length == 0)
        {
            string beside = maskFiles.Length > 0
                ? $" beside {maskFiles.Length} masks, such as {Relative(maskFiles[0])}" : "";
            throw new InvalidDataException($"{folder}: there is no volume (.nii, .nii.gz){beside}. Give the folder "
                + "that contains the volumes; --masks names the folder of their masks.");
        }

        Dictionary<string, string?> mask = Pair(volumes, maskFiles, "--masks"),
            lung = Pair(volumes, lungFiles, "--lung-masks");
        if (maskFiles.Length > 0)
        {
            leftOut.AddRange(volumes.Where(volume => mask[volume] is null)
                .Select(volume => $"{volume}: it has no lesion mask and is skipped."));
            leftOut.AddRange(maskFiles.Except(mask.Values.OfType<string>())
                .Select(file => $"{file}: it matches no volume and is skipped."));
            volumes = [.. volumes.Where(volume => mask[volume] is not null)];
            if (volumes.Length == 0)
                throw new InvalidDataException($"{folder}: none of the {maskFiles.Length} masks, such as "
                    + $"{Relative(maskFiles[0])}, has a name like one of the {mask.Count} volumes, such as "
                    + $"{Relative(mask.Keys.First())}. Give volumes and masks the same names, or name the masks' "
                    + "folder with --masks.");
        }

        return [.. Named(volumes)
            .Select(found => new NiftiStudy(found.Patient, found.Name, found.Volume, mask[found.Volume],
            lung[found.Volume])).OrderBy(study => study.Name, StringComparer.Ordinal)];
    }

    private static string[] In(string masks)
    {
        string[] files = [.. Directory.EnumerateFiles(masks, "*", SearchOption.AllDirectories).Where(NiftiVolume.IsOne)
            .Order(StringComparer.Ordinal)];
        return files.Length > 0 ? files
            : throw new InvalidDataException($"{masks}: this folder of masks contains no NIfTI file. Check the path.");
    }

    private bool IsMask(string file) => Words(Relative(file)).Any(MaskWords.Contains);

    /// <summary>Whether a mask's names speak of lungs and of no lesion.</summary>
    private bool IsOfLungs(string file)
    {
        string[] words = Words(Relative(file));
        return words.Any(word => word is "lung" or "lungs")
            && !words.Any(word => word is "lesion" or "lesions" or "infection" or "infections");
    }

    /// <summary>
    /// Each volume's mask, by what the file's name says besides plain words; where that is not enough, by folders too.
    /// </summary>
    private Dictionary<string, string?> Pair(string[] volumes, string[] masks, string option)
    {
        ILookup<string, string> byName = masks.ToLookup(Key), byPath = masks.ToLookup(PathKey);
        HashSet<string> repeated = [.. volumes.CountBy(Key).Where(key => key.Value > 1).Select(key => key.Key)];
        var pairs = new Dictionary<string, string?>();
        foreach (string volume in volumes)
        {
            string[] fit = [.. byName[Key(volume)]];
            if (fit.Length > 1 || repeated.Contains(Key(volume)))
                fit = byPath[PathKey(volume)].ToArray() is { Length: > 0 } near ? near : fit;
            if (fit.Length > 1 || (fit.Length == 1 && pairs.ContainsValue(fit[0])))
                throw new InvalidDataException($"{volume}: more than one pair is possible with "
                    + $"{string.Join(", ", fit.Select(Relative))}. Name the folder of the right masks with {option}, "
                    + "or give volumes and masks the same names.");
            pairs[volume] = fit.SingleOrDefault();
        }

        return pairs;
    }

    /// <summary>Patient and name of each volume; where file names repeat, folders tell them apart.</summary>
    private IEnumerable<(string Volume, string Patient, string Name)> Named(string[] volumes)
    {
        (string Volume, string Patient, string Name)[] named =
            [.. volumes.Select(volume => Named(volume, Words(Stem(volume))))];
        HashSet<string> repeated =
            [.. named.CountBy(found => found.Name).Where(name => name.Value > 1).Select(name => name.Key)];
        named = [.. named.Select(found => repeated.Contains(found.Name)
            ? Named(found.Volume, Words(Relative(found.Volume))) : found)];
        if (named.GroupBy(found => found.Name).FirstOrDefault(same => same.Count() > 1) is { } equal)
            throw new InvalidDataException($"{string.Join(" and ", equal.Select(found => Relative(found.Volume)))} "
                + $"would both be named {equal.Key}. Rename one of them.");
        return named;
    }

    private (string Volume, string Patient, string Name) Named(string volume, string[] words)
    {
        string[] own = Own(words, volume);
        Match bids = Bids().Match(Stem(volume));
        string rest = string.Concat(own), of = rest;
        if (patient is not null)
        {
            Match match = patient.Match(Path.GetFileName(volume));
            of = match.Success ? string.Concat(Words(match.Groups[1].Value)) : "";
            if (of.Length == 0)
                throw new InvalidDataException($"{volume}: --patient '{patient}' does not match this name. Write a "
                    + ".NET regular expression whose group captures the patient in every volume's name.");
        }
        else if (bids.Success)
        {
            of = bids.Groups[1].Value.ToLowerInvariant();
            rest = string.Concat(own.Where((word, i) => !(i < 2 && (word == "sub" || word == of))));
        }

        return (volume, of, $"sub-{of}{(rest.Length == 0 || rest == of ? "" : "_" + rest)}");
    }

    /// <summary>The words that say whose a file is; where its own name has none, its folder's.</summary>
    private string[] Own(string[] words, string file)
    {
        string[] own = [.. words.Where(word => !PlainWords.Contains(word))];
        return own.Length > 0 ? own
            : [.. Words(Relative(file)).Where(word => !PlainWords.Contains(word)).DefaultIfEmpty("volume")];
    }

    private string Key(string file) => ImageName.AsNumbers(string.Join('_', Own(Words(Stem(file)), file)));

    private string PathKey(string file) =>
        ImageName.AsNumbers(string.Join('_', Words(Relative(file)).Where(word => !PlainWords.Contains(word))));

    private string Relative(string file) => Path.GetRelativePath(folder, file);

    /// <summary>A file's name without ending, and without nnU-Net's number of the first channel.</summary>
    private static string Stem(string file)
    {
        string stem = Ending().Replace(Path.GetFileName(file), "");
        return stem.EndsWith("_0000", StringComparison.Ordinal) ? stem[..^5] : stem;
    }

    /// <summary>Runs of letters and digits, in small letters; a path's folders too.</summary>
    private static string[] Words(string path) =>
        [.. Word().Matches(path.Length > 0 ? Path.Combine(Path.GetDirectoryName(path) ?? "", Stem(path)) : "")
        .Select(word => word.Value.ToLowerInvariant())];

    [GeneratedRegex(@"\.nii(\.gz)?$", RegexOptions.IgnoreCase)]
    private static partial Regex Ending();

    [GeneratedRegex("[A-Za-z0-9]+")]
    private static partial Regex Word();

    [GeneratedRegex("^sub-([a-z0-9]+)(?:_|$)", RegexOptions.IgnoreCase)]
    private static partial Regex Bids();
}

using System.Globalization;
using C2FVL.Data;
using C2FVL.Platform;

namespace C2FVL.Workbook.Imports;

/// <summary>Which slices of a volume are written.</summary>
internal enum SliceChoice
{
    /// <summary>Every slice.</summary>
    All,

    /// <summary>Slices with lung or lesion.</summary>
    Lung,

    /// <summary>Slices with lesion.</summary>
    Lesion,
}

/// <summary>How volumes become slices.</summary>
internal sealed record NiftiSettings
{
    /// <summary>The value that becomes black, and every value below.</summary>
    public required double Low { get; init; }

    /// <summary>The value that becomes white, and every value above.</summary>
    public required double High { get; init; }

    public PatientAxis Axis { get; init; } = PatientAxis.Z;

    public SliceChoice Slices { get; init; }

    /// <summary>The masks' values that mean lesion; none for masks of one value.</summary>
    public IReadOnlyList<int> LesionLabels { get; init; } = [];

    /// <summary>The lesion masks' values that mean lung; none where they have none.</summary>
    public IReadOnlyList<int> LungLabels { get; init; } = [];

    /// <summary>Whether masks take their volume's orientation instead of their own.</summary>
    public bool MasksAsVolumes { get; init; }
}

/// <summary>What was written of one volume.</summary>
/// <param name="Slices">The slices written.</param>
/// <param name="WithLesion">Those of them with lesion.</param>
/// <param name="Notes">What a user should know of it.</param>
internal sealed record NiftiImported(int Slices, int WithLesion, IReadOnlyList<string> Notes);

/// <summary>
/// Writes a volume's slices as images/NAME_slice-012.png, their masks under the same names in masks/, and a row for
/// each in slices.tsv. The number is the voxel's index as the file counts, from 0.
/// </summary>
/// <param name="settings">How.</param>
/// <param name="folder">The data set's folder.</param>
internal sealed class NiftiImport(NiftiSettings settings, string folder)
{
    /// <summary>Lung and the air around a body are below this value in Hounsfield units; the body is above.</summary>
    private const int AirBelow = -400;

    /// <summary>An enclosed region of air is lung if it fills this share of the slice.</summary>
    private const double LeastLungShare = 0.005;

    private const string RowsName = "slices.tsv";

    private static readonly string Header = "image\tpatient\tvolume\tslice\tlesion_pixels";

    /// <summary>
    /// Looks at every mask: the whole numbers they hold, and whether it is clear which one is the lesion. A mask that
    /// cannot be read is left to its own turn.
    /// </summary>
    /// <exception cref="InvalidDataException">The labels are not clear; the message lists them with their voxels and
    /// the cure.</exception>
    public void RequireLabels(IReadOnlyList<NiftiStudy> studies, Action<int> onVolume, CancellationToken cancellation)
    {
        var counts = new SortedDictionary<int, long>();
        string? first = null;
        int done = 0;
        foreach (NiftiStudy study in studies.Where(study => study.Mask is not null))
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                foreach ((int label, long count) in Labels(NiftiVolume.Read(study.Mask!)))
                    counts[label] = counts.GetValueOrDefault(label) + count;
                first ??= study.Mask;
            }
            catch (Exception e) when (e is InvalidDataException or IOException)
            {
                // Its import says so.
            }

            onVolume(++done);
        }

        if (first is null)
            return;
        string listed = string.Join(", ", counts.Select((label, i) =>
            FormattableString.Invariant($"{label.Key} on {label.Value:N0}{(i == 0 ? " voxels" : "")}")));
        int[] lesions = [.. counts.Keys.Where(label => label != 0 && !settings.LungLabels.Contains(label))];
        if (settings.LesionLabels.Count == 0 && lesions.Length > 1)
            throw new InvalidDataException($"{folder}: the masks contain several labels: {listed}. Name the lesion's "
                + $"label, for example --lesion-label {lesions.MinBy(label => counts[label])}. Several labels are "
                + "allowed.");
        (string Option, IReadOnlyList<int> Given)[] chosen =
            [("--lesion-label", settings.LesionLabels), ("--lung-label", settings.LungLabels)];
        foreach ((string option, IReadOnlyList<int> given) in chosen)
        {
            if (given.FirstOrDefault(label => !counts.ContainsKey(label), -1) is >= 0 and int none)
                throw new InvalidDataException($"{option} {none}: no mask contains this value. The masks contain: "
                    + $"{listed}.");
        }
    }

    /// <summary>Writes one volume's slices.</summary>
    /// <exception cref="InvalidDataException">Volume or mask cannot be used; the message names the file and the
    /// cure.</exception>
    public NiftiImported Write(NiftiStudy study, CancellationToken cancellation)
    {
        NiftiVolume volume = NiftiVolume.Read(study.Volume);
        List<string> notes = [.. Notes(volume)];
        NiftiVolume? mask = study.Mask is string file ? Fitting(NiftiVolume.Read(file), volume) : null;
        NiftiVolume? lungs = study.Lungs is string other && settings.Slices == SliceChoice.Lung
            ? Fitting(NiftiVolume.Read(other), volume) : null;
        if (settings.Slices == SliceChoice.Lung && lungs is null && settings.LungLabels.Count == 0)
            RequireHounsfield(volume);

        int digits = Math.Max(3, (volume.Slices(settings.Axis) - 1).ToString(CultureInfo.InvariantCulture).Length);
        var rows = new string?[volume.Slices(settings.Axis)];
        long below = 0, above = 0, all = 0, wrong = 0;
        var parallel = new ParallelOptions
        {
            CancellationToken = cancellation,
            MaxDegreeOfParallelism = Environment.ProcessorCount,
        };
        try
        {
            Parallel.For(0, rows.Length, parallel, WriteSlice);
        }
        catch
        {
            // A volume that is left out leaves no slices: those without the faulty ones would look like a whole volume.
            foreach (string slice in Enumerable.Range(0, rows.Length)
                .SelectMany(i => new[] { "images", "masks" }.Select(kind => Path.Combine(folder, kind, NameOf(i))))
                .Where(File.Exists))
                File.Delete(slice);

            throw;
        }

        string[] written = [.. rows.OfType<string>()];
        if (wrong > 0)
            notes.Add($"{wrong:N0} voxels are NaN and are written as black");
        if (below + above > 0.95 * all)
            notes.Add(string.Create(
                CultureInfo.InvariantCulture, $"{100.0 * below / all:0} % of the voxels lie at or below the window and "
                    + $"{100.0 * above / all:0} % at or above it. Check --window: for Hounsfield units use, for "
                    + $"example, -1250 250; for grey values, 0 255."));
        AddRows(written);
        return new NiftiImported(written.Length,
            written.Count(row => !row.EndsWith("\t0", StringComparison.Ordinal) && !row.EndsWith('\t')), notes);

        string NameOf(int index) => string.Create(
            CultureInfo.InvariantCulture, $"{study.Name}_slice-{index.ToString().PadLeft(digits, '0')}.png");

        void WriteSlice(int index)
        {
            (int width, int height, double[] values) = volume.Slice(settings.Axis, index);
            int[]? labels = mask is null ? null
                : Array.ConvertAll(mask.Slice(settings.Axis, index).Values, value => Label(mask, value));
            Interlocked.Add(ref below, values.Count(value => value <= settings.Low));
            Interlocked.Add(ref above, values.Count(value => value >= settings.High));
            Interlocked.Add(ref wrong, values.Count(double.IsNaN));
            Interlocked.Add(ref all, values.Length);
            byte[] lesion = labels is null ? []
                : Array.ConvertAll(labels, label => IsLesion(label) ? (byte)1 : (byte)0);
            int pixels = lesion.Sum(pixel => pixel);
            if (!IsWanted(index, pixels, labels, lungs, width, height, values))
                return;

            string name = NameOf(index);
            if (labels is not null)
                ImageFile.Write(Path.Combine(folder, "masks", name), new BinaryMask(width, height, lesion));
            ImageFile.Write(Path.Combine(folder, "images", name),
                new GrayImage(width, height, Array.ConvertAll(values, Gray)));
            rows[index] = FormattableString.Invariant(
                $"{name}\tsub-{study.Patient}\t{study.Volume}\t{index}\t{(labels is null ? "" : pixels)}");
        }
    }

    private IEnumerable<string> Notes(NiftiVolume volume)
    {
        if (volume.Source == NiftiOrientation.None)
            yield return "the header has no orientation, so voxels are assumed to run to the patient's left, front "
                + "and head. Check a slice";
        if (volume.FormsDiffer)
            yield return "sform and qform give different orientations; the sform is used. Check a slice";
        if (volume.Tilt > 10)
            yield return string.Create(
                CultureInfo.InvariantCulture, $"the volume is tilted by {volume.Tilt:0} degrees; its slices "
                + $"follow its own planes");
        (double width, double height) = volume.PixelSize(settings.Axis);
        if (Math.Max(width, height) > 1.5 * Math.Min(width, height))
            yield return string.Create(
                CultureInfo.InvariantCulture, $"a pixel is {width:0.##} x {height:0.##} mm, so slices look "
                + $"stretched");
    }

    /// <summary>The mask, upright where its volume is.</summary>
    private NiftiVolume Fitting(NiftiVolume mask, NiftiVolume volume)
    {
        if (settings.MasksAsVolumes || (mask.Source == NiftiOrientation.None && volume.Source != NiftiOrientation.None))
            return mask.WithOrientationOf(volume);
        if (volume.Source == NiftiOrientation.None && mask.Source != NiftiOrientation.None)
            throw new InvalidDataException($"{mask.Path}: the mask has an orientation but its volume has none, so left "
                + "and right may differ. Add --masks-as-volumes if both store their voxels in the same order.");
        const string Cure = "Give the mask that was drawn on this volume, or add --masks-as-volumes if both store "
            + "their voxels in the same order and the mask's header is wrong.";
        if (mask.DistanceFrom(volume) is not double millimetres)
            throw new InvalidDataException($"{mask.Path}: the mask has {string.Join(" x ", mask.Size)} voxels but its "
                + $"volume has {string.Join(" x ", volume.Size)}. {Cure}");
        return millimetres <= volume.LeastSpacing ? mask
            : throw new InvalidDataException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{mask.Path}: according to the headers it is up to {millimetres:0.#} mm away from its volume. "
                        + $"{Cure}"));
    }

    private static void RequireHounsfield(NiftiVolume volume)
    {
        if (!volume.Values().Any(value => value < AirBelow - 100))
            throw new InvalidDataException($"{volume.Path}: no value is below {AirBelow - 100}, so these are not "
                + "Hounsfield units and lungs cannot be found by density. Give lung masks (--lung-masks, or "
                + "--lung-label), or leave out --slices Lung.");
    }

    private bool IsWanted(int index, int lesionPixels, int[]? labels, NiftiVolume? lungs, int width, int height,
        double[] values) => settings.Slices switch
    {
        SliceChoice.All => true,
        _ when lesionPixels > 0 => true,
        SliceChoice.Lesion => false,
        _ when lungs is not null => lungs.Slice(settings.Axis, index).Values.Any(value => value > 0),
        _ when settings.LungLabels.Count > 0 => labels?.Any(settings.LungLabels.Contains) == true,
        _ => HasAirInside(width, height, values),
    };

    /// <summary>
    /// Whether air is enclosed by the body: a region below -400 that does not reach the border and is large enough.
    /// </summary>
    private static bool HasAirInside(int width, int height, double[] values)
    {
        var air = new BinaryMask(width, height,
            Array.ConvertAll(values, value => value < AirBelow ? (byte)1 : (byte)0));
        return air.Components().Any(region => region.Length >= LeastLungShare * values.Length
            && !region.Any(i => i < width || i >= values.Length - width || i % width == 0 || i % width == width - 1));
    }

    private bool IsLesion(int label) => settings.LesionLabels.Count > 0
        ? settings.LesionLabels.Contains(label)
        : label != 0 && !settings.LungLabels.Contains(label);

    private float Gray(double value) => double.IsNaN(value) ? 0
        : (float)Math.Clamp((value - settings.Low) / (settings.High - settings.Low), 0, 1);

    private static SortedDictionary<int, long> Labels(NiftiVolume mask)
    {
        var counts = new SortedDictionary<int, long>();
        foreach ((double value, int count) in mask.Values().CountBy(value => value))
            counts[Label(mask, value)] = counts.GetValueOrDefault(Label(mask, value)) + count;
        return counts;
    }

    /// <summary>
    /// A label. A mask of real numbers that was stored in bytes has a slope, and its labels read as 0.996.
    /// </summary>
    private static int Label(NiftiVolume mask, double value) => Math.Abs(value - Math.Round(value)) < 0.05
        && Math.Round(value) is >= 0 and <= ushort.MaxValue
        ? (int)Math.Round(value)
        : throw new InvalidDataException(
            string.Create(
                CultureInfo.InvariantCulture, $"{mask.Path}: the mask contains the value {value}, but labels must be "
                    + $"whole numbers from 0 to {ushort.MaxValue}. Resample masks by nearest neighbour."));

    private void AddRows(string[] rows)
    {
        string path = Path.Combine(folder, RowsName);
        string before = File.Exists(path) ? File.ReadAllText(path) : Header + "\n";
        AtomicFile.WriteText(path, before + string.Concat(rows.Select(row => row + "\n")));
    }
}

using System.Text.RegularExpressions;

namespace C2FVL.Data;

/// <summary>Whom an image shows, by the user's list or pattern, or by the public sets' names.</summary>
internal static partial class Patients
{
    private const string ImageColumn = "Image", PatientColumn = "Patient";

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <summary>How the patient of an image is found; null if it is not.</summary>
    /// <exception cref="InvalidDataException">The pattern is none, or fits no name; the list cannot be
    /// read.</exception>
    public static Func<ImagePair, string?> Read(
        DatasetSettings settings, IReadOnlyList<ImagePair> pairs, List<DataFault> faults, List<DataFault> notes)
    {
        if (settings.PatientsFile is string file)
            return FromFile(file, pairs, faults);
        if (settings.PatientPattern is not string pattern)
            return pair => FromFileName(pair.Name);

        Regex expression = Pattern(pattern);
        ImagePair[] without = [.. pairs.Where(pair => Patient(pair) is null)];
        if (without.Length == pairs.Count && pairs.Count > 0)
            throw new InvalidDataException($"--patient '{pattern}' matches none of the {pairs.Count} file names, such "
                + $"as {Path.GetFileName(pairs[0].Image)}. Write a .NET regular expression whose group is the patient "
                + "in that name.");
        if (without.Length > 0)
            notes.Add(without[0].Image, null, $"--patient '{pattern}' does not match {without.Length} of {pairs.Count} "
                + "file names; their patients are unknown.", "Widen the pattern if they have one.");
        return Patient;

        string? Patient(ImagePair pair) =>
            expression.Match(Path.GetFileName(pair.Image)).Groups[1].Value is { Length: > 0 } patient ? patient : null;
    }

    /// <summary>The pattern, checked.</summary>
    /// <exception cref="ArgumentException">It is no regular expression, or has not one group.</exception>
    public static Regex Pattern(string pattern)
    {
        const string Example = "Write one pair of brackets around the patient, such as '^(p\\d+)_'.";
        try
        {
            var expression = new Regex(pattern, RegexOptions.CultureInvariant, Longest);
            int groups = expression.GetGroupNumbers().Length - 1;
            return groups == 1 ? expression : throw new InvalidDataException(
                $"--patient '{pattern}' has {groups} groups but must have one. {Example}");
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException(
                $"--patient '{pattern}' is not a .NET regular expression: {e.Message} {Example}", e);
        }
    }

    private static Func<ImagePair, string?> FromFile(
        string file, IReadOnlyList<ImagePair> pairs, List<DataFault> faults)
    {
        string path = Path.GetFullPath(file);
        SheetTable table = SheetTable.Read(path, [ImageColumn, PatientColumn]);
        if (!table.Has(ImageColumn) || !table.Has(PatientColumn))
            throw new InvalidDataException($"{path}: the columns {ImageColumn} and {PatientColumn} are required. "
                + $"{table.Described()}. Use these names.");

        faults.AddRange(table.Faults);
        var names = new NameIndex(pairs);
        var patients = new Dictionary<string, string>();
        foreach (SheetRow row in table.Rows)
        {
            (string image, string patient) = (row[ImageColumn], row[PatientColumn]);
            (ImagePair? pair, string? problem) = names.Find(image, null);
            if (pair is null)
                faults.Add(path, row.Row, problem ?? $"There is no image \"{image}\".",
                    "Correct the name, or delete the row.");
            else if (patient.Length == 0)
                faults.Add(path, row.Row, $"{image} has no patient.", "Write the patient's id, or delete the row.");
            else if (!patients.TryAdd(pair.Id, patient) && patients[pair.Id] != patient)
                faults.Add(path, row.Row, $"{image} is listed before with patient {patients[pair.Id]} but here with "
                    + $"{patient}.", "Keep one row per image.");
        }

        if (patients.Count == 0 && pairs.Count > 0)
            throw new InvalidDataException($"{path}: none of its {table.Rows.Count} rows names an image of the data "
                + $"set, such as {Path.GetFileName(pairs[0].Image)}. Write the images' file names in the column "
                + $"{ImageColumn}.");
        return pair => patients.GetValueOrDefault(pair.Id);
    }

    /// <summary>
    /// The patient or study that a file name tells: "sub-s09454" of QaTa-COV19's "sub-S09454_ses-…" (any case, made
    /// lower), the study of MosMedData+'s "Morozov_study_0255_21", "Jun_coronacases_case1_40" and
    /// "Jun_radiopaedia_…_case2_31". Null if the name contains none ("covid_12", "bjorke_3", any other).
    /// </summary>
    /// <param name="fileName">A file name of an image or mask, or a case id; folders and extension do not
    /// matter.</param>
    public static string? FromFileName(string fileName)
    {
        string patient = Known().Match(Path.GetFileName(fileName)).Groups["patient"].Value;
        return patient.Length == 0 ? null
            : patient.StartsWith("sub-", StringComparison.OrdinalIgnoreCase) ? patient.ToLowerInvariant() : patient;
    }

    [GeneratedRegex("^(?:mask_)?(?:(?<patient>sub-[a-z0-9]+)(?:_|\\.|$)|(?<patient>Morozov_study_[0-9]+|"
        + "Jun_(?:coronacases|radiopaedia)_(?:.*_)?case[0-9]+)_[0-9]+(?:\\.|$))",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Known();
}

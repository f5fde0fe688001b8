namespace C2FVL.Data;

/// <summary>What a user says of a folder that its files do not tell.</summary>
public sealed record DatasetSettings
{
    /// <summary>The data set's name; null for the folder's.</summary>
    public string? Name { get; init; }

    /// <summary>What made the images; null to go by layout and names, X-ray where they tell nothing.</summary>
    public ImageKind? Kind { get; init; }

    /// <summary>The value, 1 or more, that means lesion in masks of several labels; null where they have one.</summary>
    public int? LesionLabel { get; init; }

    /// <summary>A .NET regular expression with one group, which is the patient in an image's file name; null for the public sets' names.</summary>
    public string? PatientPattern { get; init; }

    /// <summary>A sheet with the columns Image and Patient; null for none. It goes before <see cref="PatientPattern"/>.</summary>
    public string? PatientsFile { get; init; }

    /// <summary>A sheet of reports, or a folder of sheets, read instead of those that lie in the folder; null for those.</summary>
    public string? Reports { get; init; }

    /// <summary>Whether left in the sheets is the patient's left: then left and right change places. The default value is false.</summary>
    public bool PatientSides { get; init; }

    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    internal void Validate()
    {
        if (this.LesionLabel is < 1)
            throw new ArgumentException($"--lesion-label {this.LesionLabel}: a label is 1 or more; 0 is background.");
        if (this.PatientPattern is string pattern)
            Patients.Pattern(pattern);
    }
}

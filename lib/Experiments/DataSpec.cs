using System.Text.Json.Serialization;
using C2FVL.Data;

namespace C2FVL.Experiments;

/// <summary>Which cases a run trains, validates and tests on.</summary>
public sealed record DataSpec
{
    /// <summary>
    /// A real set by its folder's name (QaTa-COV19, medseg-ct, MosMedData+), the path of any folder that
    /// <see cref="DatasetReader"/> reads, or drawn phantoms: <c>phantom-xray</c> and <c>phantom-ct</c> with look-alike
    /// distractors, so that the report is needed, <c>phantom-xray-plain</c> and <c>phantom-ct-plain</c> without.
    /// </summary>
    public required string Set { get; init; }

    /// <summary>How the cases are split.</summary>
    public SplitKind Split { get; init; } = SplitKind.AsGiven;

    /// <summary>The seed of the split and of the lists below. The default value is 666, the authors'.</summary>
    public int Seed { get; init; } = 666;

    /// <summary>So many training cases by a fixed seeded list; null for all.</summary>
    public int? Train { get; init; }

    /// <summary>So many validation cases by a fixed seeded list; null for all.</summary>
    public int? Val { get; init; }

    /// <summary>So many test cases by a fixed seeded list; null for all.</summary>
    public int? Test { get; init; }

    /// <summary>How a mask is brought to the network's size.</summary>
    public MaskRule MaskRule { get; init; } = MaskRule.AreaHalf;

    /// <summary>
    /// Whether every case's report is written from its mask by <see cref="MaskReporter"/>, whatever sheets the folder
    /// holds. The default value is false: reports are those of the sheets.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ReportsFromMasks { get; init; }

    /// <summary>X-ray or CT; null to go by layout and names.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImageKind? Kind { get; init; }

    /// <summary>The value that means lesion in masks of several labels; null where they have one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int? LesionLabel { get; init; }

    /// <summary>A .NET regular expression with one group, the patient in an image's file name; null for the public sets' names.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? PatientPattern { get; init; }

    /// <summary>A sheet with the columns Image and Patient; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? PatientsFile { get; init; }

    /// <summary>A split in the format that a run saves, used instead of <see cref="Split"/>; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? SplitFile { get; init; }

    /// <summary>A sheet of reports, or a folder of sheets, read instead of those in the set's folder; null for those.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? Reports { get; init; }

    /// <summary>Whether left in the sheets is the patient's left: then left and right change places. The default value is false.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool PatientSides { get; init; }

    /// <summary>Whether the library draws the images.</summary>
    [JsonIgnore]
    internal bool IsPhantom => this.Set is "phantom-xray" or "phantom-ct" or "phantom-xray-plain" or "phantom-ct-plain";

    /// <summary>How the set's folder is read.</summary>
    [JsonIgnore]
    internal DatasetSettings Reading => new()
    {
        Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(this.Set)),
        Kind = this.Kind,
        LesionLabel = this.LesionLabel,
        PatientPattern = this.PatientPattern,
        PatientsFile = this.PatientsFile,
        Reports = this.Reports,
        PatientSides = this.PatientSides,
    };
}

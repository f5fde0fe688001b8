using System.Text.RegularExpressions;

namespace C2FVL.Data;

/// <summary>What the file names of the public sets tell about whom a picture shows.</summary>
public static partial class PatientId
{
    /// <summary>
    /// The patient or study that a file name tells: "sub-s09454" of QaTa-COV19's "sub-S09454_ses-…" (any case, made
    /// lower), the study of MosMedData+'s "Morozov_study_0255_21", "Jun_coronacases_case1_40" and
    /// "Jun_radiopaedia_…_case2_31". Null where the name tells none ("covid_12", "bjorke_3", any other).
    /// </summary>
    /// <param name="fileName">A file name of an image or mask, or a case id; folders and extension do not matter.</param>
    public static string? FromFileName(string fileName)
    {
        string name = Path.GetFileName(fileName);
        Match subject = Subject().Match(name);
        if (subject.Success)
            return subject.Groups[1].Value.ToLowerInvariant();
        Match study = Study().Match(name);
        return study.Success ? study.Groups[1].Value : null;
    }

    [GeneratedRegex("^(?:mask_)?(sub-[a-z0-9]+)(?:_|\\.|$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Subject();

    [GeneratedRegex("^(?:mask_)?(Morozov_study_[0-9]+|Jun_(?:coronacases|radiopaedia)_(?:.*_)?case[0-9]+)_[0-9]+(?:\\.|$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Study();
}

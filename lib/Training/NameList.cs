namespace C2FVL.Training;

/// <summary>Lists of names in messages.</summary>
internal static class NameList
{
    private const int Most = 10;

    /// <summary>The first ten names, and how many follow.</summary>
    public static string Of(IReadOnlyCollection<string> names) => names.Count <= Most
        ? string.Join(", ", names)
        : $"{string.Join(", ", names.Take(Most))} and {names.Count - Most} more";
}

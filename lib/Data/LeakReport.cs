using System.Runtime.InteropServices;
using System.Security.Cryptography;
using static C2FVL.Data.Wording;

namespace C2FVL.Data;

/// <summary>What a split's parts share that they should not: patients and images.</summary>
/// <param name="Split">The split's name.</param>
/// <param name="CrossingPatients">The patients with cases in more than one part, in ordinal order.</param>
/// <param name="TestCases">The size of the test part.</param>
/// <param name="TestCasesOfTrainPatients">The test cases whose patient is in the training part too.</param>
/// <param name="ValCases">The size of the validation part.</param>
/// <param name="ValCasesOfTrainPatients">The validation cases whose patient is in the training part too.</param>
/// <param name="CasesWithoutPatient">The cases whose patient is unknown, for which nothing is known.</param>
/// <param name="Identical">Every set of identical images, across parts or inside one. Images that cannot be read are
/// left out.</param>
public sealed record LeakReport(string Split, IReadOnlyList<string> CrossingPatients, int TestCases,
    int TestCasesOfTrainPatients, int ValCases, int ValCasesOfTrainPatients, int CasesWithoutPatient,
    IReadOnlyList<IdenticalImages> Identical)
{
    /// <summary>The identical images that lie in more than one part.</summary>
    public IEnumerable<IdenticalImages> IdenticalAcrossParts => Identical.Where(i => i.CrossParts);

    /// <summary>The identical images of which two or more lie in one part.</summary>
    public IEnumerable<IdenticalImages> IdenticalInsideAPart => Identical.Where(i => i.RepeatInsideAPart);

    /// <summary>Decodes every image of the data set, on all cores, and looks for shared patients and images.</summary>
    /// <exception cref="InvalidDataException">The data set lacks a case of the split.</exception>
    public static LeakReport Of(Dataset dataset, Split split, CancellationToken cancellation = default) =>
        DatasetCheck.Run(dataset, split, cancellation: cancellation).Leaks;

    /// <summary>The same from hashes taken before.</summary>
    /// <param name="dataset">The cases.</param>
    /// <param name="split">Their parts.</param>
    /// <param name="hashes">By case id; null leaves the case out of the search for identical images.</param>
    internal static LeakReport From(Dataset dataset, Split split, Func<string, string?> hashes)
    {
        (Case Case, Part Part)[] placed = [.. split.Placed(dataset)];
        ILookup<string, Part> patients =
            placed.Where(p => p.Case.Patient is not null).ToLookup(p => p.Case.Patient!, p => p.Part);
        return new LeakReport(split.Name,
            [.. patients.Where(parts => parts.Distinct().Count() > 1).Select(parts => parts.Key)
                .Order(StringComparer.Ordinal)],
            split.Test.Count, OfTrainPatients(Part.Test), split.Val.Count, OfTrainPatients(Part.Val),
            placed.Count(p => p.Case.Patient is null),
            [.. placed.OrderBy(p => p.Case.Id, StringComparer.Ordinal).GroupBy(p => hashes(p.Case.Id))
                .Where(same => same.Key is not null && same.Count() > 1)
                .Select(same => new IdenticalImages([.. same.Select(p => p.Case.Id)], [.. same.Select(p => p.Part)]))]);

        int OfTrainPatients(Part part) =>
            patients.Where(parts => parts.Contains(Part.Train)).Sum(parts => parts.Count(other => other == part));
    }

    /// <summary>
    /// A hash of the decoded pixels and the size, so that a copy in another file format is found too.
    /// </summary>
    internal static string Hash(GrayImage image) => Convert.ToHexString(SHA256.HashData(
        MemoryMarshal.AsBytes<float>([image.Width, image.Height, .. image.Pixels])));

    /// <summary>The report in sentences, for a terminal.</summary>
    public string ToText()
    {
        string patients = CrossingPatients.Count == 0 ? "No known patient is in more than one set."
            : $"Patients in more than one set: {CrossingPatients.Count} ({FirstOf(CrossingPatients)}).\n"
            + $"{TestCasesOfTrainPatients} of {TestCases} test cases and {ValCasesOfTrainPatients} of {ValCases} "
            + "validation cases come from a patient who is also in training. Split by patient to avoid it.";
        string unknown = CasesWithoutPatient == 0 ? ""
            : $"\n{CasesWithoutPatient} cases have no known patient, so leaks among them cannot be found.";
        return $"{patients}{unknown}\n{Images("in more than one set", IdenticalAcrossParts)}\n"
            + Images("within one set", IdenticalInsideAPart);

        static string Images(string where, IEnumerable<IdenticalImages> found) => found.Any()
            ? $"Identical images {where}: {found.Count()} groups, such as {string.Join(", ", found.First().Cases)}."
            : $"No identical images {where}.";
    }
}

/// <summary>Cases whose images are the same, pixel by pixel, whatever their file formats.</summary>
/// <param name="Cases">Their ids, at least two, in ordinal order.</param>
/// <param name="Parts">The part of each.</param>
public sealed record IdenticalImages(IReadOnlyList<string> Cases, IReadOnlyList<Part> Parts)
{
    /// <summary>Whether they lie in more than one part.</summary>
    public bool CrossParts => Parts.Distinct().Count() > 1;

    /// <summary>Whether two of them lie in the same part.</summary>
    public bool RepeatInsideAPart => Parts.Distinct().Count() < Parts.Count;
}

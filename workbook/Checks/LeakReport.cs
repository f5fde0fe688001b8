using C2FVL.Data;

namespace C2FVL.Workbook.Checks;

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
internal sealed record LeakReport(string Split, IReadOnlyList<string> CrossingPatients, int TestCases,
    int TestCasesOfTrainPatients, int ValCases, int ValCasesOfTrainPatients, int CasesWithoutPatient,
    IReadOnlyList<IdenticalImages> Identical)
{
    /// <summary>The identical images that lie in more than one part.</summary>
    public IEnumerable<IdenticalImages> IdenticalAcrossParts => Identical.Where(i => i.CrossParts);

    /// <summary>Looks for shared patients and images among the cases of a split.</summary>
    /// <param name="dataset">The cases.</param>
    /// <param name="split">Their parts.</param>
    /// <param name="looks">What their files say.</param>
    /// <exception cref="InvalidDataException">The data set lacks a case of the split.</exception>
    public static LeakReport From(Dataset dataset, Split split, IEnumerable<CaseLook> looks)
    {
        Dictionary<string, FileRecord?> images = looks.ToDictionary(look => look.Case.Id, look => look.Image);
        (Case Case, Part Part)[] placed = [.. split.Placed(dataset)];
        ILookup<string, Part> patients =
            placed.Where(p => p.Case.Patient is not null).ToLookup(p => p.Case.Patient!, p => p.Part);
        return new LeakReport(split.Name,
            [.. patients.Where(parts => parts.Distinct().Count() > 1).Select(parts => parts.Key)
                .Order(StringComparer.Ordinal)],
            split.Test.Count, OfTrainPatients(Part.Test), split.Val.Count, OfTrainPatients(Part.Val),
            placed.Count(p => p.Case.Patient is null),
            [.. placed.OrderBy(p => p.Case.Id, StringComparer.Ordinal)
                .GroupBy(p => images.GetValueOrDefault(p.Case.Id)?.Hash)
                .Where(same => same.Key is not null && same.Count() > 1)
                .Select(same => new IdenticalImages([.. same.Select(p => p.Case.Id)], [.. same.Select(p => p.Part)]))]);

        int OfTrainPatients(Part part) =>
            patients.Where(parts => parts.Contains(Part.Train)).Sum(parts => parts.Count(other => other == part));
    }
}

/// <summary>Cases whose images are the same, pixel by pixel, whatever their file formats.</summary>
/// <param name="Cases">Their ids, at least two, in ordinal order.</param>
/// <param name="Parts">The part of each.</param>
internal sealed record IdenticalImages(IReadOnlyList<string> Cases, IReadOnlyList<Part> Parts)
{
    /// <summary>Whether they lie in more than one part.</summary>
    public bool CrossParts => Parts.Distinct().Count() > 1;

    /// <summary>Whether two of them lie in the same part.</summary>
    public bool RepeatInsideAPart => Parts.Distinct().Count() < Parts.Count;
}

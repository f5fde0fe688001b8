using System.CommandLine;
using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Workbook.Checks;

namespace C2FVL.Workbook.Commands;

/// <summary><c>workbook check-data DIR</c>: what a folder holds and what is wrong with it.</summary>
internal static class CheckDataCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = DataFolder.Description };
        var command = new Command("check-data", "Checks a data set: kind, counts, sizes, masks, reports, patients, "
            + "leaks and fingerprint. The exit code is 1 if a file has an error.") { folder };
        var reading = new DataOptions(command);
        var most = new Option<int>("--most")
        {
            Description = "How many errors are listed one by one.",
            DefaultValueFactory = _ => 20,
        }.Within(0);
        command.Options.Add(most);
        var json = new JsonOption(command);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                using JsonOutput output = json.Begin(parsed);
                DataSpec spec = reading.Of(parsed, DataFolder.Find(parsed.GetValue(folder)!));
                DatasetCheckResult result = Check(spec, reading.HasSplit(parsed), cancellation);
                Console.WriteLine(result.ToText(parsed.GetValue(most)));
                output.Write(() => Json(result));
                return result.Faults.Count == 0 ? 0 : 1;
            },
            CancellationToken.None));
        return command;
    }

    private static DatasetCheckResult Check(DataSpec spec, bool isSplit, CancellationToken cancellation) => CaseProgress.Show("checking the images", progress =>
    {
        Dataset dataset = DatasetReader.Read(spec.Set, spec, spec.Name);
        return DatasetCheck.Run(dataset, isSplit ? RunData.Divide(spec, dataset) : null, progress, cancellation);
    });

    private static object Json(DatasetCheckResult result) => new
    {
        result.Name,
        result.Root,
        result.Dataset.Layout,
        Kinds = result.Dataset.Cases.Select(c => c.Kind).Distinct().Order(),
        result.Cases,
        Sets = result.Parts,
        result.ImageSizes,
        result.MaskValues,
        result.CasesWithoutMask,
        result.EmptyMasks,
        result.MissingReports,
        Contradictions = result.Contradictions.Select(c => new { Case = c.Case.Id, c.Problems }),
        result.Patients,
        Leaks = new
        {
            result.Leaks.Split,
            result.Leaks.CrossingPatients,
            result.Leaks.TestCases,
            result.Leaks.TestCasesOfTrainPatients,
            result.Leaks.ValCases,
            result.Leaks.ValCasesOfTrainPatients,
            result.Leaks.CasesWithoutPatient,
            result.Leaks.Identical,
        },
        result.PatientNote,
        result.Fingerprint,
        Notes = result.Dataset.Notes.Select(JsonOutput.Of),
        Faults = result.Faults.Select(JsonOutput.Of),
    };
}

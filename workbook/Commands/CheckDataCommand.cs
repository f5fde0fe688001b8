using System.CommandLine;
using C2FVL.Data;
using C2FVL.Experiments;

namespace C2FVL.Workbook.Commands;

/// <summary><c>workbook check-data DIR</c>: what a folder holds and what is wrong with it.</summary>
internal static class CheckDataCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = DataFolder.Description };
        var command = new Command("check-data", "Checks a data set: kind, counts, sizes, masks, reports, patients, leaks, a fingerprint. Ends with 1 where a file is at fault.") { folder };
        var reading = new DataOptions(command);
        var most = new Option<int>("--most") { Description = "How many faults are listed one by one.", DefaultValueFactory = _ => 20 }.Within(0);
        command.Options.Add(most);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                DataSpec spec = reading.Of(parsed, DataFolder.Find(parsed.GetValue(folder)!));
                DatasetCheckResult result = Check(spec, reading.HasSplit(parsed), cancellation);
                Console.WriteLine(result.ToText(parsed.GetValue(most)));
                return result.Faults.Count == 0 ? 0 : 1;
            },
            CancellationToken.None));
        return command;
    }

    private static DatasetCheckResult Check(DataSpec spec, bool isSplit, CancellationToken cancellation) => CaseProgress.Show("checking the images", progress =>
    {
        Dataset dataset = DatasetReader.Read(spec.Set, spec.Reading);
        return DatasetCheck.Run(dataset, isSplit ? RunData.Divide(spec, dataset) : null, progress, cancellation);
    });
}

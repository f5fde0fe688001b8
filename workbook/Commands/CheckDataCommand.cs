using System.CommandLine;
using C2FVL.Data;

namespace C2FVL.Workbook.Commands;

/// <summary><c>workbook check-data DIR</c>: what a folder holds and what is wrong with it.</summary>
internal static class CheckDataCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = DataFolder.Description };
        var kind = new Option<ImageKind?>("--kind") { Description = "X-ray or CT, where the layout does not tell." };
        var reading = new ReadingOptions();
        var most = new Option<int>("--most") { Description = "How many faults are listed one by one.", DefaultValueFactory = _ => 20 }.Within(0);
        var command = new Command("check-data", "Checks a data set: counts, sizes, masks, reports, patients, leaks, a fingerprint. Ends with 1 where a file is at fault.") { folder, kind, most };
        reading.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                DatasetCheckResult result = Check(DataFolder.Find(parsed.GetValue(folder)!), reading.Read(parsed) with { Kind = parsed.GetValue(kind) }, cancellation);
                Console.WriteLine(result.ToText(parsed.GetValue(most)));
                return result.Faults.Count == 0 ? 0 : 1;
            },
            CancellationToken.None));
        return command;
    }

    private static DatasetCheckResult Check(string place, DatasetSettings settings, CancellationToken cancellation) =>
        CaseProgress.Show("checking the images", progress => DatasetCheck.Run(DatasetReader.Read(place, settings), progress: progress, cancellation: cancellation));
}

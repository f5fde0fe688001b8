using System.CommandLine;
using C2FVL.Workbook.Commands;
using C2FVL.Workbook.Imports;

OneArena.Restart();
PyTorchFile.Register();

var root = new RootCommand("C2FVL.NET: a workbook for coarse-to-fine COVID-19 segmentation via vision-language "
    + "alignment.")
{
    RunCommand.Create(),
    TrainCommand.Create(),
    SweepCommand.Create(),
    RunsCommand.Create(),
    ReportRunCommand.Create(),
    DemoCommand.Create(),
    EvaluateCommand.Create(),
    PredictCommand.Create(),
    ScoreCommand.Create(),
    ExplainCommand.Create(),
    ConvertCommand.Create(),
    CheckDataCommand.Create(),
    ReportCommand.Create(),
    ImportNiftiCommand.Create(),
    BenchCommand.Create(),
    CompletionCommand.Create(),
};
root.SetAction((_, cancellation) => RunCommand.RunAll(cancellation));

return await CommandRunner.Run(root, args);

using System.Buffers.Binary;
using System.CommandLine;
using System.Text;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Tests.Support;
using C2FVL.Tests.Workbook.Commands;
using C2FVL.Training;
using C2FVL.Workbook.Commands;
using C2FVL.Workbook.Notebooks;
using static TorchSharp.torch;

namespace C2FVL.Tests.Robust;

/// <summary>
/// Kinds of bad input and the message of each, in one place: F stands for the test's folder. A message names the file or
/// option, the cause and, where there is one, the cure; it is one that the console shows without a trace.
/// </summary>
[Collection(nameof(SeededTorch))]
public sealed class BadInputTests : IDisposable
{
    private const string NoSpec = " is not a run spec of this version: ";
    private const string CheckpointCure = "Delete this file to train the run from its start.";
    private const string ScoresCure = "Restore the file, or delete it and score the run again.";
    private const string HistoryCure = "Cut the file to the last good epoch. Or delete the run's folder to train it again.";
    private const string CasesHeader = "case,patient,dice,iou,sensitivity,precision,intersection,predicted,truth,pixels\n";
    private const string HistoryHeader = "Epoch,Stage,LearningRate,Loss,DiceLoss,BceLoss,CosineLoss,ValMeanDice,ValPooledDice\n";
    private const string OneTensor = "{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 8]}";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string, string, string> Files => new()
    {
        // Weights: safetensors, by header; the values are 8 bytes.
        { "w.safetensors", OneTensor + ", \"b\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 8]}}", "F/w.safetensors is damaged: tensors a and b share bytes. Write it again." },
        { "w.safetensors", OneTensor + ", \"b\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [8, 16]}}", "F/w.safetensors is cut short: tensor b ends at byte 16 of the values but 8 are there. Copy or download it again." },
        { "w.safetensors", "{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 4]}}", "F/w.safetensors is damaged: 4 bytes follow the last tensor. Copy or download it again." },
        { "w.safetensors", "{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [4, 8]}}", "F/w.safetensors is damaged: bytes 0 to 4 of the values, before tensor a, belong to no tensor. Write it again." },
        { "w.safetensors", "{\"a\": {\"dtype\": \"F32\", \"shape\": [3], \"data_offsets\": [0, 8]}}", "F/w.safetensors is damaged: tensor a of shape (3) and type F32 does not fill its place, bytes 0 to 8." },
        { "w.safetensors", "{\"a\": {\"dtype\": \"F8\", \"shape\": [8], \"data_offsets\": [0, 8]}}", "F/w.safetensors: tensor a has type F8; supported types are " },
        { "w.safetensors", OneTensor + "}\0", "F/w.safetensors is not a safetensors file: its header is padded with NUL bytes, where the format has spaces." },
        { "w.safetensors", "{\"__metadata__\": {\"epoch\": 3}, " + OneTensor[1..] + "}", "F/w.safetensors: the metadata entry epoch is 3, but the format allows only text." },
        { "w.safetensors", "{\"__metadata__\": {\"a\": \"1\", \"a\": \"2\"}, " + OneTensor[1..] + "}", "F/w.safetensors is damaged: it names the metadata entry a twice. Write it again." },
        { "w.safetensors", "{\"__metadata__\": [1], " + OneTensor[1..] + "}", "F/w.safetensors: __metadata__ must be an object with text values. Write the file again." },
        { "w.safetensors", "{\"a\": 1}", "F/w.safetensors is damaged: tensor a needs a dtype in quotes, and a shape and data_offsets of whole numbers." },
        { "w.safetensors", "{\"a\": {\"dtype\": \"F32\", \"shape\": [2.5], \"data_offsets\": [0, 8]}}", "F/w.safetensors is damaged: tensor a needs a dtype in quotes, and a shape and data_offsets of whole numbers." },
        { "w.safetensors", OneTensor + ", }", "F/w.safetensors is not a safetensors file: its header cannot be read (" },
        { "w.safetensors", "[]", "F/w.safetensors is not a safetensors file: its header cannot be read (it does not start with a brace)." },
        { "w.safetensors", "{\"__metadata__\": {\"sha256\": \"00\"}, " + OneTensor[1..] + "}", "F/w.safetensors is damaged: its content is not what its digest (metadata entry sha256) was made from." },

        // Run files.
        { "cases.csv", "", "F/cases.csv, row 1: the header lacks case, patient, dice, iou, sensitivity, precision, intersection, predicted, truth, pixels. " + ScoresCure },
        { "cases.csv", CasesHeader + "a,p,1,1,1,1,5,5\n", "F/cases.csv, row 2: 8 fields instead of 10. " + ScoresCure },
        { "cases.csv", CasesHeader + "a,p,1,1,1,1,x,5,5,9\n", "F/cases.csv, row 2: 'x' in column intersection is not a number of pixels. " + ScoresCure },
        { "cases.csv", CasesHeader + "a,p,1,1,1,1,-5,5,5,9\n", "F/cases.csv, row 2: '-5' in column intersection is not a number of pixels. " + ScoresCure },
        { "cases.csv", CasesHeader + "a,p,1,1,1,1,6,5,5,9\n", "F/cases.csv, row 2: the pixel counts of case a contradict each other. " + ScoresCure },
        { "cases.csv", CasesHeader + "a,p,1,1,1,1,5,5,5,9\na,p,1,1,1,1,5,5,5,9\n", "F/cases.csv, row 3: case a appears a second time. " + ScoresCure },
        { "cases.csv", CasesHeader + "a,p,1,1,1,1,5,5,5,9", "F/cases.csv, row 2: the file was cut in this row: no line end follows it. " + ScoresCure },
        { "history.csv", HistoryHeader + "1,train,0.1,1,1,1,1,1,1", "F/history.csv, row 2: not a history of this workbook (the file was cut in this row: no line end follows it). " + HistoryCure },
        { "history.csv", HistoryHeader, "F/history.csv, row 1: not a history of this workbook (no epoch follows the header). " + HistoryCure },
        { "history.csv", "", "F/history.csv, row 1: not a history of this workbook (" },
        { "history.csv", HistoryHeader + "1,train,0.1,1\n", "F/history.csv, row 2: not a history of this workbook (" },
        { "history.csv", HistoryHeader + "1,train,x,1,1,1,1,1,1\n", "F/history.csv, row 2: not a history of this workbook (" },
        { "history.csv", HistoryHeader + "2,train,0.1,1,1,1,1,1,1\n", "F/history.csv, row 2: not a history of this workbook (it should be epoch 1). " + HistoryCure },
        { "history.csv", HistoryHeader + "1,rest,0.1,1,1,1,1,1,1\n", "F/history.csv, row 2: not a history of this workbook (it should be epoch 1). " + HistoryCure },
        { "spec.json", "", "F/spec.json" + NoSpec + "it is empty." },
        { "spec.json", "null", "F/spec.json" + NoSpec + "it is empty" },
        { "spec.json", "{}", "F/spec.json" + NoSpec },
        { "spec.json", "[1]", "F/spec.json" + NoSpec },

        // Notebooks.
        { "n.ipynb", "{\"nbformat\":4,\"cells\":[null],\"metadata\":{}}", "F/n.ipynb is not a notebook of format 4: cell 1 is null, not an object. Delete it, or restore the file" },
        { "n.ipynb", "{\"nbformat\":4,\"cells\":[7],\"metadata\":{}}", "F/n.ipynb is not a notebook of format 4: cell 1 is 7, not an object." },
        { "n.ipynb", "{\"nbformat\":3,\"worksheets\":[]}", "F/n.ipynb is not a notebook of format 4: nbformat is 3, not 4" },
        { "n.ipynb", "{\"nbformat\":4}", "F/n.ipynb is not a notebook of format 4: it has no cells" },
        { "n.ipynb", "{\"nbformat\":4,\"cells\":[{\"cell_type\":\"slide\",\"source\":\"\"}]}", "F/n.ipynb is not a notebook of format 4: cell 1 has the unknown type slide" },
        { "n.ipynb", "not JSON", "F/n.ipynb is not a notebook of format 4: " },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void AFileThatIsWrongIsNamed(string name, string content, string message)
    {
        string path = folder[name];
        byte[] bytes = Encoding.Latin1.GetBytes(content), length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, bytes.Length);
        File.WriteAllBytes(path, name.EndsWith(".safetensors") ? [.. length, .. bytes, .. new byte[8]] : bytes);
        Refused(message, name switch
        {
            "cases.csv" => () => CaseScoreFile.Read(path),
            "history.csv" => () => HistoryFile.Read(path),
            "spec.json" => () => RunSpec.Load(path),
            "n.ipynb" => () => NotebookFile.Read(path),
            _ => () => ConvertCommand.Convert(path, folder["out.safetensors"]),
        });
    }

    /// <summary>A spec that is right but for one value.</summary>
    [Theory]
    [InlineData("\"Scale\": \"Phantom\"", "\"Scale\": 7", "Scale: 7 is not one of ")]
    [InlineData("\"Data\": {", "\"Data\": null, \"Seed\": {", "Data is null; write the section, or leave it out for its default.")]
    [InlineData("\"Training\": {", "\"Training\": null, \"Seed\": {", "Training is null; write the section, or leave it out for its default.")]
    [InlineData("\"system\": \"C2FVL\"", "\"system\": \"C3FVL\"", "there is no method C3FVL")]
    [InlineData("\"system\": \"C2FVL\",", "", "Model has no \"system\"; it must name one of the paper's methods, such as \"C2FVL\".")]
    [InlineData("\"Width\": 8", "\"Width\": 9", "C2FVL's Width is 9; it must be a positive multiple of 8 ")]
    [InlineData("\"Width\": 8", "\"Width\": 80000", "C2FVL's Width is 80000; it must be at most 512.")]
    [InlineData("\"Width\": 8", "\"Width\": \"8\"", "Model.Width must be a whole number (line 15).")]
    [InlineData("\"Width\": 8", "\"Width\": 8.5", "Model.Width must be a whole number (line 15).")]
    [InlineData("\"Width\": 8", "\"Width\": 8, \"Wdith\": 8", "there is no setting Model.Wdith (line 15). Correct its name, or delete it.")]
    [InlineData("\"Scale\": \"Phantom\"", "\"Scale\": \"Phantom\", \"Scale\": \"Paper\"", "it names Scale twice")]
    [InlineData("\"Scale\": \"Phantom\"", "\"Scale\": \"Phantom\" // the least", "'/' is invalid after a value.")]
    [InlineData("\"Scale\": \"Phantom\",", "", "it lacks Scale")]
    [InlineData("\"Set\": \"phantom-xray\"", "\"Set\": \"\"", "Data.Set is empty; write the name of a data set, or the path of its folder.")]
    [InlineData("\"Set\": \"phantom-xray\"", "\"Set\": 5", "Data.Set must be a text in quotes (line 4).")]
    [InlineData("\"Patch\": 8", "\"Patch\": 0", "C2FVL's Patch is 0; it must be ")]
    [InlineData("\"Dice\": 0.5", "\"Dice\": -0.5", "The loss weight Dice is -0.5; it must be a number from 0 up.")]
    [InlineData("\"BatchSize\": 4", "\"BatchSize\": 0", "BatchSize is 0; it must be at least 1.")]
    [InlineData("\"Optimizer\": \"Adam\"", "\"Optimizer\": 77", "Training.Optimizer: 77 is not one of Adam, ")]
    [InlineData("\"LearningRate\": 0.01", "\"LearningRate\": 1e999", "LearningRate is Infinity; it must be above 0.")]
    [InlineData("\"LearningRate\": 0.01", "\"LearningRate\": 0", "LearningRate is 0; it must be above 0.")]
    public void ASpecWithOneWrongValueNamesIt(string was, string isNow, string cause)
    {
        string json = Presets.For(Scale.Phantom).ToJson(), wrong = json.Replace(was, isNow);
        Assert.NotEqual(json, wrong);
        File.WriteAllText(folder["spec.json"], wrong);
        Refused("F/spec.json" + NoSpec + cause, () => RunSpec.Load(folder["spec.json"]));
    }

    [Fact]
    public void WeightsOfOtherKindsAreNamed()
    {
        using var scope = NewDisposeScope();
        File.WriteAllBytes(folder["old.pth"], [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e, 0x80]);
        File.WriteAllBytes(folder["cut.pth"], [.. "PK"u8, 3, 4, 0, 0]);
        File.WriteAllBytes(folder["short.bin"], [1, 2]);
        TorchSave.Write(folder["nan.pth"], new TorchSave.Ordered(new Dictionary<string, object?> { ["a"] = full(2, float.NaN) }));
        TorchSave.Write(folder["foreign.pth"], new TorchSave.Ordered(new Dictionary<string, object?> { ["a"] = ones(1), ["b"] = new TorchSave.Foreign("os", "system", ["x"]) }));
        TorchSave.Write(folder["module.pth"], new TorchSave.Foreign("nets", "Net", []));
        TorchSave.Write(folder["empty.pth"], new Dictionary<string, object?> { ["epoch"] = 1 });
        Refused("F/old.pth is in PyTorch's old format, which only Python can read.", Convert("old.pth"));
        Refused("F/cut.pth is damaged: ", Convert("cut.pth"));
        File.WriteAllText(folder["lfs.pth"], "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n");
        File.WriteAllText(folder["page.pth"], "\n<!DOCTYPE html><html>404</html>");
        File.WriteAllBytes(folder["w.gz"], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0]);
        File.WriteAllText(folder["keras.h5"], "\u0089HDF\r\n\u001a\n", Encoding.Latin1);
        File.WriteAllText(folder["old.tar"], "storages".PadRight(257, '\0') + "ustar".PadRight(255, '\0'));
        Refused("F/lfs.pth is a pointer of Git LFS, not the weights. Fetch them with: git lfs pull", Convert("lfs.pth"));
        Refused("F/page.pth is a web page, not weights. Download the file itself.", Convert("page.pth"));
        Refused("F/w.gz is compressed with gzip. Unpack it, and name the file inside.", Convert("w.gz"));
        Refused("F/keras.h5 is an HDF5 file, as Keras writes. ", Convert("keras.h5"));
        Refused("F/old.tar is a tar archive, PyTorch's oldest format or a folder of files. ", Convert("old.tar"));
        Refused("F/short.bin is not a safetensors file: it has fewer than 8 bytes.", Convert("short.bin"));
        Refused("F/nan.pth has NaN or infinite values in 1 entry: a.", Convert("nan.pth"));
        Refused("F/foreign.pth: b in its state dict is an object of the Python class os.system, not a tensor; its code is not run.", Convert("foreign.pth"));
        Refused("F/module.pth holds an object of the Python class nets.Net, not weights; its code is not run.", Convert("module.pth"));
        Refused("F/empty.pth has no weights: it holds epoch.", Convert("empty.pth"));
        Refused("F is a folder; name the weights file in it.", Convert(""));
        Refused("F/none.pth does not exist. Weights are a run's best.safetensors, or a .pt or .pth file of PyTorch.", Convert("none.pth"));

        Action Convert(string name) => () => ConvertCommand.Convert(name.Length == 0 ? folder.Path : folder[name], folder["out.safetensors"]);
    }

    [Fact]
    public void DamagedRunFoldersNameFileAndCureAndDoNotStopOtherRuns()
    {
        var store = new RunStore(folder["runs"], folder["none"]);
        RunSpec spec = C2FVL.Tests.Experiments.TinyRun.Spec(folder["data"]);
        Run run = store.GetOrTrain(spec);
        string cases = Path.Combine(run.Folder, "cases.csv"), json = Path.Combine(run.Folder, "spec.json");
        string last = Path.Combine(run.Folder, Trainer.LastName), best = Path.Combine(run.Folder, Trainer.BestName);

        string[] rows = File.ReadAllLines(cases);
        File.WriteAllLines(cases, rows[..^1]);
        Refused(
            $"{cases} has 3 rows, and the run has 4 test cases: the file was cut. Delete it and train the run again: only its test cases are scored again.",
            () => store.GetOrTrain(spec));
        File.Delete(cases);
        Assert.Equal(4, store.GetOrTrain(spec).Cases.Count); // as the message says

        string whole = File.ReadAllText(json);
        File.WriteAllText(json, "{");
        Refused($"{json}{NoSpec}", () => store.GetOrTrain(spec));
        Assert.Null(store.Find(spec with { Seed = 1 })); // another run's broken spec is not this one's trouble
        File.WriteAllText(json, whole);

        File.Delete(best);
        Refused($"{best} is missing. Delete the folder {run.Folder} and train the run again to get its weights.", () => store.Find(spec)!.LoadModel());
        File.Delete(cases);
        Refused($"{best} is missing, so the run cannot be tested. Delete the folder {run.Folder} to train it again.", () => store.GetOrTrain(spec));
        File.WriteAllBytes(last, File.ReadAllBytes(last)[..5000]);
        Assert.EndsWith(CheckpointCure, Refused($"{last} is cut short", () => store.GetOrTrain(spec)));

        Directory.Delete(run.Folder, recursive: true);
        Directory.CreateDirectory(Path.Combine(run.Folder, "lock")); // no file can be opened there, and no process holds it
        string message = Refused($"{run.Folder} is not writable (", () => store.GetOrTrain(spec));
        Assert.EndsWith("Make the folder writable, or keep runs elsewhere with C2FVL_RUNS.", message);
        Assert.False(store.IsLocked(spec));
    }

    [Fact]
    public async Task CommandsSayInOneLineWhatIsWrong()
    {
        File.WriteAllText(folder["chest.png"], "no image");
        File.WriteAllText(folder["w.safetensors"], "{}");
        (Command Command, string[] Arguments, string Message)[] table =
        [
            (TrainCommand.Create(), ["--lr", "0,001"], "--lr is 0,001; write 0.001."),
            (TrainCommand.Create(), ["--data", ""], "--data is empty. Give it a value, or leave the option out."),
            (TrainCommand.Create(), ["--data="], "--data is empty. Give it a value, or leave the option out."),
            (CheckDataCommand.Create(), [""], "Argument 2 is empty. Give it a value, or leave it out."),
            (TrainCommand.Create(), ["--spec", folder.Path], $"{folder.Path} is a folder; name the spec.json in it."),
            (TrainCommand.Create(), ["--seed", "99999999999"], "--seed is 99999999999; it must be a whole number from -2147483648 to 2147483647."),
            (TrainCommand.Create(), ["--lr", "NaN"], "--lr is NaN; it must be a number above 0 and at most 10."),
            (TrainCommand.Create(), ["--scale", "7"], "--scale is 7; it must be one of "),
            (TrainCommand.Create(), ["--threads", "1000"], "--threads is 1000; it must be a whole number from 1 to 256."),
            (TrainCommand.Create(), ["--model", "VNet"], "There is no method VNet. Choose from UNet, "),
            (TrainCommand.Create(), ["--device", "tpu"], "The device is tpu; it must be cpu, cuda or cuda:N."),
            (TrainCommand.Create(), ["--tf32", "--device", "cpu"], "--tf32 needs a GPU, and the run's device is cpu."),
            (SweepCommand.Create(), ["table2", "--jobs", "0"], "--jobs is 0; it must be a whole number of at least 1."),
            (EvaluateCommand.Create(), ["--weights", folder.Path], $"{folder.Path} is a folder; name the weights file in it."),
            (BenchCommand.Create(), ["--batch", "-1"], "--batch is -1; it must be a whole number from 1 to 256."),
            (BenchCommand.Create(), ["--steps", "0"], "--steps is 0; it must be a whole number from 1 to 1000."),
            (CheckDataCommand.Create(), [folder["absent"]], folder["absent"]),
            (RunCommand.Create(), ["01", "--out", "X"], "There is no option --out. 'workbook run --help' lists the options."),
            (ConvertCommand.Create(), [folder["w.safetensors"], folder["out.bin"]], $"{folder["out.bin"]}: the output file name must end in .safetensors."),
            (ConvertCommand.Create(), [folder["w.safetensors"], folder["chest.png", "out.safetensors"]], $"{folder["w.safetensors"]} is not a safetensors file"),
            (PredictCommand.Create(), ["--image", folder["chest.png"], "--weights", folder["w.safetensors"]], $"{folder["w.safetensors"]} is not a safetensors file: it has fewer than 8 bytes."),
        ];
        foreach ((Command command, string[] arguments, string message) in table)
        {
            (int code, string said) = await ConsoleRun.Of(command, arguments);
            Assert.True(code == 1, $"{command.Name} {string.Join(' ', arguments)}: {said}");
            Assert.Contains("error: ", said);
            Assert.Contains(message, said);
            Assert.DoesNotContain("   at ", said);
        }
    }

    private string Refused(string message, Action act)
    {
        Exception error = Assert.ThrowsAny<Exception>(act);
        Assert.True(CommandRunner.IsExpected(error), error.ToString());
        Assert.StartsWith(message.StartsWith("F/") || message.StartsWith("F ") ? folder.Path + message[1..] : message, error.Message);
        Assert.DoesNotContain("(Parameter", error.Message);
        return error.Message;
    }
}

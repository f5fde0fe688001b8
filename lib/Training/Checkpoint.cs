using C2FVL.Models;
using C2FVL.Platform;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace C2FVL.Training;

/// <summary>
/// A training frozen between two steps, in one safetensors file: weights under <c>model.</c>, the optimiser's state
/// as bytes, the rest as JSON in the metadata. Random numbers need no place in it: they follow from the seed, epoch
/// and batch.
/// </summary>
public static class Checkpoint
{
    private const string Format = "c2fvl-checkpoint-2", Prefix = "model.", AveragePrefix = "average.";
    private const string Cure = "Delete this file to train the run from its start.";

    private static string Plain => FastPaths.On ? "0" : "1";

    public static void Save(string path, string modelName, SegmentationModel model, OptimizerHelper optimizer,
        TrainingState state, WeightAverage? average = null)
    {
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> tensors = Named(model, average);
        using var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(bytes, System.Text.Encoding.UTF8, leaveOpen: true))
            optimizer.save_state_dict(writer);
        tensors["optimizer"] = tensor(bytes.ToArray(), dtype: uint8);
        Safetensors.Write(
            path, tensors,
            new Dictionary<string, string>
            { ["format"] = Format, ["model"] = modelName, ["state"] = state.ToJson(), [FastPaths.Variable] = Plain });
    }

    /// <summary>Puts a checkpoint's weights and optimiser state back.</summary>
    /// <returns>The state of the training.</returns>
    /// <exception cref="InvalidDataException">The file is no checkpoint, or one of another model; the message says
    /// which and the cure.</exception>
    public static TrainingState Load(string path, string modelName, SegmentationModel model,
        OptimizerHelper optimizer, WeightAverage? average = null)
    {
        using TensorFile file = Open(path);
        string format = file.Metadata.GetValueOrDefault("format", "");
        if (format != Format)
            throw new InvalidDataException(format.StartsWith(Format[..^1], StringComparison.Ordinal)
                ? $"{path} was written by another version of this workbook. {Cure}"
                : $"{path} is not a checkpoint of this workbook. {Cure}");
        string trained = Text("model"), json = Text("state");
        if (trained != modelName)
            throw new InvalidDataException(
                $"{path} is a checkpoint of {trained}, not of {modelName}. Give this run a folder of its own.");

        if (file.Metadata.GetValueOrDefault(FastPaths.Variable, Plain) is string plain && plain != Plain)
            throw new InvalidDataException(
                $"{path} was written with the environment variable {FastPaths.Variable}={plain}. Set it so again to "
                    + "resume the run. Or delete this file to train the run from its start.");

        TrainingState state = Read("training state", () => TrainingState.FromJson(json));
        Dictionary<string, Tensor> targets = Named(model, average);
        string? other = targets.Keys.FirstOrDefault(name =>
            !file.Tensors.TryGetValue(name, out Tensor? saved) || !saved.shape.SequenceEqual(targets[name].shape));
        if (other is not null)
            throw new InvalidDataException(
                $"{path} is a checkpoint of a {modelName} with other settings: its {other} does not fit. "
                + "Give this run a folder of its own.");
        if (file.Tensors.GetValueOrDefault("optimizer") is not { dtype: ScalarType.Byte } bytes)
            throw Damaged("it has no state of the optimizer");

        WeightsFile.Copy(path, file, targets.ToDictionary(target => target.Key, Tensor? (target) => target.Value));
        Read("state of the optimizer", () =>
        {
            // Outside any dispose scope: the optimiser keeps the tensors that it makes here.
            using var reader = new BinaryReader(new MemoryStream(bytes.data<byte>().ToArray()));
            optimizer.load_state_dict(reader);
            return true;
        });
        return state;

        InvalidDataException Damaged(string what, Exception? e = null) => new($"{path} is damaged: {what}. {Cure}", e);

        string Text(string key) =>
            file.Metadata.GetValueOrDefault(key) ?? throw Damaged($"its metadata has no entry {key}");

        T Read<T>(string what, Func<T> read)
        {
            try
            {
                return read();
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                throw Damaged($"its {what} cannot be read ({e.Message})", e);
            }
        }
    }

    /// <summary>The weights, and their average where there is one, by their names in the file.</summary>
    private static Dictionary<string, Tensor> Named(SegmentationModel model, WeightAverage? average) =>
        model.state_dict().Select(entry => (Prefix + entry.Key, entry.Value))
            .Concat((average?.Tensors ?? new Dictionary<string, Tensor>()).Select(
                entry => (AveragePrefix + entry.Key, entry.Value)))
            .ToDictionary();

    private static TensorFile Open(string path)
    {
        try
        {
            return Safetensors.Read(path);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{e.Message} {Cure}", e);
        }
    }
}

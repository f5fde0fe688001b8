using System.Text.Json;
using C2FVL.Models;
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
    private const string Format = "c2fvl-checkpoint-1", Prefix = "model.", AveragePrefix = "average.";
    private const string Cure = "Delete this file to train the run from its start.";

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
            new Dictionary<string, string> { ["format"] = Format, ["model"] = modelName, ["state"] = state.ToJson() });
    }

    /// <summary>Puts a checkpoint's weights and optimiser state back.</summary>
    /// <returns>The state of the training.</returns>
    /// <exception cref="InvalidDataException">The file is no checkpoint, or one of another model; the message says
    /// which and the cure.</exception>
    public static TrainingState Load(string path, string modelName, SegmentationModel model,
        OptimizerHelper optimizer, WeightAverage? average = null)
    {
        using TensorFile file = Read(path);
        if (!file.Metadata.TryGetValue("format", out string? format) || format != Format)
            throw new InvalidDataException($"{path} is not a checkpoint of this workbook. {Cure}");
        string trained = Text(file, "model", path), json = Text(file, "state", path);
        if (trained != modelName)
            throw new InvalidDataException(
                $"{path} is a checkpoint of {trained}, not of {modelName}. Give this run a folder of its own.");

        TrainingState state = ReadState(json, path);
        Dictionary<string, Tensor> targets = Named(model, average);
        foreach ((string name, Tensor value) in targets)
        {
            if (!file.Tensors.TryGetValue(name, out Tensor? saved) || !saved.shape.SequenceEqual(value.shape))
                throw new InvalidDataException(
                    $"{path} is a checkpoint of a {modelName} with other settings: its {name} does not fit. "
                    + "Give this run a folder of its own.");
        }

        WeightsFile.RequireFinite(
            path, targets.Keys.Where(name => !WeightsFile.IsFinite(file.Tensors[name], targets[name])));
        if (!file.Tensors.TryGetValue("optimizer", out Tensor? bytes) || bytes.dtype != ScalarType.Byte)
            throw new InvalidDataException($"{path} is damaged: it has no state of the optimizer. {Cure}");
        using (no_grad())
        {
            foreach ((string name, Tensor value) in targets)
                value.copy_(file.Tensors[name]);
        }

        try
        {
            // Outside any dispose scope: the optimiser keeps the tensors that it makes here.
            using var reader = new BinaryReader(new MemoryStream(bytes.data<byte>().ToArray()));
            optimizer.load_state_dict(reader);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new InvalidDataException(
                $"{path} is damaged: its state of the optimizer cannot be read ({e.Message}). {Cure}", e);
        }

        return state;
    }

    /// <summary>The weights, and their average where there is one, by their names in the file.</summary>
    private static Dictionary<string, Tensor> Named(SegmentationModel model, WeightAverage? average)
    {
        Dictionary<string, Tensor> tensors = model.state_dict().ToDictionary(
            entry => Prefix + entry.Key, entry => entry.Value);
        foreach ((string name, Tensor value) in average?.Tensors ?? new Dictionary<string, Tensor>())
            tensors[AveragePrefix + name] = value;
        return tensors;
    }

    private static TensorFile Read(string path)
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

    private static string Text(TensorFile file, string key, string path) =>
        file.Metadata.TryGetValue(key, out string? text)
        ? text
        : throw new InvalidDataException($"{path} is damaged: its metadata has no entry {key}. {Cure}");

    private static TrainingState ReadState(string json, string path)
    {
        try
        {
            TrainingState state = TrainingState.FromJson(json);
            if (state.Epoch >= 0 && state.Batch >= 0 && state.LossSums is { Length: 4 } && state.History is not null)
                return state;
            throw new InvalidDataException("a count is negative or a list is missing");
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            throw new InvalidDataException(
                $"{path} is damaged: its training state cannot be read ({e.Message}). {Cure}", e);
        }
    }
}

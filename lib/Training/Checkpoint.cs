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
    private const string Format = "c2fvl-checkpoint-1";

    private const string AveragePrefix = "average.";

    public static void Save(
        string path, string modelName, SegmentationModel model, OptimizerHelper optimizer, TrainingState state, WeightAverage? average = null)
    {
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> tensors = model.state_dict().ToDictionary(entry => "model." + entry.Key, entry => entry.Value);
        foreach ((string name, Tensor value) in average?.Tensors ?? new Dictionary<string, Tensor>())
            tensors[AveragePrefix + name] = value;
        using var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(bytes, System.Text.Encoding.UTF8, leaveOpen: true))
            optimizer.save_state_dict(writer);
        tensors["optimizer"] = tensor(bytes.ToArray(), dtype: uint8);
        Safetensors.Write(path, tensors, new Dictionary<string, string>
        {
            ["format"] = Format,
            ["model"] = modelName,
            ["state"] = state.ToJson(),
        });
    }

    /// <summary>Puts a checkpoint's weights and optimiser state back.</summary>
    /// <returns>Where the training stood.</returns>
    /// <exception cref="InvalidDataException">The file is no checkpoint, or one of another model; the message says which and the cure.</exception>
    public static TrainingState Load(
        string path, string modelName, SegmentationModel model, Func<OptimizerHelper> makeOptimizer, out OptimizerHelper optimizer, WeightAverage? average = null)
    {
        using TensorFile file = Safetensors.Read(path);
        if (!file.Metadata.TryGetValue("format", out string? format) || format != Format)
            throw new InvalidDataException($"{path} is not a checkpoint of this workbook. Delete the run's folder to train it anew.");
        if (file.Metadata["model"] != modelName)
            throw new InvalidDataException($"{path} is a checkpoint of {file.Metadata["model"]}, not of {modelName}. Give this run a folder of its own.");

        TrainingState state = TrainingState.FromJson(file.Metadata["state"]);
        using (no_grad())
        {
            foreach ((string name, Tensor value) in model.state_dict())
            {
                if (!file.Tensors.TryGetValue("model." + name, out Tensor? saved) || !saved.shape.SequenceEqual(value.shape))
                    throw new InvalidDataException($"{path} is a checkpoint of a {modelName} with other settings: its {name} does not fit. Give this run a folder of its own.");
                value.copy_(saved);
            }

            foreach ((string name, Tensor value) in average?.Tensors ?? new Dictionary<string, Tensor>())
            {
                if (!file.Tensors.TryGetValue(AveragePrefix + name, out Tensor? saved) || !saved.shape.SequenceEqual(value.shape))
                    throw new InvalidDataException($"{path} holds no average of {name}: that training did not average its weights. Give this run a folder of its own.");
                value.copy_(saved);
            }
        }

        optimizer = makeOptimizer();
        // Outside any dispose scope: the optimiser keeps the tensors that it makes here.
        using var reader = new BinaryReader(new MemoryStream(file.Tensors["optimizer"].data<byte>().ToArray()));
        optimizer.load_state_dict(reader);
        return state;
    }
}

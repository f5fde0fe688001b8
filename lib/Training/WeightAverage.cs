using C2FVL.Platform;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Training;

/// <summary>
/// The exponential moving average of a model's weights over the training steps, running statistics of normalisation
/// included: <c>average = d average + (1 - d) weights</c>, with d = min(decay, (1 + n) / (10 + n)) at step n, so that
/// the first steps are soon forgotten. What is validated, kept as the best and tested is the average.
/// </summary>
/// <remarks>
/// Polyak and Juditsky 1992 average the iterates; the warm-up of d is TensorFlow's ExponentialMovingAverage.
/// </remarks>
public sealed class WeightAverage : IDisposable
{
    private readonly double decay;
    private readonly List<(Tensor Weights, Tensor Average)> groups;
    private readonly Dictionary<string, Tensor> averages = [];

    /// <summary>Starts at the model's weights of now.</summary>
    internal WeightAverage(FlatWeights weights, double decay)
    {
        this.decay = decay;
        using IDisposable noGradient = no_grad();
        groups = [.. weights.Groups.Select(group => (group.Values, group.Values.clone().DetachFromDisposeScope()))];
        foreach ((FlatGroup group, (_, Tensor average)) in weights.Groups.Zip(groups))
        {
            foreach (FlatEntry entry in group.Entries)
                averages[entry.Name] = entry.In(average).DetachFromDisposeScope();
        }
    }

    /// <summary>The averages by name, for a checkpoint; a resumed training copies into them.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => averages;

    /// <summary>Adds the weights after a step to the average.</summary>
    /// <param name="step">The step, counted from 0.</param>
    public void Update(long step)
    {
        using IDisposable noGradient = no_grad();
        double keep = Math.Min(decay, (1.0 + step) / (10.0 + step));
        foreach ((Tensor weights, Tensor average) in groups)
        {
            if (weights.is_floating_point())
                average.lerp_(weights, 1 - keep);
            else
                average.copy_(weights); // the count of batches
        }
    }

    /// <summary>
    /// Gives the model the average, until the result is disposed: then it has its own weights again, to the bit.
    /// </summary>
    public IDisposable Lend()
    {
        Swap();
        return new AtEnd(Swap);
    }

    public void Dispose()
    {
        foreach (Tensor average in averages.Values.Concat(groups.Select(group => group.Average)))
            average.Dispose();
    }

    private void Swap()
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach ((Tensor weights, Tensor average) in groups)
        {
            Tensor own = weights.clone();
            weights.copy_(average);
            average.copy_(own);
        }
    }
}

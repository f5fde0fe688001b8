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
    private readonly Module model;
    private readonly double decay;
    private readonly Dictionary<string, Tensor> averages;

    /// <summary>Starts at the model's weights of now.</summary>
    public WeightAverage(Module model, double decay)
    {
        this.model = model;
        this.decay = decay;
        using IDisposable noGradient = no_grad();
        averages = model.state_dict().ToDictionary(
            entry => entry.Key, entry => entry.Value.detach().clone().DetachFromDisposeScope());
    }

    /// <summary>The averages by name, for a checkpoint; a resumed training copies into them.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => averages;

    /// <summary>Adds the weights after a step to the average.</summary>
    /// <param name="step">The step, counted from 0.</param>
    public void Update(long step)
    {
        using IDisposable noGradient = no_grad();
        double keep = Math.Min(decay, (1.0 + step) / (10.0 + step));
        foreach ((string name, Tensor weight) in model.state_dict())
        {
            if (weight.is_floating_point())
                averages[name].lerp_(weight, 1 - keep);
            else
                averages[name].copy_(weight); // the count of batches
        }
    }

    /// <summary>
    /// Gives the model the average, until the result is disposed: then it has its own weights again, to the bit.
    /// </summary>
    public IDisposable Lend()
    {
        Swap();
        return new Loan(this);
    }

    public void Dispose()
    {
        foreach (Tensor average in averages.Values)
            average.Dispose();
    }

    private void Swap()
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, Tensor weight) in model.state_dict())
        {
            Tensor own = weight.detach().clone();
            weight.copy_(averages[name]);
            averages[name].copy_(own);
        }
    }

    private sealed class Loan(WeightAverage average) : IDisposable
    {
        public void Dispose() => average.Swap();
    }
}

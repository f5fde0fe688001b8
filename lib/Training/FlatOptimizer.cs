using C2FVL.Platform;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace C2FVL.Training;

/// <summary>
/// TorchSharp's optimizer on long tensors: all trained parameters of a <see cref="FlatGroup"/> are one parameter to it,
/// and their gradients views of its gradient. It computes the same for each 32-bit number. A parameter that the loss
/// does not reach has a gradient of zeros. Without <see cref="FastPaths"/>, it steps parameter by parameter.
/// </summary>
internal sealed class FlatOptimizer : IDisposable
{
    private readonly Parameter[] own; // the model's
    private readonly List<Parameter> flat = []; // none without the fast paths

    /// <param name="weights">The model's weights.</param>
    /// <param name="create">Makes the optimizer of the parameters that it is given.</param>
    public FlatOptimizer(FlatWeights weights, Func<IEnumerable<Parameter>, OptimizerHelper> create)
    {
        using DisposeScope scope = NewDisposeScope();
        FlatGroup[] trained = [.. weights.Groups.Where(group => group.IsTrained)];
        own = [.. trained.SelectMany(group => group.Entries).DistinctBy(entry => entry.Tensor.Handle)
            .Select(entry => (Parameter)entry.Tensor)];
        foreach (FlatGroup group in FastPaths.On ? trained : [])
        {
            var all = new Parameter(group.Values.detach());
            all.grad = zeros_like(all);
            foreach (FlatEntry entry in group.Entries)
                entry.Tensor.grad = entry.In(all.grad);
            _ = all.DetachFromDisposeScope();
            flat.Add(all);
        }

        Inner = create(flat.Count > 0 ? flat : own);
    }

    /// <summary>TorchSharp's own, whose state a checkpoint holds.</summary>
    public OptimizerHelper Inner { get; }

    public void ZeroGrad()
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (Parameter all in flat)
            all.grad!.zero_();
        if (flat.Count == 0)
            ClearGradients();
    }

    /// <param name="rate">The learning rate.</param>
    /// <param name="clip">The largest L2 norm of all gradients together; null for no limit.</param>
    public void Step(double rate, double? clip)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        if (clip is double most)
            nn.utils.clip_grad_norm_(own, most);
        foreach (optim.ILearningRateController group in Inner.ParamGroups)
            group.LearningRate = rate;
        Inner.step();
    }

    public void Dispose()
    {
        Inner.Dispose();
        ClearGradients();
        flat.ForEach(all => all.Dispose());
    }

    private void ClearGradients()
    {
        foreach (Parameter parameter in own)
            parameter.grad = null;
    }
}

using C2FVL.Platform;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace C2FVL.Training;

/// <summary>
/// TorchSharp's optimizer on long tensors: neighbouring parameters of <see cref="FlatWeights"/> are one parameter to
/// it. It computes the same for each 32-bit number. A parameter without a gradient stays as it is. Without
/// <see cref="FastPaths"/>, it steps parameter by parameter.
/// </summary>
internal sealed class FlatOptimizer : IDisposable
{
    private readonly (FlatGroup Group, FlatEntry Entry, OptimizerState State)[] parameters;
    private readonly Func<IEnumerable<Parameter>, OptimizerHelper> create;
    private readonly OptimizerHelper byParameter;
    private List<Stretch> stretches = [];
    private OptimizerHelper? flat; // made at the first step, which shows what has a gradient

    /// <param name="weights">The model's weights.</param>
    /// <param name="create">Makes the optimizer of the parameters that it is given.</param>
    public FlatOptimizer(FlatWeights weights, Func<IEnumerable<Parameter>, OptimizerHelper> create)
    {
        this.create = create;
        (FlatGroup Group, FlatEntry Entry)[] trained = [
            .. from g in weights.Groups where g.IsTrained
               from entry in g.Entries.DistinctBy(entry => entry.Start) select (g, entry)];
        byParameter = create(trained.Select(p => (Parameter)p.Entry.Tensor));
        parameters = [
            .. trained.Zip(byParameter.state_dict().State, (p, state) => (p.Group, p.Entry, state))];
    }

    /// <summary>
    /// The optimizer with a state for each parameter: how checkpoints hold it. What is loaded into it counts before
    /// the first step.
    /// </summary>
    public OptimizerHelper ByParameter()
    {
        Share();
        return byParameter;
    }

    public void ZeroGrad()
    {
        foreach ((_, FlatEntry entry, _) in parameters)
            entry.Tensor.grad = null;
    }

    /// <param name="rate">The learning rate.</param>
    /// <param name="clip">The largest L2 norm of all gradients together; null for no limit.</param>
    public void Step(double rate, double? clip)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        if (clip is double most)
            nn.utils.clip_grad_norm_(parameters.Select(p => (Parameter)p.Entry.Tensor), most);
        foreach (optim.ILearningRateController group in byParameter.ParamGroups)
            group.LearningRate = rate;
        if (!FastPaths.On)
        {
            Share();
            Forget();
            byParameter.step();
            return;
        }

        Tensor?[] gradients = [.. parameters.Select(p => p.Entry.Tensor.grad)];
        if (flat is null || !stretches.SelectMany(s => s.Members).SequenceEqual(WithGradient(gradients)))
            Arrange(gradients);
        foreach (Stretch stretch in stretches)
        {
            foreach (int i in stretch.Members)
                stretch.Gradients[i - stretch.Members[0]].copy_(gradients[i]!);
        }

        foreach (optim.ILearningRateController group in flat!.ParamGroups)
            group.LearningRate = rate;
        flat.step();
    }

    public void Dispose()
    {
        Forget();
        byParameter.Dispose();
    }

    private static IEnumerable<int> WithGradient(Tensor?[] gradients) =>
        Enumerable.Range(0, gradients.Length).Where(i => gradients[i] is not null);

    /// <summary>Cuts the parameters into stretches that lie side by side and have the same past.</summary>
    private void Arrange(Tensor?[] gradients)
    {
        Share();
        Forget();
        List<List<int>> lists = [];
        foreach (int i in WithGradient(gradients))
        {
            bool follows = lists.Count > 0 && lists[^1][^1] == i - 1 && parameters[i - 1].Group == parameters[i].Group
                && Age(parameters[i - 1].State) == Age(parameters[i].State);
            if (!follows)
                lists.Add([]);
            lists[^1].Add(i);
        }

        stretches = [.. lists.Select(members => new Stretch(members, parameters[members[0]].Group, [
            .. members.Select(i => parameters[i].Entry)]))];
        flat = create(stretches.Select(s => s.Values));
        foreach ((Stretch stretch, OptimizerState all) in stretches.Zip(flat.state_dict().State))
        {
            stretch.State = all;
            OptimizerState[] states = [.. stretch.Members.Select(i => parameters[i].State)];
            switch (all)
            {
                case Adam.State adam:
                    adam.step = ((Adam.State)states[0]).step;
                    Join(adam.exp_avg, states.Select(s => ((Adam.State)s).exp_avg));
                    Join(adam.exp_avg_sq, states.Select(s => ((Adam.State)s).exp_avg_sq));
                    break;
                case AdamW.State adam:
                    adam.step = ((AdamW.State)states[0]).step;
                    Join(adam.exp_avg, states.Select(s => ((AdamW.State)s).exp_avg));
                    Join(adam.exp_avg_sq, states.Select(s => ((AdamW.State)s).exp_avg_sq));
                    break;
                case SGD.State sgd when Age(states[0]) > 0:
                    sgd.momentum_buffer = empty_like(stretch.Values).DetachFromDisposeScope();
                    Join(sgd.momentum_buffer, states.Select(s => ((SGD.State)s).momentum_buffer));
                    break;
            }
        }

        Share();

        static void Join(Tensor all, IEnumerable<Tensor> parts) =>
            all.copy_(cat([.. parts.Select(part => part.reshape(-1))]));
    }

    /// <summary>How many steps a state has seen; of SGD's only whether it has seen one.</summary>
    private static long Age(OptimizerState state) => state switch
    {
        Adam.State adam => adam.step,
        AdamW.State adam => adam.step,
        _ => ((SGD.State)state).momentum_buffer is null ? 0 : 1,
    };

    /// <summary>Makes the states of the parameters views of the stretches'.</summary>
    private void Share()
    {
        foreach (Stretch stretch in stretches)
        {
            foreach (int i in stretch.Members)
            {
                (_, FlatEntry entry, OptimizerState state) = parameters[i];
                switch (stretch.State, state)
                {
                    case (Adam.State all, Adam.State own):
                        own.step = all.step;
                        own.exp_avg = View(own.exp_avg, all.exp_avg);
                        own.exp_avg_sq = View(own.exp_avg_sq, all.exp_avg_sq);
                        break;
                    case (AdamW.State all, AdamW.State own):
                        own.step = all.step;
                        own.exp_avg = View(own.exp_avg, all.exp_avg);
                        own.exp_avg_sq = View(own.exp_avg_sq, all.exp_avg_sq);
                        break;
                    case (SGD.State { momentum_buffer: not null } all, SGD.State own):
                        own.momentum_buffer = View(own.momentum_buffer, all.momentum_buffer);
                        break;
                }

                Tensor View(Tensor? before, Tensor whole)
                {
                    before?.Dispose();
                    return entry.In(whole, stretch.Start).DetachFromDisposeScope();
                }
            }
        }
    }

    private void Forget()
    {
        flat?.Dispose();
        flat = null;
        stretches.ForEach(stretch => stretch.Dispose());
        stretches = [];
    }

    /// <summary>Parameters that lie side by side, by their places in the list, as one.</summary>
    private sealed class Stretch : IDisposable
    {
        public Stretch(IReadOnlyList<int> members, FlatGroup group, IReadOnlyList<FlatEntry> entries)
        {
            (Members, Start) = (members, entries[0].Start);
            long count = entries.Sum(entry => entry.Count);
            Values = new Parameter(group.Values.narrow(0, Start, count));
            _ = Values.DetachFromDisposeScope();
            Gradient = zeros_like(Values).DetachFromDisposeScope();
            Gradients = [.. entries.Select(entry => entry.In(Gradient, Start).DetachFromDisposeScope())];
            Values.grad = Gradient;
        }

        public IReadOnlyList<int> Members { get; }

        /// <summary>Where it begins in its group.</summary>
        public long Start { get; }

        public Parameter Values { get; }

        public Tensor Gradient { get; }

        /// <summary>The views of <see cref="Gradient"/>, one for each member.</summary>
        public IReadOnlyList<Tensor> Gradients { get; }

        public OptimizerState? State { get; set; }

        public void Dispose()
        {
            foreach (Tensor gradient in Gradients)
                gradient.Dispose();
            Gradient.Dispose();
            Values.Dispose();
        }
    }
}

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
        foreach ((Tensor view, int i) in stretches.SelectMany(s => s.Gradients.Zip(s.Members)))
            view.copy_(gradients[i]!);
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
            if (follows)
                lists[^1].Add(i);
            else
                lists.Add([i]);
        }

        stretches = [.. lists.Select(members => new Stretch(members, parameters[members[0]].Group, [
            .. members.Select(i => parameters[i].Entry)]))];
        flat = create(stretches.Select(s => s.Values));
        foreach ((Stretch stretch, OptimizerState all) in stretches.Zip(flat.state_dict().State))
        {
            stretch.State = all;
            OptimizerState[] states = [.. stretch.Members.Select(i => parameters[i].State)];
            Tensor?[][] parts = [.. states.Select(Moments)];
            if (parts[0][0] is not null)
                Set(all, Age(states[0]), k => cat([.. parts.Select(part => part[k]!.reshape(-1))]));
        }

        Share();
    }

    /// <summary>Makes the states of the parameters views of the stretches'.</summary>
    private void Share()
    {
        foreach (Stretch stretch in stretches)
        {
            Tensor?[] all = Moments(stretch.State!);
            foreach (int i in all[0] is null ? [] : stretch.Members)
                Set(parameters[i].State, Age(stretch.State!), k => parameters[i].Entry.In(all[k]!, stretch.Start));
        }
    }

    private void Forget()
    {
        flat?.Dispose();
        flat = null;
        stretches.ForEach(stretch => stretch.Dispose());
        stretches = [];
    }

    /// <summary>How many steps a state has seen; of SGD's only whether it has seen one.</summary>
    private static long Age(OptimizerState state) => state switch
    {
        Adam.State adam => adam.step,
        AdamW.State adam => adam.step,
        _ => Moments(state)[0] is null ? 0 : 1,
    };

    /// <summary>The tensors of a state; SGD's is null before its first step.</summary>
    private static Tensor?[] Moments(OptimizerState state) => state switch
    {
        Adam.State adam => [adam.exp_avg, adam.exp_avg_sq],
        AdamW.State adam => [adam.exp_avg, adam.exp_avg_sq],
        _ => [((SGD.State)state).momentum_buffer],
    };

    /// <summary>Puts other tensors, which no dispose scope frees, in the place of a state's.</summary>
    private static void Set(OptimizerState state, long age, Func<int, Tensor> make)
    {
        Tensor?[] before = Moments(state);
        Tensor[] after = [.. before.Select((_, k) => make(k).DetachFromDisposeScope())];
        switch (state)
        {
            case Adam.State adam:
                (adam.step, adam.exp_avg, adam.exp_avg_sq) = (age, after[0], after[1]);
                break;
            case AdamW.State adam:
                (adam.step, adam.exp_avg, adam.exp_avg_sq) = (age, after[0], after[1]);
                break;
            default:
                ((SGD.State)state).momentum_buffer = after[0];
                break;
        }

        foreach (Tensor? moment in before)
            moment?.Dispose();
    }

    /// <summary>Parameters that lie side by side, by their places in the list, as one.</summary>
    private sealed class Stretch : IDisposable
    {
        public Stretch(IReadOnlyList<int> members, FlatGroup group, IReadOnlyList<FlatEntry> entries)
        {
            (Members, Start) = (members, entries[0].Start);
            Values = new Parameter(group.Values.narrow(0, Start, entries.Sum(entry => entry.Count)));
            _ = Values.DetachFromDisposeScope();
            using Tensor gradient = zeros_like(Values);
            Gradients = [.. entries.Select(entry => entry.In(gradient, Start).DetachFromDisposeScope())];
            Values.grad = gradient;
        }

        public IReadOnlyList<int> Members { get; }

        /// <summary>Where it begins in its group.</summary>
        public long Start { get; }

        public Parameter Values { get; }

        /// <summary>The views of its gradient, one for each member.</summary>
        public IReadOnlyList<Tensor> Gradients { get; }

        public OptimizerState? State { get; set; }

        public void Dispose()
        {
            foreach (Tensor gradient in Gradients)
                gradient.Dispose();
            Values.Dispose();
        }
    }
}

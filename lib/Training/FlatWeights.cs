using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace C2FVL.Training;

/// <summary>
/// The weights and statistics of a model as views of a few long tensors, one for each type and device of the trained
/// parameters and of all else. What treats every number alike, such as Adam and a moving average, then needs one call
/// in place of hundreds; a small network spends a sixth of its step on those.
/// </summary>
/// <remarks>
/// The model keeps its tensors, names and shapes: only their memory moves. Values must be copied into them from then
/// on; <c>module.to</c> makes new memory and ends the tie.
/// </remarks>
internal sealed class FlatWeights : IDisposable
{
    /// <param name="model">The model, on its device.</param>
    /// <param name="multiple">Of which number each tensor's start is a multiple; null for the device's own.</param>
    public FlatWeights(nn.Module model, long? multiple = null)
    {
        using IDisposable noGradient = no_grad();
        Groups = [.. model.state_dict()
            .GroupBy(entry => (entry.Value.dtype, $"{entry.Value.device}", IsTrained: IsTrained(entry.Value)))
            .Select(group => new FlatGroup([.. group], group.Key.IsTrained, multiple))];
    }

    public IReadOnlyList<FlatGroup> Groups { get; }

    /// <summary>The long tensors' handles alone: the model's views keep the memory.</summary>
    public void Dispose()
    {
        foreach (FlatGroup group in Groups)
            group.Values.Dispose();
    }

    private static bool IsTrained(Tensor tensor) => tensor is Parameter && tensor.requires_grad;
}

/// <summary>Tensors of one type on one device that lie side by side in one long tensor.</summary>
internal sealed class FlatGroup
{
    /// <summary>
    /// On a GPU each tensor begins at a multiple of so many numbers, with zeros up to the next: its kernels read 16
    /// bytes at a time and fail with "misaligned address" elsewhere. The CPU needs no gaps.
    /// </summary>
    private const long DeviceStep = 64;

    /// <param name="entries">The tensors by name; a shared one may stand under several.</param>
    /// <param name="isTrained">Whether they are parameters that an optimiser steps.</param>
    /// <param name="multiple">Of which number each tensor's start is a multiple; null for the device's own.</param>
    public FlatGroup(IReadOnlyList<KeyValuePair<string, Tensor>> entries, bool isTrained, long? multiple)
    {
        IsTrained = isTrained;
        Tensor[] members = [.. entries.Select(entry => entry.Value).DistinctBy(tensor => tensor.Handle)];
        var starts = new Dictionary<nint, long>();
        var parts = new List<Tensor>();
        long length = 0, step = multiple ?? (members[0].device_type == DeviceType.CPU ? 1 : DeviceStep);
        using DisposeScope scope = NewDisposeScope();
        foreach (Tensor tensor in members)
        {
            starts[tensor.Handle] = length;
            parts.Add(tensor.detach().reshape(-1));
            length += tensor.numel();
            if (length % step == 0)
                continue;
            long gap = step - (length % step);
            parts.Add(tensor.new_zeros(gap));
            length += gap;
        }

        Values = cat(parts).DetachFromDisposeScope();
        Entries = [.. entries.Select(entry => new FlatEntry(entry.Key, entry.Value, starts[entry.Value.Handle]))];
        foreach (FlatEntry entry in Entries)
            entry.Tensor.set_(entry.In(Values));
    }

    /// <summary>All numbers, (N); on a GPU with zeros in the gaps.</summary>
    public Tensor Values { get; }

    public IReadOnlyList<FlatEntry> Entries { get; }

    public bool IsTrained { get; }
}

/// <summary>A tensor of a <see cref="FlatGroup"/>.</summary>
/// <param name="Name">The name in the model.</param>
/// <param name="Tensor">The model's own.</param>
/// <param name="Start">Where its numbers begin in the long tensor.</param>
internal sealed record FlatEntry(string Name, Tensor Tensor, long Start)
{
    /// <summary>The view of this tensor's numbers in another long tensor of the same order.</summary>
    /// <param name="all">(N).</param>
    public Tensor In(Tensor all)
    {
        using Tensor own = all.narrow(0, Start, Tensor.numel());
        return own.view(Tensor.shape);
    }
}

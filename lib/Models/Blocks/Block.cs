using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// A part of a network that makes one tensor of another. What a pass makes on its way is freed at its end, but for the
/// result and what the backward pass needs.
/// </summary>
/// <remarks>
/// A block is a primary constructor, a field with its layer for each name in a weights file, and
/// <see cref="Compute"/>. C# makes the layers of field initialisers, in their order, before it calls this
/// constructor; it registers them by their names.
/// </remarks>
public abstract class Block : Module<Tensor, Tensor>
{
    protected Block(string name)
        : base(name) => RegisterComponents();

    public sealed override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        return Compute(x).MoveToOuterDisposeScope();
    }

    /// <summary>The block's result: a new tensor, not its input.</summary>
    protected abstract Tensor Compute(Tensor x);
}

/// <summary>The same of two tensors, such as a map and a skip.</summary>
/// <typeparam name="TSecond">Tensor, or Tensor? where the second may be missing.</typeparam>
public abstract class Block<TSecond> : Module<Tensor, TSecond, Tensor>
{
    /// <inheritdoc cref="Block(string)"/>
    protected Block(string name)
        : base(name) => RegisterComponents();

    public sealed override Tensor forward(Tensor x, TSecond second)
    {
        using DisposeScope scope = NewDisposeScope();
        return Compute(x, second).MoveToOuterDisposeScope();
    }

    /// <inheritdoc cref="Block.Compute"/>
    protected abstract Tensor Compute(Tensor x, TSecond second);
}

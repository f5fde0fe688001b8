using C2FVL.Data;
using C2FVL.Platform;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Models;

/// <summary>
/// The one interface of all ten methods: <c>call(image, text)</c>, with image (B, 3, S, S) in 0 to 1 and text (B, 8),
/// a row of NaN for a missing report. A model without text ignores the second.
/// </summary>
public abstract class SegmentationModel : nn.Module<Tensor, Tensor, ModelOutput>
{
    protected SegmentationModel(string name)
        : base(name)
    {
        TorchLibrary.EnsureLoaded(); // it sees to it that convolutions are right
    }

    /// <summary>Whether the report changes the output.</summary>
    public abstract bool UsesText { get; }

    /// <summary>
    /// The layers whose CAMs are worth a look, coarse to fine, as names in <c>named_modules()</c>; their outputs are
    /// maps (B, C, h, w), or tokens (B, h*w, C) of a square map.
    /// </summary>
    public abstract IReadOnlyList<string> CamLayers { get; }

    /// <summary>
    /// The loss of a stage of pretraining before segmentation (GLoRIA's contrastive alignment), a scalar; null where
    /// the method has none.
    /// </summary>
    public virtual Tensor? PretrainingLoss(Tensor image, Tensor text) => null;

    /// <summary>
    /// Whether the method's released code saves a weight of this name that its model never uses, so that a checkpoint
    /// of it may hold one that this model lacks.
    /// </summary>
    public virtual bool IsUnused(string name) => false;

    /// <summary>The number of trainable parameters.</summary>
    public long ParameterCount => parameters().Where(p => p.requires_grad).Sum(p => p.numel());
}

/// <summary>A model made from a record of settings.</summary>
public abstract class SegmentationModel<TSettings> : SegmentationModel
    where TSettings : ModelSettings
{
    /// <exception cref="ArgumentException">A setting is out of its range, or the settings are of an earlier form; the
    /// message says which.</exception>
    protected SegmentationModel(TSettings settings)
        : base(settings.Name)
    {
        settings.Validate();
        if (settings.IsRetired)
            throw new ArgumentException($"This spec describes an earlier form of {settings.Name}, which the library no "
                + "longer has. Take the model of today's preset.");
        Settings = settings;
    }

    /// <summary>What the model was made from.</summary>
    public TSettings Settings { get; }

    public override bool UsesText => Settings.ReadsText;

    /// <summary>Whether the text must have the shape (B, 8), although it may not change the output.</summary>
    protected virtual bool TakesText => UsesText;

    public sealed override ModelOutput forward(Tensor image, Tensor text)
    {
        RequireShapes(image, text);
        using DisposeScope scope = NewDisposeScope();
        return Segment(image, text).Select(tensor => tensor.MoveToOuterDisposeScope());
    }

    /// <summary>The forward pass; what it does not return is disposed.</summary>
    /// <param name="image">(B, 3, S, S).</param>
    /// <param name="text">(B, 8).</param>
    protected abstract ModelOutput Segment(Tensor image, Tensor text);

    /// <summary>Throws unless a batch has the shapes that the model takes.</summary>
    protected void RequireShapes(Tensor image, Tensor text)
    {
        int side = Settings.ImageSize;
        if (image.dim() != 4 || image.shape[1] != 3 || image.shape[2] != side || image.shape[3] != side)
            throw new ArgumentException($"{Settings.Name} takes images of shape (B, 3, {side}, {side}), not "
                + $"({string.Join(", ", image.shape)}).");
        if (TakesText && !text.shape.SequenceEqual([image.shape[0], TextVector.Length]))
            throw new ArgumentException(
                $"{Settings.Name} takes text of shape ({image.shape[0]}, {TextVector.Length}), one row per image, not "
                    + $"({string.Join(", ", text.shape)}).");
    }
}

/// <summary>What every segmentation model returns.</summary>
/// <param name="Logits">The mask before the sigmoid, shape (B, 1, S, S).</param>
public sealed record ModelOutput(Tensor Logits)
{
    /// <summary>The lesion's probability at each pixel, 0 to 1, shape (B, 1, S, S).</summary>
    public Tensor Probability => Logits.sigmoid();

    /// <summary>
    /// C2FVL's alignment maps of its VLAB layers 1 to 4, each (B, 1, h, w) at its layer's own size, before upsampling;
    /// empty for models without.
    /// </summary>
    public IReadOnlyList<Tensor> AlignmentMaps { get; init; } = [];

    /// <summary>
    /// Coarser mask logits for deep supervision, each (B, 1, h, w), finest first, the final one not among them; empty
    /// for models without and outside training.
    /// </summary>
    public IReadOnlyList<Tensor> DeepLogits { get; init; } = [];

    /// <summary>
    /// A loss term of the model's own (such as TGANet's label heads), a scalar that is added as it is; null for none.
    /// </summary>
    public Tensor? AuxiliaryLoss { get; init; }

    /// <summary>The same with another tensor in the place of each.</summary>
    internal ModelOutput Select(Func<Tensor, Tensor> change) => new(change(Logits))
    {
        AlignmentMaps = [.. AlignmentMaps.Select(change)],
        DeepLogits = [.. DeepLogits.Select(change)],
        AuxiliaryLoss = AuxiliaryLoss is null ? null : change(AuxiliaryLoss),
    };
}

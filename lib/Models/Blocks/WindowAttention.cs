using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// Multi-head self-attention inside windows, with a learned bias for each offset of two tokens: Swin Transformer's
/// Eq. 4, <c>softmax(q kᵀ / √d + b) v</c>, b plus the mask where windows are shifted. (B W, N, C) to (B W, N, C), W
/// windows an image and N = m² tokens a window.
/// </summary>
public sealed class WindowAttention : Module<Tensor, Tensor>
{
    private readonly Linear qkv;
    private readonly Linear proj;
    private readonly Parameter biases; // ((2m - 1)², heads)
    private readonly Tensor positions; // (N N)
    private readonly Tensor? mask; // (W, 1, N, N)
    private readonly int heads;

    /// <param name="channels">Channels of a token, a multiple of <paramref name="heads"/>.</param>
    /// <param name="heads">Number of heads.</param>
    /// <param name="window">The window's side m.</param>
    /// <param name="side">The map's side, a multiple of <paramref name="window"/>.</param>
    /// <param name="shift">By how many tokens the map was rolled before it was cut, 0 to below <paramref name="window"/>.</param>
    public WindowAttention(long channels, int heads, int window, int side, int shift)
        : base(nameof(WindowAttention))
    {
        this.heads = heads;
        qkv = Linear(channels, 3 * channels);
        proj = Linear(channels, channels);
        int offsets = (2 * window) - 1;
        biases = Parameter(zeros(offsets * offsets, heads));
        positions = AttentionWindows.RelativePositions(window);
        mask = shift == 0 ? null : AttentionWindows.ShiftMask(side, window, shift).unsqueeze_(1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor windows)
    {
        using DisposeScope scope = NewDisposeScope();
        long all = windows.shape[0], n = windows.shape[1], channels = windows.shape[2];
        long perHead = channels / heads; // d
        Tensor[] parts = qkv.call(windows)
            .reshape(all, n, 3, heads, perHead)
            .permute(2, 0, 3, 1, 4)
            .unbind(0); // three of (B W, heads, N, d)
        Tensor scores = (parts[0] * (1 / Math.Sqrt(perHead))).matmul(parts[1].transpose(2, 3)); // (B W, heads, N, N)

        Tensor bias = biases.index_select(0, positions).reshape(n, n, heads).permute(2, 0, 1); // (heads, N, N)
        scores = mask is null
            ? scores + bias
            : (scores.reshape(-1, mask.shape[0], heads, n, n) + (bias + mask)).reshape(all, heads, n, n);
        Tensor x = scores.softmax(-1).matmul(parts[2]).transpose(1, 2).reshape(all, n, channels);
        return proj.call(x).MoveToOuterDisposeScope();
    }
}

using C2FVL.Models.Blocks;
using C2FVL.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Models.Blocks;

[Collection(nameof(SeededTorch))]
public sealed class WindowAttentionTests
{
    [Fact]
    public void WithoutBiasAndShiftItIsSelfAttentionInEachWindow()
    {
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        var windows = new AttentionWindows(Side: 6, Window: 3, Shift: 0);
        using var inWindows = new SelfAttention(8, heads: 2, windows);
        using var plain = new SelfAttention(8, heads: 2);
        Dictionary<string, Tensor> from = inWindows.state_dict();
        foreach ((string name, Tensor weight) in plain.state_dict())
            weight.copy_(from[name]);

        Tensor tokens = randn(2, 36, 8);
        Assert.True(inWindows.call(tokens).allclose(windows.Join(plain.call(windows.Cut(tokens))), atol: 1e-6));
    }

    /// <summary>Eq. 4's bias: where that of "one row below" towers over all, each token takes the value of the one above it.</summary>
    [Fact]
    public void ABiasSpeaksForItsOffset()
    {
        const int Window = 3;
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        using var attention = new SelfAttention(4, heads: 1, new AttentionWindows(Window, Window, Shift: 0));
        Dictionary<string, Tensor> state = attention.state_dict();
        state["biases"][(Window * 5) + Window - 1, 0] = tensor(1000f); // the offset (1, 0): row m, column m - 1 of (2m - 1) x (2m - 1)

        Tensor tokens = randn(1, Window * Window, 4);
        Tensor values = tokens.matmul(state["qkv.weight"].narrow(0, 8, 4).t()) + state["qkv.bias"].narrow(0, 8, 4);
        Tensor projected = values.matmul(state["proj.weight"].t()) + state["proj.bias"];
        Tensor output = attention.call(tokens);
        Assert.True(output.narrow(1, Window, 2 * Window).allclose(projected.narrow(1, 0, 2 * Window), atol: 1e-5));
    }
}

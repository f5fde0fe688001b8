using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// The contrastive loss between the images and the reports of a batch, both ways, with soft targets: an image belongs
/// to all reports that say what its own says, in equal parts, and a report to all their images.
/// <code>
/// y_ik = 1 / n_i where report k says what report i says, n_i of them; else 0
/// L = mean over i of KL(y_i || softmax_k(s_ik))  +  mean over k of KL(y_k || softmax_i(s_ik))
/// </code>
/// </summary>
/// <remarks>
/// A few dozen sentences describe thousands of images, so a batch often holds a sentence twice; the usual target, the
/// image's own report and no other, would call its twin wrong. The loss is 0 where the scores are all that the reports
/// allow. As long as equal reports get equal scores, as from a text encoder without noise, the usual target has the
/// same gradient and only a wrong value; the soft one is right in any case. A missing report is in no pair: it is
/// neither right nor wrong for any image.
/// </remarks>
public static class SoftContrast
{
    /// <summary>Takes a pair out of a softmax, yet leaves it finite.</summary>
    private const float Never = -1e4f;

    /// <summary>The loss, a scalar, 0 or more; 0 where no report is known.</summary>
    /// <param name="scores">(B, B): how well image i (row) and report k (column) fit, any range far above -1e4.</param>
    /// <param name="areSame">(B, B), bool, symmetric: whether reports i and k say the same.</param>
    /// <param name="isKnown">(B), bool: whether a case has a report.</param>
    public static Tensor Compute(Tensor scores, Tensor areSame, Tensor isKnown)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor isPair = areSame.logical_and(isKnown.unsqueeze(0)).logical_and(isKnown.unsqueeze(1));
        Tensor parts = isPair.sum(1, keepdim: true).clamp_min(1).to(scores.dtype); // (B, 1)
        Tensor target = isPair.to(scores.dtype) / parts;
        Tensor cases = isKnown.sum().clamp_min(1);
        return ((OneWay(scores) + OneWay(scores.transpose(0, 1))) / cases).MoveToOuterDisposeScope();

        // The divergence is the cross entropy less the target's own entropy, which is ln n.
        Tensor OneWay(Tensor s)
        {
            Tensor logProbability = functional.log_softmax(s.masked_fill(isKnown.logical_not().unsqueeze(0), Never), 1);
            return -(target * logProbability).sum() - (parts.log().squeeze(1) * isKnown).sum();
        }
    }
}

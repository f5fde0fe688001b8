using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace C2FVL.Models.Blocks;

/// <summary>
/// The contrastive loss between the images and the reports of a batch, in both directions, with soft targets: an image
/// belongs in equal parts to all reports that equal its own, and a report to all their images.
/// <code>
/// y_ik = 1 / n_i if report k equals report i (n_i reports do); else 0
/// L = mean over i of KL(y_i || softmax_k(s_ik))  +  mean over k of KL(y_k || softmax_i(s_ik))
/// </code>
/// </summary>
/// <remarks>
/// A few dozen sentences describe thousands of images, so a batch often contains a sentence twice. The usual target
/// accepts only the image's own report and would count an equal one as wrong. The loss is 0 if the scores are the best
/// that the reports allow. If equal reports get equal scores, as from a text encoder without noise, the usual target
/// has the same gradient and only its value is wrong; the soft target is right in any case. A missing report is in no
/// pair: it is neither right nor wrong for any image.
/// </remarks>
public static class SoftContrast
{
    /// <summary>Removes a pair from a softmax and keeps it finite.</summary>
    private const float Never = -1e4f;

    /// <summary>The loss, a scalar, 0 or more; 0 if no report is known.</summary>
    /// <param name="scores">(B, B): how well image i (row) and report k (column) match; far above -1e4.</param>
    /// <param name="areSame">(B, B), bool, symmetric: whether reports i and k are equal.</param>
    /// <param name="isKnown">(B), bool: whether a case has a report.</param>
    public static Tensor Compute(Tensor scores, Tensor areSame, Tensor isKnown)
    {
        Tensor isPair = areSame.logical_and(isKnown.unsqueeze(0)).logical_and(isKnown.unsqueeze(1));
        Tensor parts = isPair.sum(1, keepdim: true).clamp_min(1).to(scores.dtype); // (B, 1)
        Tensor target = isPair.to(scores.dtype) / parts;
        Tensor cases = isKnown.sum().clamp_min(1);
        return (OneWay(scores) + OneWay(scores.transpose(0, 1))) / cases;

        // The divergence is the cross entropy less the target's own entropy, which is ln n.
        Tensor OneWay(Tensor s)
        {
            Tensor logProbability = functional.log_softmax(s.masked_fill(isKnown.logical_not().unsqueeze(0), Never), 1);
            return -(target * logProbability).sum() - (parts.log().squeeze(1) * isKnown).sum();
        }
    }
}

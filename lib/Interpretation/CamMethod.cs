namespace C2FVL.Interpretation;

/// <summary>
/// How a layer's maps become one. A is the layer's output, (C, h, w); y the sum of the mask's logits over the pixel
/// set; G = dy/dA, of A's shape.
/// </summary>
public enum CamMethod
{
    /// <summary>
    /// Grad-CAM (Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization",
    /// ICCV 2017, Eq. 1-2): one weight a channel, its mean gradient.
    /// <code>
    /// w_c = mean over ij of G_cij
    /// CAM = ReLU(sum over c of w_c A_c)
    /// </code>
    /// </summary>
    GradCam,

    /// <summary>
    /// Grad-CAM++ (Chattopadhay et al., "Grad-CAM++: Generalized Gradient-Based Visual Explanations for Deep
    /// Convolutional Networks", WACV 2018, Eq. 10-19), with the paper's score Y = exp(y), whose higher derivatives are
    /// powers of G: places count by themselves, so several lesions of different size each keep their weight.
    /// <code>
    /// a_cij = G_cij² / (2 G_cij² + (sum over ij of A_cij) G_cij³)      0 where the lower side is 0
    /// w_c   = sum over ij of a_cij ReLU(G_cij)
    /// CAM   = ReLU(sum over c of w_c A_c)
    /// </code>
    /// The factor exp(y) of all weights is left out: it changes no picture, and it overflows for a sum over a lesion.
    /// The weights assume maps that are not negative, as they are behind a ReLU.
    /// </summary>
    GradCamPlusPlus,

    /// <summary>
    /// HiResCAM (Draelos and Carin, "Use HiResCAM instead of Grad-CAM for faithful explanations of convolutional neural
    /// networks", 2020): each place keeps its own gradient, so a place that y does not depend on stays dark.
    /// <code>
    /// CAM = ReLU(sum over c of G_c A_c)
    /// </code>
    /// </summary>
    HiResCam,
}

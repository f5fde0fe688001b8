namespace C2FVL.Data;

/// <summary>A pair of folders in a layout: images, and the masks that belong to them.</summary>
/// <param name="Images">The folder of images, relative to the data set's; "" is the data set's own.</param>
/// <param name="Masks">The folder of masks; the same as <paramref name="Images"/> where masks are told by their names alone.</param>
/// <param name="Part">The part that the folder stands for; null for none.</param>
/// <param name="Sheets">Files of reports that the layout names, relative to the data set's folder; those that are there are read.</param>
internal sealed record LayoutPart(string Images, string Masks, Part? Part = null, params string[] Sheets)
{
    /// <summary>Whether images and masks lie in one folder.</summary>
    public bool IsFlat => this.Images == this.Masks;
}

namespace C2FVL.Data;

/// <summary>What a radiologist's sentence says of the lesions in one image.</summary>
/// <param name="Bilateral">Whether both lungs are infected.</param>
/// <param name="Areas">The number of infected areas, 0 or more.</param>
/// <param name="Zones">The zones named, picture side.</param>
public sealed partial record LesionReport(bool Bilateral, int Areas, Zones Zones)
{
    /// <summary>
    /// The paper's text vector: [bilateral, areas, left upper, left middle, left lower, right upper, right middle,
    /// right lower], shape (8).
    /// </summary>
    public float[] ToVector()
    {
        var vector = new float[TextVector.Length];
        vector[0] = this.Bilateral ? 1 : 0;
        vector[1] = this.Areas;
        for (int zone = 0; zone < 6; zone++)
            vector[2 + zone] = ((int)this.Zones >> zone) & 1;
        return vector;
    }
}

namespace C2FVL.Workbook.Notebooks;

/// <summary>Shows how far a run is.</summary>
internal interface IRunDisplay
{
    /// <param name="notebook">The notebook's name.</param>
    /// <param name="cell">The code cell about to run, from 1.</param>
    /// <param name="cells">How many it has.</param>
    /// <param name="left">An estimate for all that is left of the run; null where there is none yet.</param>
    void CellStarts(string notebook, int cell, int cells, TimeSpan? left);

    /// <param name="notebook">The notebook's name.</param>
    /// <param name="took">Its time.</param>
    /// <param name="fault">Why it stopped; null where it ran to its end.</param>
    void NotebookEnds(string notebook, TimeSpan took, CellFault? fault);
}

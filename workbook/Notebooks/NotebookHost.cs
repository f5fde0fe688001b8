namespace C2FVL.Workbook.Notebooks;

/// <summary>What a cell may use of its host: <c>display</c>, as in .NET Interactive. Cells see it without a prefix.</summary>
public static class NotebookHost
{
    /// <summary>Shows a value below the cell.</summary>
    /// <returns>A handle whose <c>Update</c> puts another value in its place.</returns>
    /// <exception cref="InvalidOperationException">No cell is running on this flow of execution.</exception>
#pragma warning disable IDE1006 // the name that the kernel gives it
    public static DisplayHandle display(object? value)
#pragma warning restore IDE1006
    {
        CellSink sink = CellSink.Current ?? throw new InvalidOperationException("display is for a running cell.");
        return sink.Display(value);
    }
}

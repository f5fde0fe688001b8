namespace C2FVL.Workbook.Notebooks;

/// <summary>A shown value that can be replaced.</summary>
public sealed class DisplayHandle
{
    private readonly Action<object?> update;

    internal DisplayHandle(Action<object?> update) => this.update = update;

    /// <summary>Shows another value in the same place.</summary>
    public void Update(object? value) => update(value);
}

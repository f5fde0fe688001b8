namespace C2FVL.Figures;

/// <summary>What a cell shows as its trailing expression: a figure, a table or a progress panel.</summary>
public interface IDisplayable
{
    string Title { get; }

    /// <summary>
    /// A short name for its files, such as "figure-2", which stays when the title changes; null names them by the title.
    /// </summary>
    string? Id => null;

    /// <summary>An HTML fragment that needs nothing from the network and is readable in light and dark themes.</summary>
    string ToHtml();

    /// <summary>Plain text for hosts that show nothing else.</summary>
    string ToText();
}

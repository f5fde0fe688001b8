namespace C2FVL.Platform;

/// <summary>
/// Whether networks and losses take the faster of two ways to the same numbers: folded layers, reordered layers,
/// activations in place, dropout of fewer random bits. Environment <c>C2FVL_PLAIN=1</c> turns them all off, so that
/// every layer runs as the papers write it. <c>workbook bench --plain</c> measures that way; results differ by rounding
/// and by what dropout draws.
/// </summary>
public static class FastPaths
{
    /// <summary>The environment variable that turns them off where it is 1.</summary>
    internal const string Variable = "C2FVL_PLAIN";

    private static readonly bool Allowed = Environment.GetEnvironmentVariable(Variable) != "1";
    private static readonly AsyncLocal<bool> Off = new();

    /// <summary>Whether the faster way is taken; read at every forward pass.</summary>
    public static bool On => Allowed && !Off.Value;

    /// <summary>Turns the faster ways off for the calling thread and the tasks it starts, until disposed.</summary>
    internal static IDisposable SwitchOff()
    {
        bool before = Off.Value;
        Off.Value = true;
        return new AtEnd(() => Off.Value = before);
    }
}

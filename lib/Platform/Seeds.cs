namespace C2FVL.Platform;

/// <summary>
/// All randomness comes from one seed: each use derives its own seed from the run's seed and a path of names and
/// numbers ("augment", epoch, case). So nothing depends on the order in which threads ask, and a resumed run needs
/// no saved generator state.
/// </summary>
public static class Seeds
{
    /// <summary>A 64-bit seed for one purpose: FNV-1a over the seed and the path, then a splitmix64 finish.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="path">What the numbers are for: strings, and integers in their invariant spelling.</param>
    public static ulong Derive(int seed, params ReadOnlySpan<object> path)
    {
        ulong hash = 0xcbf29ce484222325;
        Mix(ref hash, seed.ToString());
        foreach (object part in path)
        {
            Mix(ref hash, "/");
            Mix(ref hash, FormattableString.Invariant($"{part}"));
        }

        hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
        hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
        return hash ^ (hash >> 31);
    }

    /// <summary>A generator for one purpose; the same seed and path give the same numbers on every machine.</summary>
    public static Random Random(int seed, params ReadOnlySpan<object> path) =>
        new((int)(Derive(seed, path) & 0x7fffffff));

    /// <summary>Seeds libtorch's generator (weights, dropout) for one purpose.</summary>
    public static void Torch(int seed, params ReadOnlySpan<object> path) =>
        TorchSharp.torch.manual_seed((long)(Derive(seed, path) & 0x7fffffffffffffff));

    private static void Mix(ref ulong hash, string text)
    {
        foreach (char c in text)
            hash = (hash ^ c) * 0x100000001b3;
    }
}

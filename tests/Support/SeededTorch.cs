namespace C2FVL.Tests.Support;

/// <summary>
/// Tests that train, seed libtorch or draw from it, and those that measure the process. The generator is one for all
/// threads, so they run while no other test does.
/// </summary>
[CollectionDefinition(nameof(SeededTorch), DisableParallelization = true)]
public sealed class SeededTorch;

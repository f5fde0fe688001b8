namespace C2FVL.Tests.Support;

/// <summary>
/// Tests that seed libtorch and count on what it then draws. Its generator is one for all threads, so they run while
/// no other test does.
/// </summary>
[CollectionDefinition(nameof(SeededTorch), DisableParallelization = true)]
public sealed class SeededTorch;

using C2FVL.Data;

namespace C2FVL.Experiments;

/// <summary>What a sweep asks of a <see cref="TrainProcess"/>.</summary>
/// <param name="Spec">The run's spec, as <see cref="RunSpec.ToJson"/> writes it.</param>
/// <param name="Texts">Other texts to score its test cases with.</param>
internal sealed record TrainOrder(string Spec, IReadOnlyList<TextMode> Texts);

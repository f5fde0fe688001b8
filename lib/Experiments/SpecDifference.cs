using System.Text.Json.Nodes;
using C2FVL.Data;

namespace C2FVL.Experiments;

/// <summary>The differences of a spec from its preset, in short.</summary>
public static class SpecDifference
{
    /// <summary>
    /// Such as "Epochs=3, Text=Missing"; "no AsReleased" for a switch that only the preset has; empty for the preset
    /// itself.
    /// </summary>
    /// <param name="spec">The spec.</param>
    public static string FromPreset(RunSpec spec)
    {
        RunSpec preset = Preset(spec);
        Dictionary<string, string> usual = Flatten("", JsonNode.Parse(preset.ToJson())).ToDictionary();
        Dictionary<string, string> own = Flatten("", JsonNode.Parse(spec.ToJson())).ToDictionary();
        return string.Join(", ", own.Where(entry => usual.GetValueOrDefault(entry.Key, "") != entry.Value)
            .Select(entry => $"{Short(entry.Key)}={(entry.Value.Length > 0 ? entry.Value : "none")}")
            .Concat(usual.Keys.Except(own.Keys).Select(key => $"no {Short(key)}")));
    }

    /// <summary>The same without what the method does not decide: the seed and the machine.</summary>
    public static string InMethod(RunSpec spec)
    {
        RunSpec preset = Preset(spec);
        return FromPreset(spec with { Seed = preset.Seed, Threads = preset.Threads, Device = preset.Device });
    }

    private static RunSpec Preset(RunSpec spec) => Presets.For(spec.Scale, KindOf(spec), spec.Model.Name);

    /// <summary>The kind whose preset has the spec's data set; X-ray where neither has.</summary>
    internal static ImageKind KindOf(RunSpec spec) =>
        Enum.GetValues<ImageKind>().FirstOrDefault(
            kind => Presets.For(spec.Scale, kind, spec.Model.Name).Data.Set == spec.Data.Set, ImageKind.XRay);

    private static IEnumerable<(string, string)> Flatten(string path, JsonNode? node) => node is JsonObject values
        ? values.SelectMany(one => Flatten(path.Length > 0 ? $"{path}.{one.Key}" : one.Key, one.Value))
        : [(path, node is JsonValue value ? value.ToString() : node?.ToJsonString() ?? "")];

    /// <summary>Sections whose members say what they are without it.</summary>
    private static string Short(string path) =>
        path.Split('.', 2) is ["Training" or "Model", string member] ? member : path;
}

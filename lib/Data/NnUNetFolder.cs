using System.Text.Json;
using System.Text.RegularExpressions;

namespace C2FVL.Data;

/// <summary>What nnU-Net's dataset.json and file names tell: the kind of image, the labels' names, the channels.</summary>
/// <param name="Kind">X-ray or CT, as the first channel's name says; null where it does not.</param>
internal sealed partial record NnUNetFolder(ImageKind? Kind)
{
    private const string FileName = "dataset.json";

    /// <summary>Reads dataset.json; without one, nothing is told.</summary>
    public static NnUNetFolder Read(string root, List<DataFault> faults, List<DataFault> notes)
    {
        string path = Path.Combine(root, FileName);
        if (!File.Exists(path))
        {
            notes.Add(new DataFault(path, null, "It is not there, so nothing names the labels and channels.", "Add it if you have it."));
            return new NnUNetFolder(Kind: null);
        }

        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement top = json.RootElement;
            if (top.TryGetProperty("file_ending", out JsonElement ending) && ending.GetString() is string kind && !FolderFiles.IsPicture("x" + kind))
                faults.Add(new DataFault(path, null, $"Its images are {kind} files, which are not read.", "Convert images and labels to PNG, slice by slice."));
            if (top.TryGetProperty("labels", out JsonElement labels) && labels.EnumerateObject().Count() > 2)
                notes.Add(new DataFault(path, null, $"It names the labels {string.Join(", ", labels.EnumerateObject().Select(label => $"{label.Name} {label.Value.GetRawText()}"))}.", "Choose the lesion with --lesion-label."));
            string channel = top.TryGetProperty("channel_names", out JsonElement channels) || top.TryGetProperty("modality", out channels)
                ? channels.EnumerateObject().FirstOrDefault().Value.ToString() : "";
            return new NnUNetFolder(channel.Equals("CT", StringComparison.OrdinalIgnoreCase) ? ImageKind.CT
                : channel.Contains("ray", StringComparison.OrdinalIgnoreCase) ? ImageKind.XRay : null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            faults.Add(new DataFault(path, null, $"It cannot be read: {e.Message}", "Write it as nnU-Net asks, or remove it."));
            return new NnUNetFolder(Kind: null);
        }
    }

    /// <summary>The case's name in an image's: without the channel's four digits.</summary>
    public static string CaseName(string stem) => Channel().IsMatch(stem) ? stem[..^5] : stem;

    /// <summary>Each case's image of the first channel; the network reads one, so the others are named and not read.</summary>
    public static IReadOnlyList<string> FirstChannels(IReadOnlyList<string> images, List<DataFault> notes)
    {
        string[] others = [.. images.Where(image => Channel().IsMatch(FolderFiles.Stem(image)) && !FolderFiles.Stem(image).EndsWith("_0000", StringComparison.Ordinal))];
        if (others.Length > 0)
            notes.Add(new DataFault(others[0], null, $"{others.Length} image{(others.Length == 1 ? "" : "s")} of further channels {(others.Length == 1 ? "is" : "are")} not read: the network takes one grey image, and _0000 is taken.", "If another channel is meant, give its images the ending _0000."));
        return [.. images.Except(others)];
    }

    [GeneratedRegex("_[0-9]{4}$")]
    private static partial Regex Channel();
}

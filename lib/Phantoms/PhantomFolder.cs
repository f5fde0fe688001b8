using System.Text.Json;
using C2FVL.Data;
using C2FVL.Platform;

namespace C2FVL.Phantoms;

/// <summary>
/// Writes a set of phantoms as a folder in the layout of the paper's authors ({Train,Val,Test}_Folder with img,
/// labelcol and the sheet of reports), so that it is read like any other data set.
/// </summary>
public static class PhantomFolder
{
    private const string SettingsFile = "settings.json", Unfinished = ".tmp";

    /// <summary>A set is drawn in minutes, so an older unfinished folder is what a killed drawing left.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(6);

    /// <summary>
    /// Writes the set into a folder of its own and returns that folder, whose name tells the settings; does nothing
    /// where it is there already. The folder appears whole or not at all, so a broken run leaves no half set.
    /// </summary>
    /// <param name="parent">Where the set's folder lies; made if need be.</param>
    /// <param name="settings">What to draw.</param>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    /// <exception cref="IOException">The folder's name is taken by something else.</exception>
    public static string Write(string parent, PhantomSettings settings)
    {
        settings.Check();
        string contents = JsonSerializer.Serialize(
            new { DrawingVersion = PhantomDrawer.Version, Settings = settings }, JsonFormat.File);
        string look = settings.Distractors ? "-distractors" : "";
        string folder = Path.Combine(Directory.CreateDirectory(parent).FullName,
            $"{PhantomSettings.NameOf(settings.Kind)}-{settings.Size}{look}-{(uint)Seeds.Derive(0, contents):x8}");
        DeleteAbandoned(parent);
        if (Holds(folder, contents))
            return folder;
        if (Path.Exists(folder) && !Holds(folder, contents)) // asked again: another process may have just put it there
            throw new IOException(
                $"{folder}: this folder should contain phantoms but contains something else. Move it away.");

        string unfinished = $"{folder}.{Guid.NewGuid():n}{Unfinished}";
        try
        {
            WriteSet(unfinished, settings);
            File.WriteAllText(Path.Combine(unfinished, SettingsFile), contents);
            Directory.Move(unfinished, folder);
        }
        catch (IOException) when (Holds(folder, contents))
        {
            // Another process wrote the same set in the meantime.
        }
        finally
        {
            if (Directory.Exists(unfinished))
                Directory.Delete(unfinished, recursive: true);
        }

        return folder;
    }

    private static void DeleteAbandoned(string parent)
    {
        foreach (string left in Directory.GetDirectories(parent, "phantom-*" + Unfinished)
            .Where(left => DateTime.UtcNow - Directory.GetLastWriteTimeUtc(left) >= Longest))
        {
            try
            {
                Directory.Delete(left, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another process deletes it as well.
            }
        }
    }

    private static bool Holds(string folder, string contents)
    {
        string file = Path.Combine(folder, SettingsFile);
        return File.Exists(file) && File.ReadAllText(file).ReplaceLineEndings("\n") == contents;
    }

    /// <summary>
    /// Every part goes on with new patients, so none is in two parts; its last patient may lack images.
    /// </summary>
    private static void WriteSet(string folder, PhantomSettings settings)
    {
        int patients = 0;
        (Part, int)[] parts = [(Part.Train, settings.Train), (Part.Val, settings.Val), (Part.Test, settings.Test)];
        foreach ((Part part, int count) in parts)
        {
            var images = new List<(int Patient, int Image)>();
            while (images.Count < count)
            {
                int patient = ++patients, all = Seeds.Random(settings.Seed, "phantom", "images of", patient)
                    .Next(settings.MinImagesPerPatient, settings.MaxImagesPerPatient + 1);
                images.AddRange(Enumerable.Range(1, Math.Min(all, count - images.Count)).Select(i => (patient, i)));
            }

            string partFolder = Path.Combine(folder, $"{part}_Folder");
            Directory.CreateDirectory(Path.Combine(partFolder, "img"));
            Directory.CreateDirectory(Path.Combine(partFolder, "labelcol"));
            (string, LesionReport)[] reports = [.. images.AsParallel().AsOrdered().Select(drawn =>
            {
                Phantom phantom = PhantomDrawer.Draw(settings, drawn.Patient, drawn.Image);
                string name = FormattableString.Invariant($"sub-s{drawn.Patient:d5}_image{drawn.Image}.png");
                ImageFile.Write(Path.Combine(partFolder, "img", name), phantom.Image);
                ImageFile.Write(Path.Combine(partFolder, "labelcol", "mask_" + name), phantom.Mask);
                return ("mask_" + name, phantom.Report);
            })];
            ReportSheet.Write(Path.Combine(partFolder, $"{part}_text.xlsx"), reports);
        }
    }
}

/// <summary>What a set of phantoms looks like. The same settings give the same images.</summary>
public sealed record PhantomSettings
{
    /// <summary>The X-rays of the phantom scale.</summary>
    public static PhantomSettings XRay { get; } = new();

    /// <summary>The CT slices of the phantom scale.</summary>
    public static PhantomSettings CT { get; } = new() { Kind = ImageKind.CT };

    /// <summary>
    /// The sets that a spec can name: with look-alike distractors, so that the report is needed, and without (plain).
    /// </summary>
    public static IReadOnlyDictionary<string, PhantomSettings> Named { get; } = new Dictionary<string, PhantomSettings>
    {
        [NameOf(ImageKind.XRay)] = XRay with { Distractors = true },
        [NameOf(ImageKind.CT)] = CT with { Distractors = true },
        [$"{NameOf(ImageKind.XRay)}-plain"] = XRay,
        [$"{NameOf(ImageKind.CT)}-plain"] = CT,
    };

    /// <summary>The name of the set with distractors.</summary>
    public static string NameOf(ImageKind kind) => kind == ImageKind.CT ? "phantom-ct" : "phantom-xray";

    /// <summary>Chest X-rays or CT slices. The default is X-rays.</summary>
    public ImageKind Kind { get; init; } = ImageKind.XRay;

    /// <summary>The side of the square images in pixels, 32 to 512. The default is 64.</summary>
    public int Size { get; init; } = 64;

    /// <summary>
    /// Whether one of each image's three or four opacities is a look-alike that is no lesion, in a zone that the report
    /// does not name. Only the report shows which one. The default is false.
    /// </summary>
    public bool Distractors { get; init; }

    /// <summary>The seed of everything drawn. The default is 666, the seed of the authors' runs.</summary>
    public int Seed { get; init; } = 666;

    /// <summary>The number of training images. The default is 300.</summary>
    public int Train { get; init; } = 300;

    /// <summary>The number of validation images. The default is 40.</summary>
    public int Val { get; init; } = 40;

    /// <summary>The number of test images. The default is 240.</summary>
    public int Test { get; init; } = 240;

    /// <summary>
    /// The fewest images of a patient, 1 or more. The default is 1. The last patient of a part may have fewer.
    /// </summary>
    public int MinImagesPerPatient { get; init; } = 1;

    /// <summary>The most images of a patient. The default is 4.</summary>
    public int MaxImagesPerPatient { get; init; } = 4;

    /// <summary>Throws where a value is out of its range.</summary>
    /// <exception cref="ArgumentException">Names the setting and its range.</exception>
    public void Check()
    {
        if (Size is < 32 or > 512)
            throw new ArgumentException($"A phantom's Size must be 32 to 512 pixels, not {Size}.");
        SettingRange.Require(Train >= 0 && Val >= 0 && Test >= 0, Math.Min(Train, Math.Min(Val, Test)), "0 or more",
            "A phantom set's number of images");
        SettingRange.Require(MinImagesPerPatient >= 1 && MaxImagesPerPatient >= MinImagesPerPatient,
            $"{MinImagesPerPatient} to {MaxImagesPerPatient}", "1 or more, smallest first", "Images per patient");
    }
}

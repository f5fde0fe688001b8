using System.Text.Json;
using System.Text.Json.Serialization;
using C2FVL.Platform;

namespace C2FVL.Data.Phantoms;

/// <summary>
/// Writes a set of phantoms as a folder in the layout of the paper's authors ({Train,Val,Test}_Folder with img,
/// labelcol and the sheet of reports), so that it is read like any other data set.
/// </summary>
public static class PhantomFolder
{
    private const string SettingsFile = "settings.json", Unfinished = ".tmp", MarkEnding = ".lock";

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Converters = { new JsonStringEnumConverter() } };

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
        string contents = JsonSerializer.Serialize(new Stamp(PhantomDrawer.Version, settings), Json);
        string folder = Path.Combine(Path.GetFullPath(parent), Name(settings, contents));
        DeleteAbandoned(Path.GetFullPath(parent));
        if (Holds(folder, contents))
            return folder;
        if (Path.Exists(folder) && !Holds(folder, contents)) // asked again: another process may have just put it there
            throw new IOException($"{folder}: this should be a set of phantoms and is something else. Move it away.");

        string unfinished = $"{folder}.{Guid.NewGuid():n}{Unfinished}";
        Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
        using FileStream mark = Mark(unfinished);
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

    /// <summary>
    /// The mark of a drawing under way: a file beside the unfinished folder, which its process holds open. It goes with
    /// the process, even where that is killed.
    /// </summary>
    private static FileStream Mark(string unfinished) => new(
        unfinished + MarkEnding, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);

    /// <summary>Deletes what drawings left that were killed: unfinished folders whose mark no process holds.</summary>
    private static void DeleteAbandoned(string parent)
    {
        if (!Directory.Exists(parent))
            return;
        IEnumerable<string> left = Directory.EnumerateDirectories(parent, "phantom-*" + Unfinished)
            .Concat(Directory.EnumerateFiles(parent, "phantom-*" + Unfinished + MarkEnding)
                .Select(mark => mark[..^MarkEnding.Length]));
        foreach (string unfinished in left.Distinct().ToList())
        {
            try
            {
                using FileStream mark = Mark(unfinished);
                if (Directory.Exists(unfinished))
                    Directory.Delete(unfinished, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another process is drawing there, or deletes it as well.
            }
        }
    }

    private static string Name(PhantomSettings settings, string contents)
    {
        string kind = settings.Kind == ImageKind.CT ? "ct" : "xray";
        string look = settings.Distractors ? "-distractors" : "";
        return $"phantom-{kind}-{settings.Size}{look}-{(uint)Seeds.Derive(0, contents.ReplaceLineEndings("\n")):x8}";
    }

    private static bool Holds(string folder, string contents)
    {
        string file = Path.Combine(folder, SettingsFile);
        return File.Exists(file) && File.ReadAllText(file) == contents;
    }

    private static void WriteSet(string folder, PhantomSettings settings)
    {
        int patient = 0;
        foreach ((Part part, int count) in ((Part, int)[])[(Part.Train, settings.Train), (Part.Val, settings.Val), (Part.Test, settings.Test)])
        {
            List<(int Patient, int Image)> pictures = Pictures(settings, count, ref patient);
            string partFolder = Path.Combine(folder, $"{part}_Folder");
            Directory.CreateDirectory(Path.Combine(partFolder, "img"));
            Directory.CreateDirectory(Path.Combine(partFolder, "labelcol"));
            (string, LesionReport)[] reports = [.. pictures.AsParallel().AsOrdered().Select(p => WriteOne(partFolder, settings, p.Patient, p.Image))];
            ReportSheet.Write(Path.Combine(partFolder, $"{part}_text.xlsx"), reports);
        }
    }

    /// <summary>The patients and images of a part. Every part goes on with new patients, so none is in two parts.</summary>
    private static List<(int Patient, int Image)> Pictures(PhantomSettings settings, int count, ref int patient)
    {
        var pictures = new List<(int, int)>();
        while (pictures.Count < count)
        {
            patient++;
            int images = Seeds.Random(settings.Seed, "phantom", "images of", patient).Next(settings.MinImagesPerPatient, settings.MaxImagesPerPatient + 1);
            for (int image = 1; image <= images && pictures.Count < count; image++)
                pictures.Add((patient, image));
        }

        return pictures;
    }

    /// <summary>Writes a picture and its mask; gives the mask's name and report.</summary>
    private static (string Mask, LesionReport Report) WriteOne(string folder, PhantomSettings settings, int patient, int image)
    {
        Phantom phantom = PhantomDrawer.Draw(settings, patient, image);
        string name = FormattableString.Invariant($"sub-s{patient:d5}_image{image}.png");
        ImageFile.Write(Path.Combine(folder, "img", name), phantom.Image);
        ImageFile.Write(Path.Combine(folder, "labelcol", "mask_" + name), phantom.Mask);
        return ("mask_" + name, phantom.Report);
    }

    private sealed record Stamp(int DrawingVersion, PhantomSettings Settings);
}

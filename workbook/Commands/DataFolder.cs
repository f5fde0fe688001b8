using C2FVL.Platform;

namespace C2FVL.Workbook.Commands;

/// <summary>The folder that a command's DIR names.</summary>
internal static class DataFolder
{
    public const string Description = "A folder of images and masks: its path, or the name of a data set under data/ "
        + "or C2FVL_DATA.";

    /// <exception cref="DirectoryNotFoundException">There is no such folder or set.</exception>
    /// <exception cref="ArgumentException">The name means a set and another folder too.</exception>
    public static string Find(string name)
    {
        name = Path.TrimEndingDirectorySeparator(name);
        string here = Path.GetFullPath(name);
        string found = Workspace.FindData(name)
            ?? throw new DirectoryNotFoundException($"There is no folder {here}{(Workspace.IsBareName(name) ? $", nor a data set {name} under data/ or C2FVL_DATA" : "")}. Check the path.");
        return found == here || !Directory.Exists(here) ? found
            : throw new ArgumentException($"{name} means two folders: {found} and {here}. Write the full path of one, or {Path.Combine(".", name)} for the second.");
    }

    /// <summary>
    /// What a spec calls a data set: its name where it lies under data/ or C2FVL_DATA, or is nowhere on this machine; else
    /// the folder's full path.
    /// </summary>
    /// <exception cref="ArgumentException">The name means a set and another folder too.</exception>
    public static string SetName(string name)
    {
        name = Path.TrimEndingDirectorySeparator(name); // a shell's completion adds one, and the run's name must not change
        string here = Path.GetFullPath(name);
        if (!Directory.Exists(here))
            return name;
        bool isSet = Workspace.IsBareName(name) && Find(name) == here
            && Workspace.DataPlaces.Any(place => Path.GetFullPath(place) == Path.GetDirectoryName(here));
        return isSet ? name : here;
    }
}

using C2FVL.Platform;

namespace C2FVL.Workbook.Commands;

/// <summary>The folder that a command's DIR names.</summary>
internal static class DataFolder
{
    public const string Description = "A folder of images and masks, or the name of a set under data/ or C2FVL_DATA.";

    /// <exception cref="DirectoryNotFoundException">There is no such folder or set.</exception>
    public static string Find(string name) => Directory.Exists(name) ? name : Workspace.FindData(name)
        ?? throw new DirectoryNotFoundException($"There is no folder {Path.GetFullPath(name)}, nor a data set {name} under data/ or C2FVL_DATA.");

    /// <summary>
    /// What a spec calls a data set: its name where it lies under data/ or C2FVL_DATA, else the full path of the folder
    /// that the shell's folder makes of it.
    /// </summary>
    public static string SetName(string name)
    {
        name = Path.TrimEndingDirectorySeparator(name); // a shell's completion adds one, and the run's name must not change
        bool isPath = Path.IsPathRooted(name) || name.Split('/', '\\').Any(step => step is "." or "..");
        return Directory.Exists(name) && (isPath || Workspace.FindData(name) is not string found || Path.GetFullPath(found) != Path.GetFullPath(name))
            ? Path.GetFullPath(name)
            : name;
    }
}

using C2FVL.Platform;

namespace C2FVL.Workbook.Commands;

/// <summary>The folder that a command's DIR names.</summary>
internal static class DataFolder
{
    public const string Description = "A folder of images and masks, or the name of a set under data/ or C2FVL_DATA.";

    /// <exception cref="DirectoryNotFoundException">There is no such folder or set.</exception>
    public static string Find(string name) => Directory.Exists(name) ? name : Workspace.FindData(name)
        ?? throw new DirectoryNotFoundException($"There is no folder {Path.GetFullPath(name)}, nor a data set {name} under data/ or C2FVL_DATA.");
}

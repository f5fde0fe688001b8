namespace C2FVL.Data;

/// <summary>Finds folders by relative path without regard to capitals, listing each folder once.</summary>
internal sealed class FolderTree(string root)
{
    private readonly Dictionary<string, string[]> listed = [];

    public string Root => root;

    /// <summary>The folder at a relative path; null where there is none. An exact match goes before one that differs in capitals.</summary>
    public string? Find(string path)
    {
        string? found = root;
        foreach (string step in path.Split('/', '\\', StringSplitOptions.RemoveEmptyEntries))
        {
            if (found is null)
                return null;
            string[] folders = List(found);
            found = Array.Find(folders, folder => Path.GetFileName(folder) == step)
                ?? Array.Find(folders, folder => Path.GetFileName(folder).Equals(step, StringComparison.OrdinalIgnoreCase));
        }

        return found;
    }

    private string[] List(string folder)
    {
        if (!this.listed.TryGetValue(folder, out string[]? folders))
            this.listed[folder] = folders = [.. Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal)];
        return folders;
    }
}

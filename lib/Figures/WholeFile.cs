using System.Text;
using C2FVL.Platform;

namespace C2FVL.Figures;

/// <summary>Writes a file into a folder, whole or not at all.</summary>
internal static class WholeFile
{
    public static string Write(string folder, string name, string text) => Write(folder, name, Encoding.UTF8.GetBytes(text));

    /// <exception cref="ArgumentException">The name holds a folder.</exception>
    public static string Write(string folder, string name, byte[] content)
    {
        if (Path.GetFileName(name) != name)
            throw new ArgumentException($"\"{name}\" is not a plain file name. Put the folder into the folder argument.");
        string path = Path.Combine(folder, name);
        AtomicFile.WriteBytes(path, content);
        return path;
    }
}

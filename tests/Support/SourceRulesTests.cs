using System.Text.RegularExpressions;

namespace C2FVL.Tests.Support;

/// <summary>Rules of the source that no compiler keeps.</summary>
public sealed partial class SourceRulesTests
{
    /// <summary>With a parameter's name .NET ends the message in "(Parameter 'name')", which says nothing to a user.</summary>
    [Fact]
    public void ErrorsOfArgumentsNameNoParameter()
    {
        string[] wrong = [.. from folder in new[] { "lib", "workbook" }
                             from file in Directory.EnumerateFiles(Path.Combine(SharedData.Repository, folder), "*.cs", SearchOption.AllDirectories)
                             where !file.Contains(Path.DirectorySeparatorChar + "obj" + Path.DirectorySeparatorChar)
                             from line in File.ReadLines(file)
                             where NamesAParameter().IsMatch(line)
                             select $"{Path.GetFileName(file)}: {line.Trim()}"];
        Assert.Empty(wrong);
    }

    [GeneratedRegex(@"ArgumentException\(.*, (nameof\([^)]*\)|[a-z]\w*)\);|Argument(OutOfRange|Null)Exception[.(]")]
    private static partial Regex NamesAParameter();
}

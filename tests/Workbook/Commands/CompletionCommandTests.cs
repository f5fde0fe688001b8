using System.Diagnostics;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Commands;

namespace C2FVL.Tests.Workbook.Commands;

/// <summary>
/// The printed lines in a real Bash, and what the program answers to System.CommandLine's suggest directive.
/// </summary>
public sealed class CompletionCommandTests
{
    private const string Bash = "/bin/bash";

    [Theory]
    [InlineData("workbook import", "import-nifti")]
    [InlineData("workbook train --tensor", "--tensorboard")]
    [InlineData("workbook train --scale ", "Phantom", "Mini", "Full", "Paper")]
    [InlineData("workbook completion ", "Bash", "Zsh", "PowerShell")]
    public void BashCompletesCommandsOptionsAndValues(string line, params string[] wanted)
    {
        Assert.SkipUnless(File.Exists(Bash), $"needs {Bash}");
        string assembly = Path.Combine(SharedData.Repository, "workbook", "bin", "workbook.dll");
        Assert.SkipUnless(File.Exists(assembly), $"needs {assembly}: build the workbook");
        string[] words = line.Split(' ');
        string script = CompletionCommand.Script(Shell.Bash, "dotnet", assembly)
            + $"COMP_LINE='{line}'; COMP_POINT={line.Length}; "
                + $"COMP_WORDS=({string.Join(' ', words.Select(word => $"'{word}'"))}); "
                + $"COMP_CWORD={words.Length - 1}; _workbook; printf '%s\\n' \"${{COMPREPLY[@]}}\"\n";
        using Process bash =
            Process.Start(new ProcessStartInfo(Bash) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        bash.StandardInput.Write(script);
        bash.StandardInput.Close();
        string[] said = bash.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        bash.WaitForExit();
        foreach (string word in wanted)
            Assert.Contains(word, said, StringComparer.OrdinalIgnoreCase);
    }
}

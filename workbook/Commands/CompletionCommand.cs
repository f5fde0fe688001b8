using System.CommandLine;

namespace C2FVL.Workbook.Commands;

/// <summary>A shell that can be told how to complete.</summary>
internal enum Shell
{
    Bash,
    Zsh,
    PowerShell,
}

/// <summary>
/// <c>workbook completion SHELL</c>: the few lines that let a shell ask the program itself what can follow, by
/// System.CommandLine's directive <c>[suggest:POSITION]</c>.
/// </summary>
internal static class CompletionCommand
{
    public static Command Create()
    {
        var shell = new Argument<Shell>("SHELL") { Description = "Bash, Zsh or PowerShell." };
        var command = new Command("completion", "Prints a script that lets a shell complete this program's commands "
            + "and options. Use it with: source <(workbook/bin/workbook completion bash)") { shell };
        command.SetAction(parsed =>
            Console.Out.Write(Script(parsed.GetValue(shell), Environment.ProcessPath
            ?? "workbook", Path.Combine(AppContext.BaseDirectory, "workbook.dll"))));
        return command;
    }

    /// <param name="shell">The shell.</param>
    /// <param name="process">The running program: the workbook itself, or dotnet, which runs it.</param>
    /// <param name="assembly">The workbook's own file.</param>
    internal static string Script(Shell shell, string process, string assembly)
    {
        bool isOwn = Path.GetFileNameWithoutExtension(process) == "workbook";
        string run = isOwn ? Quote(process) : $"{Quote(process)} {Quote(assembly)}";
        return (shell switch
        {
            Shell.Bash => $$"""
                workbook() { {{run}} "$@"; }
                _workbook() {
                    local IFS=$'\n'
                    COMPREPLY=($(compgen -W "$({{run}} "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
                }
                complete -o default -F _workbook workbook
                """,
            Shell.Zsh => $$"""
                workbook() { {{run}} "$@"; }
                _workbook() {
                    local found=("${(@f)$({{run}} "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
                    [[ -n "$found" ]] && compadd -a found || _files
                }
                compdef _workbook workbook
                """,
            _ => $$"""
                function workbook { & {{run}} @args }
                Register-ArgumentCompleter -Native -CommandName workbook -ScriptBlock {
                    param($word, $line, $position)
                    & {{run}} "[suggest:$position]" "$line" | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
                }
                """,
        }).ReplaceLineEndings("\n") + "\n";
    }

    /// <summary>A path for a shell's line.</summary>
    private static string Quote(string path) => $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}

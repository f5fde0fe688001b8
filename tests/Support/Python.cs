using System.Diagnostics;

namespace C2FVL.Tests.Support;

/// <summary>The system's Python, for files that another program must have written or must read.</summary>
internal static class Python
{
    private static readonly string Executable = Environment.GetEnvironmentVariable("C2FVL_PYTHON")
        ?? "/usr/bin/python3";

    /// <summary>Runs a script that imports nibabel; skips the calling test where there is none.</summary>
    public static void Run(string script, params string[] arguments)
    {
        Assert.SkipUnless(File.Exists(Executable)
            && Start("-c", "import nibabel")
            .Code == 0, $"needs {Executable} with nibabel: install Debian's python3-nibabel, or set C2FVL_PYTHON to "
            + $"a Python that has it");
        (int code, string said) = Start([script, .. arguments]);
        Assert.True(code == 0, said);
    }

    private static (int Code, string Said) Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Executable) { RedirectStandardError = true };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        string said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, said);
    }
}

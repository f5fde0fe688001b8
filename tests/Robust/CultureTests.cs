using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using C2FVL.Experiments;
using C2FVL.Figures;
using C2FVL.Tests.Experiments;
using C2FVL.Tests.Figures;
using C2FVL.Tests.Support;

namespace C2FVL.Tests.Robust;

/// <summary>What the library writes and shows is the same under every user's culture, byte for byte.</summary>
[Collection(nameof(SeededTorch))]
public sealed class CultureTests
{
    /// <summary>A comma in numbers, another minus and another sign in times, as in much of Europe; it needs no ICU.</summary>
    [Fact]
    public void FiguresShowTheSameUnderAComma()
    {
        Assert.All(Samples.All, figure =>
        {
            string html = figure.ToHtml(), text = figure.ToText();
            Assert.Equal((html, text), Under(Comma(), () => (figure.ToHtml(), figure.ToText())));
        });
        (double, string)[] rows = [(-0.5, "a"), (1234.5, "b")];
        Table Make() => Tables.Of("numbers", rows.Select(r => new { Value = r.Item1, Name = r.Item2 }));
        Assert.Equal((Make().ToHtml(), Make().ToText()), Under(Comma(), () => (Make().ToHtml(), Make().ToText())));
    }

    [Fact]
    public void ARunsFilesAreTheSameUnderAComma()
    {
        using var folder = new TemporaryFolder();
        RunSpec spec = TinyRun.Spec(folder["data"]);
        Run one = new RunStore(folder["one"], folder["none"]).GetOrTrain(spec);
        Run other = Under(Comma(), () => new RunStore(folder["other"], folder["none"]).GetOrTrain(spec));
        AssertSameFiles(one.Folder, other.Folder);
    }

    /// <summary>The console with globalization on, as a notebook kernel has it, under German and Turkish.</summary>
    [Theory]
    [InlineData("de_DE")]
    [InlineData("tr_TR")]
    public void TheConsoleWritesAndShowsTheSameWithGlobalizationOn(string culture)
    {
        using var folder = new TemporaryFolder();
        RunSpec spec = TinyRun.Spec(folder["data"]);
        File.WriteAllText(folder["spec.json"], spec.ToJson());
        string settings = Path.Combine(SharedData.Repository, "workbook", "bin", "workbook.runtimeconfig.json");
        File.WriteAllText(folder["global.json"], File.ReadAllText(settings).Replace("\"System.Globalization.Invariant\": true", "\"System.Globalization.Invariant\": false"));

        (int code, string said) = Console(settings, "C", folder, "one");
        (int otherCode, string otherSaid) = Console(folder["global.json"], culture, folder, "other");

        Assert.SkipWhen(otherSaid.Contains("ICU package", StringComparison.Ordinal), "needs libicu, without which .NET has no cultures");
        Assert.Equal((0, 0), (code, otherCode));
        Assert.Equal(Timeless(said, folder["one"]), Timeless(otherSaid, folder["other"]));
        AssertSameFiles(Path.Combine(folder["one"], "phantom", spec.Name), Path.Combine(folder["other"], "phantom", spec.Name));
    }

    private static (int Code, string Said) Console(string settings, string culture, TemporaryFolder folder, string runs)
    {
        string bin = Path.Combine(SharedData.Repository, "workbook", "bin");
        var start = new ProcessStartInfo("dotnet", ["exec", "--runtimeconfig", settings, "--depsfile", Path.Combine(bin, "workbook.deps.json"), Path.Combine(bin, "workbook.dll"), "train", "--spec", folder["spec.json"]])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = SharedData.Repository,
        };
        foreach (string name in new[] { "LANG", "LC_ALL" })
            start.Environment[name] = culture == "C" ? "C" : culture + ".UTF-8";
        start.Environment["C2FVL_RUNS"] = folder[runs];
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }

    /// <summary>Without the run's folder and what a clock gives.</summary>
    private static string Timeless(string said, string runs) =>
        Regex.Replace(string.Join('\n', said.Split('\n').Where(line => !line.Contains("images/s") && !line.Contains("seconds per"))).Replace(runs, "RUNS"), @"\d+:\d\d:\d\d", "TIME");

    private static void AssertSameFiles(string one, string other)
    {
        foreach (string name in new[] { "spec.json", "split.json", "history.csv", "best.safetensors" })
            Assert.True(File.ReadAllBytes(Path.Combine(one, name)).SequenceEqual(File.ReadAllBytes(Path.Combine(other, name))), name);

        // The last column of cases.csv holds measured seconds.
        static IEnumerable<string> Cases(string folder) => File.ReadLines(Path.Combine(folder, "cases.csv")).Select(line => line[..line.LastIndexOf(',')]);
        Assert.Equal(Cases(one), Cases(other));
        Assert.DoesNotContain(File.ReadLines(Path.Combine(other, "cases.csv")).Skip(1), line => line.Contains('"'));
    }

    private static T Under<T>(CultureInfo culture, Func<T> make)
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = culture;
        try
        {
            return make();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static CultureInfo Comma()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.NumberFormat.NumberGroupSeparator = ".";
        culture.NumberFormat.PercentDecimalSeparator = ",";
        culture.NumberFormat.NegativeSign = "\u2212";
        culture.DateTimeFormat.TimeSeparator = ".";
        return culture;
    }
}

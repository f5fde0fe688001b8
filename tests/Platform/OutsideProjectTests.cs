using System.Diagnostics;
using C2FVL.Tests.Support;

namespace C2FVL.Tests.Platform;

/// <summary>A program outside the checkout that references the library's project, as a reader of the README would make it.</summary>
public sealed class OutsideProjectTests
{
    [Theory]
    [InlineData("")]
    [InlineData("<RuntimeIdentifier>linux-x64</RuntimeIdentifier>")]
    public void ItBuildsAndTrainsAStep(string runtime)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.Is64BitProcess, "the cure of the native library is Linux's");
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["Own.csproj"], $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework>{runtime}<SelfContained>false</SelfContained></PropertyGroup>
              <ItemGroup><ProjectReference Include="{Path.Combine(SharedData.Repository, "C2FVL.Lib.csproj")}" /></ItemGroup>
            </Project>
            """);
        File.WriteAllText(folder["Program.cs"], """
            using var model = new C2FVL.Models.C2FVLModel(C2FVL.Models.C2FVLSettings.Tiny);
            System.Console.WriteLine($"parameters {model.ParameterCount > 1000}");
            """);

        string built = Dotnet(folder.Path, "build", "-nologo", "-v", "q", "-p:BuildProjectReferences=false", "-nodeReuse:false");
        Assert.True(File.Exists(folder["bin", "Debug", "net10.0", "Own.dll"]) || runtime.Length > 0, built);
        Assert.Equal("parameters True", Dotnet(folder.Path, "run", "--no-build").Trim());
    }

    /// <summary>A program that shows nothing runs where the packages of .NET Interactive are not.</summary>
    [Fact]
    public void WithoutANotebookNothingOfNotebooksIsNeeded()
    {
        using var folder = new TemporaryFolder();
        string library = Path.Combine(SharedData.Repository, "bin", "C2FVL.Lib");
        File.WriteAllText(folder["Own.csproj"], $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <ItemGroup>
                <Reference Include="{Path.Combine(library, "C2FVL.Lib.dll")}" Private="false" />
                <Reference Include="{Path.Combine(library, "TorchSharp.dll")}" Private="false" />
              </ItemGroup>
            </Project>
            """);
        File.WriteAllText(folder["Program.cs"], """
            using System;
            using System.IO;
            using System.Runtime.Loader;

            AssemblyLoadContext.Default.Resolving += (context, name) =>
                name.Name!.StartsWith("Microsoft.DotNet.Interactive") || name.Name.StartsWith("Microsoft.AspNetCore")
                    ? throw new InvalidOperationException($"asked for {name.Name}")
                    : context.LoadFromAssemblyPath(Path.Combine(args[0], name.Name + ".dll"));
            Use();

            static void Use()
            {
                Console.WriteLine(C2FVL.Data.LesionReport.Parse("No infected area.") is not null);
                new C2FVL.Figures.LiveProgress("work").Report(1, 2);
                Console.WriteLine(new C2FVL.Figures.Chart("Chart").Title);
            }
            """);

        string built = Dotnet(folder.Path, "build", "-nologo", "-v", "q", "-nodeReuse:false");
        Assert.True(File.Exists(folder["bin", "Debug", "net10.0", "Own.dll"]), built);
        Assert.Equal("True\nChart", Dotnet(folder.Path, "exec", folder["bin", "Debug", "net10.0", "Own.dll"], library).Trim().ReplaceLineEndings("\n"));
    }

    private static string Dotnet(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output + error.Result;
    }
}

using System.Diagnostics;
using System.Reflection;
using System.Runtime.Loader;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Scripting;
using Microsoft.CodeAnalysis.Scripting.Hosting;

namespace C2FVL.Workbook.Notebooks;

/// <summary>
/// Runs the cells of one notebook one after the other, each seeing what those before it declared, with the compiler
/// that the real kernel uses.
/// </summary>
/// <param name="folder">The notebook's folder, which <c>#r</c> paths start from.</param>
/// <param name="notebook">The notebook's name, for messages.</param>
internal sealed class ScriptHost(string folder, string notebook) : IDisposable
{
    private readonly InteractiveAssemblyLoader loader = new();
    private ScriptState<object>? state;

    // The imports of the real kernel, and display.
    private ScriptOptions options = ScriptOptions.Default
        .WithLanguageVersion(LanguageVersion.Latest)
        .WithEmitDebugInformation(true)
        .WithFileEncoding(Encoding.UTF8)
        .WithMetadataResolver(ScriptMetadataResolver.Default.WithSearchPaths().WithBaseDirectory(folder))
        .WithReferences(ScriptReferences.Framework)
        .AddReferences(MetadataReference.CreateFromFile(typeof(NotebookHost).Assembly.Location))
        .WithImports(
            "System", "System.IO", "System.Text", "System.Collections", "System.Collections.Generic", "System.Threading.Tasks", "System.Linq",
            typeof(NotebookHost).FullName!);

    /// <summary>Runs one cell on the thread pool, as the kernel does.</summary>
    /// <param name="source">The cell's code.</param>
    /// <param name="number">The code cell's number, from 1.</param>
    /// <param name="sink">Takes what it prints and shows.</param>
    /// <returns>Why it stopped; null where it ran to its end.</returns>
    public Task<CellFault?> Run(string source, int number, CellSink sink) => Task.Run(async () =>
    {
        ConsoleRouter.Install();
        CellSink.Current = sink;
        try
        {
            return await RunHere(source, number, sink);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A formatter that throws, or a reference that cannot be loaded.
            return Fault(e, source, number);
        }
    });

    /// <summary>Drops all that the cells declared.</summary>
    public void Dispose()
    {
        state = null;
        loader.Dispose();
    }

    private async Task<CellFault?> RunHere(string source, int number, CellSink sink)
    {
        foreach (string reference in CellGuard.References(source))
            Load(reference);

        string code = CellGuard.WithoutDirectives(source);
        ScriptOptions cellOptions = options.WithFilePath(FileName(number));
        Script<object> script = state is null
            ? CSharpScript.Create<object>(code, cellOptions, assemblyLoader: loader)
            : state.Script.ContinueWith<object>(code, cellOptions);

        Diagnostic? error = script.Compile().FirstOrDefault(d => d.Severity == DiagnosticSeverity.Error);
        if (error is not null)
            return FaultAt(source, number, error.Location.GetLineSpan().StartLinePosition.Line + 1, error.Id, error.GetMessage());

        ScriptState<object> next = state is null
            ? await script.RunAsync(globals: null, catchException: _ => true)
            : await script.RunFromAsync(state, catchException: _ => true);
        if (next.Exception is { } exception)
            return Fault(exception, source, number);

        state = next;
        if (HasResult(script.GetCompilation()))
            sink.Display(next.ReturnValue, isResult: true);
        return null;
    }

    private void Load(string reference)
    {
        string path = Path.GetFullPath(Path.Combine(folder, reference));
        if (Path.GetFileNameWithoutExtension(path) == "C2FVL.Lib")
        {
            // The runner's own copy, whatever the path says: two copies would have two of every type.
            foreach ((string name, _) in ScriptReferences.Library)
                loader.RegisterDependency(AssemblyLoadContext.Default.LoadFromAssemblyName(new AssemblyName(name)));
            options = options.AddReferences(ScriptReferences.Library.Select(l => l.Reference));
            return;
        }

        Assembly assembly = AssemblyLoadContext.Default.LoadFromAssemblyPath(path);
        loader.RegisterDependency(assembly);
        options = options.AddReferences(assembly);
    }

    /// <summary>Whether the code ends in an expression without <c>;</c> that has a value.</summary>
    private static bool HasResult(Compilation compilation)
    {
        SyntaxTree tree = compilation.SyntaxTrees.Last();
        return tree.GetCompilationUnitRoot().Members.LastOrDefault() is GlobalStatementSyntax { Statement: ExpressionStatementSyntax { SemicolonToken.IsMissing: true } last }
            && compilation.GetSemanticModel(tree).GetTypeInfo(last.Expression).Type is not { SpecialType: SpecialType.System_Void };
    }

    private string FileName(int number) => $"{notebook}, code cell {number}";

    private CellFault Fault(Exception exception, string source, int number)
    {
        while (exception is AggregateException or TargetInvocationException && exception.InnerException is { } inner)
            exception = inner;
        int? line = new StackTrace(exception, fNeedFileInfo: true).GetFrames()
            .Where(frame => frame.GetFileName() is string file && file.EndsWith(FileName(number)))
            .Select(frame => (int?)frame.GetFileLineNumber())
            .FirstOrDefault();
        return FaultAt(source, number, line, exception.GetType().Name, exception.Message);
    }

    private CellFault FaultAt(string source, int number, int? line, string kind, string message) =>
        new(notebook, number, line, line is int n ? source.Split('\n').ElementAtOrDefault(n - 1) : null, kind, message);
}

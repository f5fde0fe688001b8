using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace C2FVL.Platform;

/// <summary>
/// Answers a request for FSharp.Core with the copy that is already loaded. Plotly.NET asks for a newer version than
/// the one the .NET Interactive kernel holds; without this the first chart there fails with FileNotFoundException.
/// </summary>
internal static class FSharpCoreResolver
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Has to be in place before the first call into Plotly.NET.")]
    internal static void Install() => AssemblyLoadContext.Default.Resolving += (_, name) => Resolve(name);

    /// <summary>The loaded FSharp.Core where that is what is asked for, else null, which lets the next resolver try.</summary>
    internal static Assembly? Resolve(AssemblyName name) =>
        name.Name == "FSharp.Core"
            ? AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(loaded => loaded.GetName().Name == "FSharp.Core")
            : null;
}

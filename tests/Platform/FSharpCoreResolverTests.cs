using System.Reflection;
using C2FVL.Platform;

namespace C2FVL.Tests.Platform;

public sealed class FSharpCoreResolverTests
{
    [Fact]
    public void ANewerFSharpCoreIsAnsweredWithTheLoadedOne()
    {
        Assembly loaded = typeof(Microsoft.FSharp.Core.Unit).Assembly;

        Assert.Same(loaded, Startup.ResolveFSharpCore(new AssemblyName("FSharp.Core, Version=99.0.0.0")));
        Assert.Null(Startup.ResolveFSharpCore(new AssemblyName("FSharp.Data")));
    }

    [Fact]
    public void TheRuntimeAsksTheResolver()
    {
        Assert.NotNull(typeof(Microsoft.FSharp.Core.Unit).Assembly);
        System.Runtime.CompilerServices.RuntimeHelpers.RunModuleConstructor(typeof(C2FVL.Figures.Chart).Module.ModuleHandle);

        Assert.Equal("FSharp.Core", Assembly.Load(new AssemblyName("FSharp.Core, Version=99.0.0.0")).GetName().Name);
    }
}

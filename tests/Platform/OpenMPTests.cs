using System.Runtime.InteropServices;
using C2FVL.Platform;

namespace C2FVL.Tests.Platform;

public sealed class OpenMPTests
{
    [Fact]
    public void NativeCodeSeesTheSettingUnlessTheEnvironmentHasOne()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "GNU OpenMP's setting");
        Assert.SkipWhen(Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is not null, "OMP_WAIT_POLICY is set, and goes before");

        Startup.WaitShortly();

        Assert.Equal(Environment.GetEnvironmentVariable("GOMP_SPINCOUNT") ?? "2500", Marshal.PtrToStringUTF8(getenv("GOMP_SPINCOUNT")));
    }

    [DllImport("libc.so.6", CharSet = CharSet.Ansi)]
    private static extern nint getenv(string name);
}

using C2FVL.Platform;

namespace C2FVL.Tests.Platform;

public sealed class DevicesTests
{
    /// <summary>A network that a GPU trained is measured on a machine without one.</summary>
    [Fact]
    public void WhatAGpuTrainedIsMeasuredOnTheCpuWhereThereIsNone()
    {
        Assert.Equal("cpu", Devices.HereOrCpu("cpu"));
        Assert.Equal("cpu", Devices.HereOrCpu("cuda:99"));
        Assert.Throws<ArgumentException>(() => Devices.HereOrCpu("gpu"));
        Assert.Throws<ArgumentException>(() => Devices.Use("cuda:99", 1));
    }

    [Fact]
    public void TheCpuHasNoModelInTheProvenance() => Assert.Equal("cpu", Devices.WithModel("cpu"));
}

using C2FVL.Data;
using CsCheck;

namespace C2FVL.Tests.Data;

public sealed class ReportGeometryTests
{
    internal static readonly Gen<LesionReport> Reports =
        Gen.Select(Gen.Bool, Gen.Int[0, 9], Gen.Int[0, 63], (bilateral, areas, zones) => new LesionReport(bilateral, areas, (Zones)zones));

    [Fact]
    public void MirroringTwiceIsTheReport() =>
        Reports.Sample(r => r.FlipHorizontal().FlipHorizontal() == r);

    [Fact]
    public void FlippingTwiceIsTheReport() =>
        Reports.Sample(r => r.FlipVertical().FlipVertical() == r);

    [Theory]
    [InlineData(Zones.LeftUpper, Zones.RightUpper, Zones.LeftLower)]
    [InlineData(Zones.LeftMiddle, Zones.RightMiddle, Zones.LeftMiddle)]
    [InlineData(Zones.RightLower, Zones.LeftLower, Zones.RightUpper)]
    [InlineData(Zones.Left, Zones.Right, Zones.Left)]
    [InlineData(Zones.All, Zones.All, Zones.All)]
    [InlineData(Zones.None, Zones.None, Zones.None)]
    public void EachZoneGoesWhereItsCellGoes(Zones zones, Zones mirrored, Zones flipped)
    {
        Assert.Equal(mirrored, zones.FlipHorizontal());
        Assert.Equal(flipped, zones.FlipVertical());
    }

    [Fact]
    public void NumberAndSidesStay() =>
        Reports.Sample(r => r.FlipHorizontal() with { Zones = r.Zones } == r && r.FlipVertical() with { Zones = r.Zones } == r);
}

using C2FVL.Data;
using C2FVL.Phantoms;

namespace C2FVL.Tests.Phantoms;

public sealed class PhantomDrawerTests
{
    private static readonly PhantomSettings[] Looks =
    [
        PhantomSettings.XRay,
        PhantomSettings.CT,
        PhantomSettings.XRay with { Distractors = true },
        PhantomSettings.CT with { Distractors = true },
    ];

    public static TheoryData<int> EachLook => [0, 1, 2, 3];

    [Theory]
    [MemberData(nameof(EachLook))]
    public void TheSameSeedGivesTheSameBitsInAnyOrderAndOnAnyThread(int look)
    {
        Phantom[] inOrder = [.. Draw(look, 6)];
        var atOnce = new Phantom[inOrder.Length];
        Parallel.For(0, inOrder.Length, i => atOnce[inOrder.Length - 1 - i] = PhantomDrawer.Draw(Looks[look], inOrder.Length - 1 - i, 1));

        foreach ((Phantom first, Phantom second) in inOrder.Zip(atOnce))
        {
            Assert.Equal(first.Image.Pixels, second.Image.Pixels);
            Assert.Equal(first.Mask.Pixels, second.Mask.Pixels);
            Assert.Equal(first.Distractors.Pixels, second.Distractors.Pixels);
            Assert.Equal(first.Report, second.Report);
        }
    }

    [Fact]
    public void AnotherSeedPatientOrImageGivesAnotherPicture()
    {
        float[] picture = PhantomDrawer.Draw(PhantomSettings.XRay, 1, 1).Image.Pixels;

        Assert.NotEqual(picture, PhantomDrawer.Draw(PhantomSettings.XRay with { Seed = 1 }, 1, 1).Image.Pixels);
        Assert.NotEqual(picture, PhantomDrawer.Draw(PhantomSettings.XRay, 2, 1).Image.Pixels);
        Assert.NotEqual(picture, PhantomDrawer.Draw(PhantomSettings.XRay, 1, 2).Image.Pixels);
    }

    [Theory]
    [MemberData(nameof(EachLook))]
    public void LesionsLieInTheLungsAndEachLungInItsHalf(int look)
    {
        foreach (Phantom phantom in Draw(look, 25))
        {
            Assert.True(phantom.Mask.Area > 0);
            Assert.DoesNotContain(Pixels(phantom.Mask), pixel => phantom.Lungs.Pixels[pixel] == 0);
            int middle = phantom.Lungs.Width / 2;
            for (int row = 0; row < phantom.Lungs.Height; row++)
                Assert.False(phantom.Lungs[row, middle - 1] || phantom.Lungs[row, middle], $"a lung reaches the middle in row {row}");
        }
    }

    [Theory]
    [MemberData(nameof(EachLook))]
    public void TheReportTellsTheMasksAreasAndSides(int look)
    {
        foreach (Phantom phantom in Draw(look, 25))
        {
            int width = phantom.Mask.Width;
            bool left = Pixels(phantom.Mask).Any(pixel => pixel % width < width / 2);
            bool right = Pixels(phantom.Mask).Any(pixel => pixel % width >= width / 2);

            Assert.Equal(CountAreas(phantom.Mask), phantom.Report.Areas);
            Assert.Equal(left && right, phantom.Report.Bilateral);
            Assert.Equal(left, (phantom.Report.Zones & Zones.Left) != Zones.None);
            Assert.Equal(right, (phantom.Report.Zones & Zones.Right) != Zones.None);
            Assert.Empty(phantom.Report.Contradictions());
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void DistractorsAreNotInTheMaskNorInAZoneThatTheReportNames(int look)
    {
        foreach (Phantom phantom in Draw(look, 40))
        {
            Assert.Equal(1, CountAreas(phantom.Distractors));
            Assert.InRange(CountAreas(phantom.Mask), 2, 3);
            Assert.DoesNotContain(Pixels(phantom.Distractors), pixel => phantom.Mask.Pixels[pixel] != 0);
            Zones theirs = PhantomDrawer.Report(phantom.Distractors, phantom.Lungs).Zones;
            Assert.Equal(Zones.None, theirs & phantom.Report.Zones);
        }
    }

    [Fact]
    public void NothingInThePictureTellsDistractorsFromLesions()
    {
        // Were they drawn differently, their mean brightness or size would differ; the draw that names them comes last.
        Phantom[] phantoms = [.. Draw(2, 120)];
        double lesions = phantoms.Average(p => Brightness(p, p.Mask)), others = phantoms.Average(p => Brightness(p, p.Distractors));
        double area = phantoms.Sum(p => p.Mask.Area) / (double)phantoms.Sum(p => CountAreas(p.Mask));
        double otherArea = phantoms.Sum(p => p.Distractors.Area) / (double)phantoms.Sum(p => CountAreas(p.Distractors));

        Assert.InRange(others / lesions, 0.95, 1.05);
        Assert.InRange(otherArea / area, 0.75, 1.33);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void WithoutDistractorsThereAreNone(int look) => Assert.All(Draw(look, 10), phantom => Assert.Equal(0, phantom.Distractors.Area));

    [Theory]
    [MemberData(nameof(EachLook))]
    public void NoThresholdFindsTheLesions(int look)
    {
        Phantom[] phantoms = [.. Draw(look, 25)];
        double best = Enumerable.Range(0, 25).Max(step => phantoms.Average(p => Dice(p, step / 25f)));

        Assert.True(best < 0.4, $"a threshold reaches Dice {best:f2}");
    }

    [Fact]
    public void SidesAndZonesVaryAndLowerOnesAreMoreFrequent()
    {
        Phantom[] phantoms = [.. Draw(0, 150)];
        int Named(Zones zone) => phantoms.Count(p => (p.Report.Zones & zone) != Zones.None);

        Assert.InRange(phantoms.Count(p => p.Report.Bilateral), 60, 120);
        Assert.True(Named(Zones.LeftUpper) > 10 && Named(Zones.RightUpper) > 10);
        Assert.True(Named(Zones.LeftLower) > Named(Zones.LeftUpper));
        Assert.True(Named(Zones.RightLower) > Named(Zones.RightUpper));
    }

    [Fact]
    public void APatientsPicturesShowTheSameBody()
    {
        // Their lungs agree better with each other than with the next patient's, on the average over 25.
        double same = 0, other = 0;
        for (int patient = 0; patient < 25; patient++)
        {
            BinaryMask lungs = PhantomDrawer.Draw(PhantomSettings.XRay, patient, 1).Lungs;
            same += Common(lungs, PhantomDrawer.Draw(PhantomSettings.XRay, patient, 2).Lungs);
            other += Common(lungs, PhantomDrawer.Draw(PhantomSettings.XRay, patient + 1, 2).Lungs);
        }

        Assert.True(same > other, $"same patient {same / 25:f3}, other patient {other / 25:f3}");
    }

    [Theory]
    [InlineData(32)]
    [InlineData(224)]
    public void ThePictureIsTheSameAtEverySizeButForDetail(int size)
    {
        foreach (PhantomSettings look in Looks)
        {
            Phantom usual = PhantomDrawer.Draw(look, 3, 1), other = PhantomDrawer.Draw(look with { Size = size }, 3, 1);
            Assert.Equal(size, other.Image.Width);
            Assert.Equal(usual.Mask.Area / (64.0 * 64), other.Mask.Area / (double)(size * size), 0.01);
            Assert.Equal(usual.Lungs.Area / (64.0 * 64), other.Lungs.Area / (double)(size * size), 0.01);
        }
    }

    [Theory]
    [InlineData(31)]
    [InlineData(513)]
    public void ASizeOutOfRangeIsRefused(int size)
    {
        var error = Assert.Throws<ArgumentException>(() => PhantomDrawer.Draw(new PhantomSettings { Size = size }, 1, 1));
        Assert.Equal($"A phantom's Size must be 32 to 512 pixels, not {size}.", error.Message);
    }

    private static IEnumerable<Phantom> Draw(int look, int count) => Enumerable.Range(0, count).Select(i => PhantomDrawer.Draw(Looks[look], i, 1));

    private static IEnumerable<int> Pixels(BinaryMask mask) => Enumerable.Range(0, mask.Pixels.Length).Where(i => mask.Pixels[i] != 0);

    private static double Brightness(Phantom phantom, BinaryMask area) => Pixels(area).Average(i => phantom.Image.Pixels[i]);

    private static double Common(BinaryMask a, BinaryMask b) => 2.0 * Pixels(a).Count(i => b.Pixels[i] != 0) / (a.Area + b.Area);

    private static double Dice(Phantom phantom, float threshold)
    {
        int found = 0, common = 0;
        for (int i = 0; i < phantom.Mask.Pixels.Length; i++)
        {
            if (phantom.Image.Pixels[i] <= threshold)
                continue;
            found++;
            common += phantom.Mask.Pixels[i];
        }

        return 2.0 * common / (found + phantom.Mask.Area);
    }

    /// <summary>8-connected components by another way than the library's: the lowest label spreads until nothing changes.</summary>
    private static int CountAreas(BinaryMask mask)
    {
        int[] labels = [.. Enumerable.Range(0, mask.Pixels.Length)];
        for (bool changed = true; changed;)
        {
            changed = false;
            foreach (int pixel in Pixels(mask))
            {
                foreach (int step in (int[])[1, mask.Width - 1, mask.Width, mask.Width + 1])
                {
                    int next = pixel + step; // no lesion lies on the frame's edge, so no step leaves it
                    if (next >= labels.Length || mask.Pixels[next] == 0 || labels[next] == labels[pixel])
                        continue;
                    labels[next] = labels[pixel] = Math.Min(labels[next], labels[pixel]);
                    changed = true;
                }
            }
        }

        return Pixels(mask).Select(pixel => labels[pixel]).Distinct().Count();
    }
}

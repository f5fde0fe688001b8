using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Imports;

namespace C2FVL.Tests.Workbook.Imports;

/// <summary>
/// Volumes that nibabel wrote, against what nibabel reads from them. tests/nifti/make.py made both; where nibabel is
/// installed, it makes them anew as well.
/// </summary>
public sealed class NiftiVolumeTests
{
    private static readonly string Tracked = Path.Combine(SharedData.Repository, "tests", "nifti");

    [Fact]
    public void TheTrackedVolumesAreUprightAsNibabelSays() => RequireUpright(Tracked);

    [Fact]
    public void VolumesThatNibabelWritesNowAreUprightToo()
    {
        using var folder = new TemporaryFolder();
        Python.Run(Path.Combine(Tracked, "make.py"), folder.Path);
        RequireUpright(folder.Path);
    }

    [Fact]
    public void TheHeaderTellsWhereTheOrientationComesFrom()
    {
        Assert.Equal(NiftiOrientation.Matrix, Read("ras-int16.nii.gz").Source);
        Assert.Equal(NiftiOrientation.Quaternion, Read("pir-float32-qform.nii").Source);
        Assert.Equal(NiftiOrientation.None, Read("none-int32.nii.gz").Source);
        Assert.Equal(20, Read("tilted-uint8.nii.gz").Tilt, 1);
        Assert.Equal((1.5, 5.0), Read("ras-int16.nii.gz").PixelSize(PatientAxis.X));
        Assert.False(Read("lps-int16-big.nii").FormsDiffer);
    }

    [Fact]
    public void AVolumeInAnotherOrderLiesWhereItLay()
    {
        string set = Path.Combine(Tracked, "set");
        NiftiVolume volume = NiftiVolume.Read(Path.Combine(set, "ct", "coronacases_org_001.nii.gz"));
        NiftiVolume mask = NiftiVolume.Read(Path.Combine(set, "masks", "coronacases_001.nii.gz"));
        Assert.NotEqual(volume.Matrix[0, 0], mask.Matrix[0, 0]);
        Assert.Equal(0, mask.DistanceFrom(volume)!.Value, 3);
        Assert.Null(Read("ras-int16.nii.gz").DistanceFrom(volume));
    }

    [Theory]
    [InlineData(0, 9, "this is not a NIfTI-1 file")]
    [InlineData(344, (byte)'x', "this is not a NIfTI-1 file")]
    [InlineData(345, (byte)'i', "this is the header of a pair (.hdr and .img)")]
    [InlineData(71, 128, "its voxels have type 128, which is not supported")]
    [InlineData(41, 9, "its header gives 9 dimensions")]
    [InlineData(49, 7, "it contains 7 volumes")]
    [InlineData(45, 40, "it is cut short: it has 120 of 1,200 bytes of voxels")]
    public void ADamagedHeaderIsNamedWithItsCure(int at, byte value, string problem)
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = File.ReadAllBytes(Path.Combine(Tracked, "lps-int16-big.nii"));
        bytes[at] = value;
        if (at == 345)
            bytes[344] = (byte)'n';
        if (at == 49)
            bytes[41] = 4;
        if (at == 345)
            (bytes[344], bytes[345], bytes[346]) = ((byte)'n', (byte)'i', (byte)'1');
        File.WriteAllBytes(folder["v.nii"], bytes);
        string message = Assert.Throws<InvalidDataException>(() => NiftiVolume.Read(folder["v.nii"])).Message;
        Assert.StartsWith(folder["v.nii"] + ": ", message);
        Assert.Contains(problem, message);
    }

    [Fact]
    public void ACutOrDamagedZipIsNamed()
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = File.ReadAllBytes(Path.Combine(Tracked, "ras-int16.nii.gz"));
        File.WriteAllBytes(folder["cut.nii.gz"], bytes[..(bytes.Length / 2)]);
        File.WriteAllBytes(folder["short.nii.gz"], bytes[..30]);
        byte[] flipped = [.. bytes];
        flipped[^6] ^= 0xff; // in gzip's checksum
        File.WriteAllBytes(folder["flipped.nii.gz"], flipped);
        foreach (string name in new[] { "cut.nii.gz", "short.nii.gz", "flipped.nii.gz" })
        {
            string message = Assert.Throws<InvalidDataException>(() => NiftiVolume.Read(folder[name])).Message;
            Assert.StartsWith(folder[name] + ": ", message);
            Assert.Contains("Copy or download it again.", message);
        }
    }

    [Fact]
    public void ASizeThatAFileOnlyClaimsReservesNothing()
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = Unzipped(Path.Combine(Tracked, "ras-int16.nii.gz"));
        foreach (int dimension in new[] { 42, 44, 46 })
            (bytes[dimension], bytes[dimension + 1]) = (0xff, 3);
        File.WriteAllBytes(folder["v.nii"], bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("Copy or download",
            Assert.Throws<InvalidDataException>(() => NiftiVolume.Read(folder["v.nii"])).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
    }

    private static NiftiVolume Read(string name) => NiftiVolume.Read(Path.Combine(Tracked, name));

    private static byte[] Unzipped(string path)
    {
        using var zipped = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        zipped.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static void RequireUpright(string folder)
    {
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "expected.json")));
        Assert.Equal(7, expected.RootElement.EnumerateObject().Count());
        foreach (JsonProperty file in expected.RootElement.EnumerateObject())
        {
            NiftiVolume volume = NiftiVolume.Read(Path.Combine(folder, file.Name));
            foreach (JsonProperty axis in file.Value.EnumerateObject())
            {
                var across = Enum.Parse<PatientAxis>(axis.Name);
                Assert.Equal(axis.Value.GetArrayLength(), volume.Slices(across));
                foreach ((JsonElement slice, int index) in axis.Value.EnumerateArray()
                    .Select((slice, index) => (slice, index)))
                {
                    (int width, int height, double[] values) = volume.Slice(across, index);
                    Assert.Equal((slice.GetArrayLength(), slice[0].GetArrayLength()), (height, width));
                    double[] wanted = [.. slice.EnumerateArray().SelectMany(row => row.EnumerateArray())
                        .Select(value => value.GetDouble())];
                    Assert.True(wanted.SequenceEqual(values), $"{file.Name}, {axis.Name}, slice {index}");
                }
            }
        }
    }
}

using C2FVL.Data;
using C2FVL.Tests.Support;
using C2FVL.Tests.Workbook.Imports;
using C2FVL.Workbook.Commands;

namespace C2FVL.Tests.Workbook.Commands;

/// <summary>
/// Three volumes and masks that nibabel wrote, the first mask in another order of voxels than its volume.
/// </summary>
public sealed class ImportNiftiCommandTests : IDisposable
{
    private static readonly string Set = Path.Combine(SharedData.Repository, "tests", "nifti", "set");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task SlicesStandUprightUnderTheirMasksAndCheckDataKnowsThePatients()
    {
        (int code, string said) = await Import("--lesion-label", "3");
        Assert.Equal(0, code);
        Assert.Contains("3 volumes of 3 patients, 3 with a lesion mask", said);
        Assert.Contains($"{folder["out"]}: 12 slices of 3 volumes, 2 with lesion", said);

        // Volume 1 runs to the left, so its lesion at index 10 of 40 lies in the image's left half; volume 2 runs to
        // the right.
        foreach ((string name, bool left) in new[] { ("001", true), ("002", false) })
        {
            string file = $"sub-coronacases{name}_slice-002.png";
            GrayImage image = ImageFile.Read(folder["out", "images", file]);
            BinaryMask mask = ImageFile.ReadMask(folder["out", "masks", file]);
            Assert.Equal((40, 32), (image.Width, image.Height));
            int[] lesion = [.. Enumerable.Range(0, mask.Pixels.Length).Where(i => mask.Pixels[i] != 0)];
            Assert.NotEmpty(lesion);
            Assert.All(lesion, i => Assert.Equal(left, i % 40 < 20));
            Assert.All(lesion, i =>
                Assert.Equal(Math.Round(255 * 1050 / 1500.0), 255 * image.Pixels[i], 3.0)); // -200 in -1250 to 250
            double row = lesion.Average(i => i / 40);
            Assert.True(name == "001" ? row > 15.5 : row < 15.5, $"row {row}"); // 1 runs to the back, 2 to the front
        }

        (code, said) = await ConsoleRun.Of(CheckDataCommand.Create(), folder["out"], "--kind", "CT");
        Assert.Equal(0, code);
        Assert.Contains("cases: 12", said);
        Assert.Contains("patients: 3 identified", said);
        string[] rows = File.ReadAllLines(folder["out", "slices.tsv"]);
        Assert.Equal(13, rows.Length);
        Assert.Matches(@"^sub-coronacases001_slice-000\.png\tsub-coronacases001\t.*org_001\.nii\.gz\t0\t0$", rows[1]);
    }

    [Theory]
    [InlineData(new[] { "--slices", "Lesion", "--lesion-label", "3" }, 2)]
    [InlineData(new[] { "--slices", "Lung", "--lesion-label", "3", "--lung-label", "1", "2" }, 6)]
    [InlineData(new[] { "--slices", "Lung", "--lesion-label", "3" }, 6)] // by air inside the body
    [InlineData(new[] { "--slices", "Lesion", "--lesion-label", "1", "3" }, 6)]
    [InlineData(new[] { "--axis", "Y", "--lesion-label", "3" }, 96)]
    public async Task OnlyTheWantedSlicesAreWritten(string[] options, int slices)
    {
        (int code, string said) = await Import(options);
        Assert.Equal(0, code);
        Assert.Contains($": {slices} slices of 3 volumes", said);
        Assert.Equal(slices, Directory.GetFiles(folder["out", "images"]).Length);
        Assert.Equal(slices, Directory.GetFiles(folder["out", "masks"]).Length);
        Assert.Equal(options.Contains("Y"), said.Contains("a pixel is 8 x 5 mm, so slices look stretched"));
    }

    [Fact]
    public async Task SeveralLabelsAreListedAndALabelThatNoMaskHoldsIsRefused()
    {
        (int code, string said) = await Import();
        Assert.Equal(1, code);
        Assert.Matches(@"the masks contain several labels: 0 on [\d,]+ voxels, 1 on [\d,]+, 2 on [\d,]+, 3 on [\d,]+\. Name the lesion's label, for example --lesion-label 3", said);
        (code, said) = await Import("--lesion-label", "7");
        Assert.Equal(1, code);
        Assert.Contains("--lesion-label 7: no mask contains this value", said);
        Assert.False(Directory.Exists(folder["out"]));
    }

    [Fact]
    public async Task OneBadVolumeIsLeftOutAndTheRestIsWritten()
    {
        CopySet();
        string bad = folder["set", "ct", "coronacases_org_002.nii.gz"];
        File.WriteAllBytes(bad, File.ReadAllBytes(bad)[..200]);
        File.Copy(folder["set", "masks", "coronacases_001.nii.gz"], folder["set", "masks", "coronacases_012.nii.gz"],
            overwrite: true);
        File.Move(folder["set", "ct", "coronacases_org_001.nii.gz"], folder["set", "ct", "coronacases_org_1.nii.gz"]);
        (int code, string said) = await Import("--lesion-label", "3");
        Assert.Equal(1, code);
        Assert.Contains(": 8 slices of 2 volumes",
            said); // 1 pairs with 001, and 12's mask has the same grid in another order
        Assert.Contains($"skipped: {bad}: it is cut short", said);
    }

    [Fact]
    public async Task AVolumeThatIsLeftOutForItsMaskLeavesNoSlices()
    {
        CopySet();
        string bad = folder["set", "masks", "coronacases_001.nii.gz"];
        NiftiChange.Floats(bad, (112, 0.3f)); // scl_slope: slices without a label are still whole numbers
        (int code, string said) = await Import("--lesion-label", "3");
        Assert.Equal(1, code);
        Assert.Contains($"skipped: {bad}: the mask contains the value 0.3", said);
        Assert.Contains(": 8 slices of 2 volumes", said);
        Assert.Equal(8, Directory.GetFiles(folder["out", "images"]).Length);
        Assert.Equal(8, Directory.GetFiles(folder["out", "masks"]).Length);
        Assert.Equal(9, File.ReadAllLines(folder["out", "slices.tsv"]).Length);
    }

    [Fact]
    public async Task AMaskThatLiesElsewhereIsRefusedUnlessTheUserSaysItIsRight()
    {
        CopySet();
        foreach (string file in Directory.GetFiles(folder["set"], "*", SearchOption.AllDirectories)
            .Where(file => !file.Contains("001")))
            File.Delete(file);
        NiftiChange.Floats(folder["set", "masks", "coronacases_001.nii.gz"],
            (292, 500)); // the origin of X in the sform
        (int code, string said) = await Import("--lesion-label", "3");
        Assert.Equal(1, code);
        Assert.Matches(@"skipped: .*coronacases_001\.nii\.gz: according to the headers it is up to [\d.]+ mm away from its volume", said);
        (code, said) = await Import("--lesion-label", "3", "--masks-as-volumes");
        Assert.Equal(0, code);
    }

    [Fact]
    public async Task AWindowThatShowsNothingIsSaid()
    {
        (int code, string said) = await Import("--lesion-label", "3", "--window", "500", "600");
        Assert.Equal(0, code);
        Assert.Contains("100 % of the voxels lie at or below the window", said);
    }

    [Fact]
    public async Task AFolderThatIsNotEmptyAndAWindowThatIsNoneAreRefused()
    {
        Directory.CreateDirectory(folder["out", "images"]);
        Assert.Contains("is not empty. Give a new folder to --out", (await Import("--lesion-label", "3")).Said);
        foreach ((string low, string high) in new[] { ("250", "-1250"), ("1,5", "2"), ("low", "high") })
            Assert.Contains("it must be two numbers",
                (await ConsoleRun.Of(ImportNiftiCommand.Create(), Set, "--out", folder["new"], "--window", low, high))
                .Said);
        Assert.Contains("--slices is Bones; it must be one of All, Lung, Lesion.",
            (await Import("--slices", "Bones")).Said);
    }

    private void CopySet()
    {
        foreach (string file in Directory.GetFiles(Set, "*", SearchOption.AllDirectories))
        {
            string copy = folder["set", Path.GetRelativePath(Set, file)];
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private Task<(int Code, string Said)> Import(params string[] options) => ConsoleRun.Of(
        ImportNiftiCommand.Create(),
        [Directory.Exists(folder["set"]) ? folder["set"]
            : Set, "--out", folder["out"], .. options.Contains("--window") ? Array.Empty<string>()
            : ["--window", "-1250", "250"], .. options]);
}

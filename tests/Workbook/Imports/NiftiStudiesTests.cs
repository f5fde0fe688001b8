using C2FVL.Tests.Support;
using C2FVL.Workbook.Imports;

namespace C2FVL.Tests.Workbook.Imports;

/// <summary>
/// Volumes and masks as the public CT sets name them. Files are empty: only their names are read here.
/// </summary>
public sealed class NiftiStudiesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TheSetsOfThisFieldArePaired()
    {
        Make("ct_scans/coronacases_org_001.nii", "infection_mask/coronacases_001.nii", "lung_mask/coronacases_001.nii");
        Assert.Equal(["sub-coronacases001: ct_scans/coronacases_org_001.nii, infection_mask/coronacases_001.nii, "
            + "lung_mask/coronacases_001.nii"], Pairs());

        Make("ct/a.nii", "infection_mask/a.nii", "lung_and_infection_mask/a.nii");
        Assert.Equal(["sub-a: ct/a.nii, infection_mask/a.nii, "], Pairs(leftOut: 1));

        Make("studies/CT-1/study_0255.nii.gz", "masks/study_0255_mask.nii.gz", "studies/CT-1/study_0256.nii.gz");
        Assert.Equal(["sub-study0255: studies/CT-1/study_0255.nii.gz, masks/study_0255_mask.nii.gz, "],
            Pairs(leftOut: 1));

        Make("Train/volume-covid19-A-0003_ct.nii.gz", "Train/volume-covid19-A-0003_seg.nii.gz");
        Assert.Equal(["sub-covid19a0003: Train/volume-covid19-A-0003_ct.nii.gz, "
            + "Train/volume-covid19-A-0003_seg.nii.gz, "], Pairs());

        Make("imagesTr/lung_001_0000.nii.gz", "labelsTr/lung_001.nii.gz");
        Assert.Equal(["sub-001: imagesTr/lung_001_0000.nii.gz, labelsTr/lung_001.nii.gz, "], Pairs("labelsTr"));

        Make("rp_im/1.nii.gz", "rp_msk/1.nii.gz", "rp_im/2.nii.gz", "rp_msk/2.nii.gz");
        Assert.Equal(["sub-1: rp_im/1.nii.gz, rp_msk/1.nii.gz, ", "sub-2: rp_im/2.nii.gz, rp_msk/2.nii.gz, "], Pairs());

        Make("a/ct.nii.gz", "a/mask.nii.gz", "b/ct.nii.gz", "b/mask.nii.gz");
        Assert.Equal(["sub-a: a/ct.nii.gz, a/mask.nii.gz, ", "sub-b: b/ct.nii.gz, b/mask.nii.gz, "], Pairs());
    }

    [Fact]
    public void PatientsComeFromBidsNamesOrFromAPattern()
    {
        Make("sub-01_ses-1_ct.nii.gz", "sub-01_ses-2_ct.nii.gz");
        Assert.Equal(["sub-01_ses1", "sub-01_ses2"], Studies().Select(study => study.Name));
        Assert.All(Studies(), study => Assert.Equal("01", study.Patient));

        Make("Anna_b.nii", "Anna_c.nii");
        Assert.Equal(["sub-anna_annab", "sub-anna_annac"],
            Studies(pattern: "^([A-Za-z]+)_").Select(study => study.Name));
        Assert.Contains("--patient '^(x)' does not match this name", Refused(pattern: "^(x)"));
    }

    [Fact]
    public void WhatCannotBePairedIsRefusedWithACure()
    {
        Make("ct/a.nii", "masks/a.nii", "labels/a.nii");
        Assert.Contains("Name the folder of the right masks with --masks", Refused());
        Assert.Equal(["sub-a: ct/a.nii, labels/a.nii, "], Pairs("labels"));

        Make("ct/a.nii", "masks/b.nii");
        Assert.Contains("none of the 1 masks, such as masks/b.nii, has a name like one of the 1 volumes, such as "
            + "ct/a.nii", Refused());
        Make("masks/b.nii");
        Assert.Contains("there is no volume (.nii, .nii.gz) beside 1 masks", Refused());
        Make("a_1.nii", "a-1.nii");
        Assert.Contains("would both be named sub-a1. Rename one of them.", Refused());
    }

    private void Make(params string[] files)
    {
        if (Directory.Exists(folder["set"]))
            Directory.Delete(folder["set"], recursive: true);
        foreach (string file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder["set", file])!);
            File.WriteAllText(folder["set", file], "");
        }
    }

    private IReadOnlyList<NiftiStudy> Studies(string? masks = null, string? pattern = null) =>
        NiftiStudies.Find(folder["set"], masks is null ? null : folder["set", masks], null, pattern).Studies;

    private string Refused(string? pattern = null) =>
        Assert.Throws<InvalidDataException>(() => Studies(pattern: pattern)).Message;

    private string[] Pairs(string? masks = null, int leftOut = 0)
    {
        (IReadOnlyList<NiftiStudy> studies, IReadOnlyList<string> left) =
            NiftiStudies.Find(folder["set"], masks is null ? null : folder["set", masks], null, null);
        Assert.Equal(leftOut, left.Count);
        string Short(string? file) => file is null ? "" : Path.GetRelativePath(folder["set"], file).Replace('\\', '/');
        return [.. studies.Select(
            study => $"{study.Name}: {Short(study.Volume)}, {Short(study.Mask)}, {Short(study.Lungs)}")];
    }
}

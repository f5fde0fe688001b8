using C2FVL.Data;
using C2FVL.Tests.Data;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Checks;

namespace C2FVL.Tests.Workbook.Checks;

public sealed class LeakReportTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Patients_that_cross_parts_are_counted_with_the_test_cases_they_touch()
    {
        DatasetCheckResult check = Report(
            ("a1", "anna", Part.Train, 1), ("a2", "anna", Part.Test, 2), ("a3", "anna", Part.Test, 3),
            ("b1", "bert", Part.Val, 4), ("b2", "bert", Part.Test, 5),
            ("c1", "carl", Part.Train, 6), ("c2", "carl", Part.Train, 7), ("c3", "carl", Part.Val, 8),
            ("d1", null, Part.Train, 9), ("e1", "ella", Part.Test, 10));

        Assert.Equal(["anna", "bert", "carl"], check.Leaks.CrossingPatients);
        Assert.Equal((2, 4), (check.Leaks.TestCasesOfTrainPatients, check.Leaks.TestCases));
        Assert.Equal((1, 2), (check.Leaks.ValCasesOfTrainPatients, check.Leaks.ValCases));
        Assert.Equal(1, check.Leaks.CasesWithoutPatient);
        Assert.Contains("2 of 4 test cases and 1 of 2 validation cases come from a patient who is also in training.", check.LeaksToText());
    }

    [Fact]
    public void Identical_images_are_found_across_parts_and_inside_one()
    {
        DatasetCheckResult check = Report(
            ("a", null, Part.Train, 1), ("b", null, Part.Test, 1),
            ("c", null, Part.Val, 2), ("d", null, Part.Val, 2),
            ("e", null, Part.Train, 3), ("f", null, Part.Train, 3), ("g", null, Part.Test, 3),
            ("h", null, Part.Train, 4));

        Assert.Equal(["a b", "e f g"], check.Leaks.IdenticalAcrossParts.Select(i => string.Join(' ', i.Cases)));
        Assert.Equal(["c d", "e f g"], check.Leaks.Identical.Where(i => i.RepeatInsideAPart).Select(i => string.Join(' ', i.Cases)));
    }

    [Fact]
    public void A_copy_in_another_format_is_the_same_image()
    {
        ImageFile.Write(folder["a.png"], new GrayImage(2, 1, [0, 1]));
        TestPng.Write(folder["b.png"], 2, 1, TestPng.Gray, [[0b0100_0000]]);
        Assert.Equal(CaseLook.Hash(ImageFile.Read(folder["a.png"])), CaseLook.Hash(ImageFile.Read(folder["b.png"])));
        Assert.NotEqual(CaseLook.Hash(new GrayImage(2, 1)), CaseLook.Hash(new GrayImage(1, 2)));
    }

    [Fact]
    public void A_clean_split_says_so_and_an_unreadable_image_is_passed_over()
    {
        File.WriteAllText(folder["broken.png"], "");
        DatasetCheckResult check = Report(("a", "anna", Part.Train, 1), ("b", "bert", Part.Test, 2), ("broken", "carl", Part.Test, null));
        Assert.Empty(check.Leaks.CrossingPatients);
        Assert.Empty(check.Leaks.IdenticalAcrossParts);
        Assert.Equal("No known patient is in more than one set.\nNo identical images in more than one set.\nNo identical images within one set.", check.LeaksToText());
    }

    /// <summary>Writes an image for each case, equal where the picture number is equal, and reports on the parts.</summary>
    private DatasetCheckResult Report(params (string Id, string? Patient, Part Part, int? Picture)[] cases)
    {
        foreach (var (id, _, _, picture) in cases)
        {
            if (picture is int number)
                ImageFile.Write(folder[id + ".png"], new GrayImage(2, 2, [0, 0, 1, number / 255f]));
        }

        Case[] items = [.. cases.Select(c => new Case(c.Id, folder[c.Id + ".png"], null, null, c.Patient, ImageKind.XRay, c.Part))];
        var dataset = new Dataset("drawn", folder.Path, items, []);
        return DatasetCheck.Run(dataset, Split.AsGiven(dataset));
    }
}

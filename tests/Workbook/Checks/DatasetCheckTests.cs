using C2FVL.Data;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Checks;

namespace C2FVL.Tests.Workbook.Checks;

public sealed class DatasetCheckTests : IDisposable
{
    private static readonly LesionReport Consistent = new(false, 1, Zones.LeftUpper);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_sound_folder_is_counted_and_has_no_faults()
    {
        DatasetCheckResult result = DatasetCheck.Run(Folder(
            Written("a", Part.Train, lesion: 4), Written("b", Part.Train, lesion: 0), Written("c", Part.Test, lesion: 2)));

        Assert.Empty(result.Faults);
        Assert.Equal(3, result.Cases);
        Assert.Equal([("Train", 2), ("Test", 1)], result.Parts.Select(p => (p.Key, p.Value)));
        Assert.Equal([("4 x 4", 3)], result.ImageSizes.Select(p => (p.Key, p.Value)));
        Assert.Equal([("0, 255", 2), ("0", 1)], result.MaskValues.Select(p => (p.Key, p.Value)));
        Assert.Equal(["b"], result.EmptyMasks);
        Assert.Equal(3, result.Patients);
        Assert.Empty(result.MissingReports);
        Assert.Empty(result.Contradictions);
    }

    [Fact]
    public void Every_kind_of_fault_is_named_with_its_cure_and_stops_nothing()
    {
        Case cut = Written("cut", Part.Train, 1);
        byte[] whole = File.ReadAllBytes(cut.ImagePath);
        File.WriteAllBytes(cut.ImagePath, whole[..(whole.Length - 30)]);
        Case gone = Written("gone", Part.Train, 1);
        File.Delete(gone.MaskPath!);
        Case other = Written("other", Part.Train, 1);
        ImageFile.Write(other.MaskPath!, new BinaryMask(4, 5));
        Dataset dataset = Folder(cut, gone, Written("good", Part.Train, 1), other);
        var orphan = new DataFault("x.png", null, "It has no mask.", "Add it.");

        DatasetCheckResult result = DatasetCheck.Run(dataset with { Faults = [orphan] });

        Assert.Equal([orphan.File, cut.ImagePath, gone.MaskPath, other.MaskPath], result.Faults.Select(f => f.File));
        Assert.All(result.Faults, fault => Assert.NotEmpty(fault.Cure));
        Assert.Contains("cut short", result.Faults[1].Problem);
        Assert.Contains("4 x 5", result.Faults[3].Problem);
        Assert.Equal(3, result.ImageSizes["4 x 4"]);
        foreach (DataFault fault in result.Faults)
            Assert.Contains(fault.ToString(), result.ToText());
    }

    [Fact]
    public void Missing_and_contradictory_reports_are_listed()
    {
        DatasetCheckResult result = DatasetCheck.Run(Folder(
            Written("a", Part.Train, 1),
            Written("b", Part.Val, 1) with { Report = null },
            Written("c", Part.Val, 1) with { Report = new LesionReport(true, 1, Zones.All) }));
        Assert.Equal(["b"], result.MissingReports);
        ReportContradiction found = Assert.Single(result.Contradictions);
        Assert.Equal("c", found.Case.Id);
        Assert.NotEmpty(found.Problems);
        Assert.Contains("Contradictory reports: 1 (Val 1); 1 of them count fewer areas", result.ToText());
    }

    [Fact]
    public void Leaks_are_looked_for_in_the_given_parts_or_the_split()
    {
        Dataset dataset = Folder(
            Written("a", Part.Train, 1) with { Patient = "anna" },
            Written("b", Part.Test, 1) with { Patient = "anna" });
        Assert.Equal(["anna"], DatasetCheck.Run(dataset).Leaks.CrossingPatients);
        var together = new Split("together", ["a", "b"], [], []);
        Assert.Empty(DatasetCheck.Run(dataset, together).Leaks.CrossingPatients);

        Dataset without = dataset with { Cases = [.. dataset.Cases.Select(c => c with { GivenPart = null })] };
        DatasetCheckResult result = DatasetCheck.Run(without);
        Assert.Equal("no sets given", result.Leaks.Split);
        Assert.Equal(2, result.Parts["no set"]);
    }

    [Fact]
    public void The_fingerprint_is_what_was_drawn()
    {
        // Left half 51, right half 255; the lesion is two pixels of the first row.
        Fingerprint print = DatasetCheck.Run(Folder(Written("a", Part.Train, lesion: 3))).Fingerprint;
        Assert.Equal(0.6, print.Pixels!.Mean, 12);
        Assert.Equal(0.4, print.Pixels.Deviation, 12);
        Assert.Equal((0.2, 1.0), (print.Pixels.Least, print.Pixels.Greatest));
        Assert.Equal((0.2 + 0.2 + 1) / 3, print.LesionPixels!.Mean, 12);
        Assert.Equal(3 / 16.0, print.LesionArea!.Mean);
        Assert.Equal((1, 0), (print.Reports, print.Bilateral));
        Assert.Equal([1, 0, 0, 0, 0, 0], print.Zones.Values);
        Assert.Equal(1, print.Areas[1]);
    }

    [Fact]
    public void An_empty_data_set_has_an_empty_result()
    {
        DatasetCheckResult result = DatasetCheck.Run(Folder());
        Assert.Equal(0, result.Cases);
        Assert.Null(result.Fingerprint.Pixels);
        Assert.Contains("cases: 0", result.ToText());
    }

    [Fact]
    public void Progress_ends_at_all_cases_and_a_cancelled_check_stops()
    {
        Dataset dataset = Folder(Written("a", Part.Train, 1), Written("b", Part.Train, 1));
        var seen = new List<DatasetCheckProgress>();
        DatasetCheck.Run(dataset, progress: new Listener(seen.Add));
        Assert.Equal([new(1, 2), new(2, 2)], seen);
        Assert.Throws<OperationCanceledException>(() => { DatasetCheck.Run(dataset, cancellation: new CancellationToken(canceled: true)); });
    }

    [Fact]
    public void QaTa_is_whole_and_has_its_48_known_slips()
    {
        Dataset dataset = DatasetReader.Read(SharedData.Require("data/QaTa-COV19"));
        TimeSpan before = Environment.CpuUsage.TotalTime;
        DatasetCheckResult result = DatasetCheck.Run(dataset);
        TestContext.Current.TestOutputHelper!.WriteLine($"{(Environment.CpuUsage.TotalTime - before).TotalSeconds:0.0} s of processor time, {Environment.WorkingSet >> 20} MiB\n{result.ToText()}");

        Assert.Empty(result.Faults);
        Assert.Equal(9258, result.Cases);
        Assert.Equal([("Train", 5716), ("Val", 1429), ("Test", 2113)], result.Parts.Select(p => (p.Key, p.Value)));
        Assert.Equal(9258, result.ImageSizes["224 x 224"]);
        Assert.Empty(result.MissingReports);
        Assert.Equal(48, result.CountsBelowSides.Count());
        Assert.Equal([36, 7, 5], Enum.GetValues<Part>().Select(part => result.CountsBelowSides.Count(c => c.Case.GivenPart == part)));
        Assert.Empty(result.Leaks.CrossingPatients);
    }

    private Dataset Folder(params Case[] cases) => new("drawn", folder.Path, cases, []);

    /// <summary>A 4 x 4 image, its left half 51 and its right half 255, with a mask of its first pixels.</summary>
    private Case Written(string id, Part part, int lesion)
    {
        var image = new GrayImage(4, 4, [.. Enumerable.Range(0, 16).Select(i => i % 4 < 2 ? 0.2f : 1f)]);
        var mask = new BinaryMask(4, 4, [.. Enumerable.Range(0, 16).Select(i => i < lesion ? (byte)1 : (byte)0)]);
        ImageFile.Write(folder[id + ".png"], image);
        ImageFile.Write(folder["mask_" + id + ".png"], mask);
        return new Case(id, folder[id + ".png"], folder["mask_" + id + ".png"], Consistent, "patient " + id, ImageKind.XRay, part);
    }

    private sealed class Listener(Action<DatasetCheckProgress> hear) : IProgress<DatasetCheckProgress>
    {
        public void Report(DatasetCheckProgress value) => hear(value);
    }
}

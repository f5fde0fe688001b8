using C2FVL.Data;
using C2FVL.Phantoms;
using C2FVL.Tests.Support;

namespace C2FVL.Tests.Phantoms;

public sealed class PhantomFolderTests
{
    private static readonly PhantomSettings Few = new() { Size = 32, Train = 9, Val = 4, Test = 5, MaxImagesPerPatient = 3 };

    [Theory]
    [InlineData(ImageKind.XRay)]
    [InlineData(ImageKind.CT)]
    public void TheSetReadsBackAsDrawn(ImageKind kind)
    {
        using var temporary = new TemporaryFolder();
        PhantomSettings settings = Few with { Kind = kind, Distractors = true };
        Dataset dataset = DatasetReader.Read(PhantomFolder.Write(temporary.Path, settings), new DatasetSettings { Kind = kind });

        Assert.Empty(dataset.Faults);
        Assert.Equal([9, 4, 5], new[] { Part.Train, Part.Val, Part.Test }.Select(part => dataset.Cases.Count(c => c.GivenPart == part)));
        foreach (Case read in dataset.Cases)
        {
            string[] id = read.Id["sub-s".Length..].Split("_image");
            Phantom drawn = PhantomDrawer.Draw(settings, int.Parse(id[0]), int.Parse(id[1]));
            Assert.Equal(drawn.Image.Pixels, ImageFile.Read(read.ImagePath).Pixels);
            Assert.Equal(drawn.Mask.Pixels, ImageFile.ReadMask(read.MaskPath!).Pixels);
            Assert.Equal(drawn.Report, read.Report);
        }
    }

    [Fact]
    public void FileNamesTellPatientsAndNonePassesIntoAnotherPart()
    {
        using var temporary = new TemporaryFolder();
        Dataset dataset = DatasetReader.Read(PhantomFolder.Write(temporary.Path, Few));

        Assert.All(dataset.Cases, c => Assert.NotNull(c.Patient));
        Assert.All(dataset.Cases.GroupBy(c => c.Patient), images => Assert.Single(images.Select(c => c.GivenPart).Distinct()));
        Assert.Contains(dataset.Cases.GroupBy(c => c.Patient), images => images.Count() > 1);
    }

    [Fact]
    public void ASetThatIsThereIsNotWrittenAgain()
    {
        using var temporary = new TemporaryFolder();
        string folder = PhantomFolder.Write(temporary.Path, Few);
        string[] pictures = Directory.GetFiles(folder, "*.png", SearchOption.AllDirectories);
        File.Delete(pictures[0]);

        Assert.Equal(folder, PhantomFolder.Write(temporary.Path, Few));
        Assert.False(File.Exists(pictures[0]));
        Assert.Equal([folder], Directory.GetFileSystemEntries(temporary.Path));
    }

    [Fact]
    public async Task WritersAtOnceAllGetTheOneFolder()
    {
        using var temporary = new TemporaryFolder();
        PhantomSettings settings = Few with { Train = 1, Val = 1, Test = 1 };
        for (int round = 0; round < 10; round++)
        {
            string parent = temporary[$"{round}"];
            using var start = new ManualResetEventSlim();
            Task<string>[] writers = [.. Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.Wait();
                    return PhantomFolder.Write(parent, settings);
                },
                TaskCreationOptions.LongRunning))];
            start.Set();
            string folder = Assert.Single((await Task.WhenAll(writers)).Distinct());
            Assert.Equal([folder], Directory.GetFileSystemEntries(parent));
        }
    }

    [Fact]
    public void OtherSettingsGiveAnotherFolder()
    {
        using var temporary = new TemporaryFolder();
        string[] folders =
        [
            PhantomFolder.Write(temporary.Path, Few),
            PhantomFolder.Write(temporary.Path, Few with { Seed = 1 }),
            PhantomFolder.Write(temporary.Path, Few with { Distractors = true }),
        ];

        Assert.Equal(3, folders.Distinct().Count());
    }

    [Fact]
    public void AForeignFolderIsNotTouched()
    {
        using var temporary = new TemporaryFolder();
        string folder = PhantomFolder.Write(temporary.Path, Few);
        Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "mine.txt"), "mine");

        var error = Assert.Throws<IOException>(() => PhantomFolder.Write(temporary.Path, Few));
        Assert.Equal($"{folder}: this folder should contain phantoms but contains something else. Move it away.", error.Message);
        Assert.Equal(["mine.txt"], Directory.GetFileSystemEntries(folder).Select(Path.GetFileName));
        Assert.Equal([folder], Directory.GetFileSystemEntries(temporary.Path));
    }

    [Fact]
    public void WhatAKilledDrawingLeftGoesOnceItIsOld()
    {
        using var temporary = new TemporaryFolder();
        string[] dead = [temporary["phantom-xray-64-1.a.tmp"], temporary["phantom-ct-64-2.b.tmp"]];
        string alive = temporary["phantom-xray-64-3.c.tmp"], foreign = temporary["mine.tmp"];
        foreach (string unfinished in dead.Append(alive).Append(foreign))
        {
            Directory.CreateDirectory(Path.Combine(unfinished, "Train_Folder"));
            Directory.SetLastWriteTimeUtc(unfinished, DateTime.UtcNow.AddHours(unfinished == alive ? -5 : -7));
        }

        string set = PhantomFolder.Write(temporary.Path, Few);
        Assert.Equal(new[] { set, alive, foreign }.Order(), Directory.GetFileSystemEntries(temporary.Path).Order());

        Directory.SetLastWriteTimeUtc(alive, DateTime.UtcNow.AddHours(-7));
        Assert.Equal(set, PhantomFolder.Write(temporary.Path, Few)); // it is drawn already; the rest goes all the same
        Assert.Equal(new[] { set, foreign }.Order(), Directory.GetFileSystemEntries(temporary.Path).Order());
    }
}

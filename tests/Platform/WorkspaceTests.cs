using C2FVL.Platform;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Commands;

namespace C2FVL.Tests.Platform;

/// <summary>Paths start from the current folder; bare names are sets under data/ or C2FVL_DATA.</summary>
public sealed class WorkspaceTests
{
    private const string Name = "workspace-test-set";

    [Fact]
    public void APathStartsFromTheCurrentFolderWithOrWithoutADot()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder[Name, "inner"]);
        string relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), folder[Name]);
        Assert.Equal(folder[Name], Workspace.FindData(relative));
        Assert.Equal(folder[Name], DataFolder.Find(relative));
        Assert.Equal(folder[Name], DataFolder.SetName(relative));
        Assert.Equal(folder[Name, "inner"], Workspace.FindData(Path.Combine(relative, "inner")));
        Assert.Null(Workspace.FindData("./" + Name));
        Assert.Null(Workspace.FindData(Name));
        Assert.Equal(Name, DataFolder.SetName(Name));
        Assert.EndsWith("Check the path.", Assert.Throws<DirectoryNotFoundException>(() => DataFolder.Find("./" + Name)).Message);
        Assert.Contains("under data/ or C2FVL_DATA", Assert.Throws<DirectoryNotFoundException>(() => DataFolder.Find(Name)).Message);
    }

    [Fact]
    public void ABareNameIsASetUnderData()
    {
        Assert.Equal(Path.Combine(Workspace.Root, "data", "paper"), Workspace.FindData("paper"));
        Assert.Equal("paper", DataFolder.SetName("paper"));
        Assert.Equal(Workspace.Results, Workspace.FindData("results"));
        Assert.Equal(Path.Combine(Workspace.Results, "mini"), Workspace.FindData("results/mini")); // no such path here, so one under data/
    }
}

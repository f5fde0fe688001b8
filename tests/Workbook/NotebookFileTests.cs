using System.Text;
using System.Text.Json.Nodes;
using C2FVL.Tests.Support;
using C2FVL.Workbook.Notebooks;

namespace C2FVL.Tests.Workbook;

public sealed class NotebookFileTests
{
    private const string Loose = """
        {"nbformat": 4, "nbformat_minor": 2, "metadata": {"authors": ["A"], "language_info": {"version": "1", "name": "C#"}},
         "cells": [
          {"cell_type": "markdown", "source": "# Über ≤ 日本\r\ntext", "metadata": {"mine": 1}, "attachments": {"a.png": {}}},
          {"cell_type": "code", "id": "keep-me", "source": ["var a = 1;\n", "a"], "execution_count": 7,
           "metadata": {"execution": {"start": "now"}, "tags": ["x"]},
           "outputs": [{"output_type": "execute_result", "execution_count": 7, "metadata": {}, "data": {"text/plain": "1\n2", "image/png": "iVBOR"}}]},
          {"cell_type": "code", "id": "keep-me", "source": "", "metadata": {}, "outputs": []}
         ]}
        """;

    [Fact]
    public void A_written_notebook_read_and_written_again_is_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        string path = folder["a.ipynb"];
        File.WriteAllText(path, Loose);
        NotebookFile.Write(path, NotebookFile.Read(path));
        byte[] first = File.ReadAllBytes(path);

        NotebookFile.Write(path, NotebookFile.Read(path));

        Assert.Equal(first, File.ReadAllBytes(path));
        string text = Encoding.UTF8.GetString(first);
        Assert.EndsWith("}\n", text);
        Assert.DoesNotContain('\r', text);
        Assert.Contains("# Über ≤ 日本", text);
    }

    [Fact]
    public void Ids_are_kept_and_made_the_same_way_where_they_are_missing_or_taken()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.ipynb"], Loose);

        string[] once = [.. NotebookFile.Read(folder["a.ipynb"]).Cells.Select(c => c.Id)];
        string[] twice = [.. NotebookFile.Read(folder["a.ipynb"]).Cells.Select(c => c.Id)];

        Assert.Equal(once, twice);
        Assert.Equal("keep-me", once[1]);
        Assert.Equal(3, once.Distinct().Count());
        Assert.All(once, id => Assert.Matches("^[a-zA-Z0-9_-]{1,64}$", id));
    }

    [Fact]
    public void The_hosts_metadata_is_set_unknown_keys_stay_and_times_go()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.ipynb"], Loose);

        JsonNode json = JsonNode.Parse(NotebookFile.ToBytes(NotebookFile.Read(folder["a.ipynb"])))!;

        Assert.Equal(5, (int)json["nbformat_minor"]!);
        Assert.Equal(".net-csharp", (string)json["metadata"]!["kernelspec"]!["name"]!);
        Assert.Equal("polyglot-notebook", (string)json["metadata"]!["language_info"]!["name"]!);
        Assert.Equal("csharp", (string)json["metadata"]!["polyglot_notebook"]!["kernelInfo"]!["defaultKernelName"]!);
        Assert.Equal("A", (string)json["metadata"]!["authors"]![0]!);
        Assert.Equal(1, (int)json["cells"]![0]!["metadata"]!["mine"]!);
        Assert.NotNull(json["cells"]![0]!["attachments"]);
        JsonNode code = json["cells"]![1]!;
        Assert.Equal("csharp", (string)code["metadata"]!["dotnet_interactive"]!["language"]!);
        Assert.Equal("csharp", (string)code["metadata"]!["polyglot_notebook"]!["kernelName"]!);
        Assert.Equal("x", (string)code["metadata"]!["tags"]![0]!);
        Assert.Null(code["metadata"]!["execution"]);
        Assert.Equal(["1\n", "2"], code["outputs"]![0]!["data"]!["text/plain"]!.AsArray().Select(l => (string)l!));
        Assert.Equal("iVBOR", (string)code["outputs"]![0]!["data"]!["image/png"]!);
    }

    [Fact]
    public void A_notebook_of_2_MB_is_not_written_and_the_largest_output_is_named()
    {
        using var folder = new TemporaryFolder();
        Notebook notebook = TestNotebooks.OfCode("1", "2");
        notebook.Cells[0].Outputs = [CellOutputs.Stream("stdout", "small")];
        notebook.Cells[1].Outputs = [CellOutputs.Display(new Dictionary<string, string> { ["image/png"] = new('A', NotebookFile.MaxBytes) }, null)];

        var error = Assert.Throws<InvalidDataException>(() => NotebookFile.Write(folder["a.ipynb"], notebook));

        Assert.Contains("a.ipynb", error.Message);
        Assert.Contains("the image/png of code cell 2, 2.0 MB", error.Message);
        Assert.False(File.Exists(folder["a.ipynb"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"nbformat\": 3, \"worksheets\": []}")]
    [InlineData("{\"nbformat\": 4}")]
    [InlineData("{\"nbformat\": 4, \"cells\": [{\"cell_type\": \"soup\"}]}")]
    public void What_is_no_notebook_is_named(string content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.ipynb"], content);

        Assert.Contains("a.ipynb is not a notebook of format 4", Assert.Throws<InvalidDataException>(() => NotebookFile.Read(folder["a.ipynb"])).Message);
    }
}

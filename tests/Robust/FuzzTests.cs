using System.Text;
using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Tests.Figures;
using C2FVL.Tests.Support;
using C2FVL.Training;
using C2FVL.Workbook.Commands;
using C2FVL.Workbook.Notebooks;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Tests.Robust;

/// <summary>
/// Files with bytes flipped, cut, doubled or filled with noise, from a fixed seed: whatever reads them ends in a result
/// or in an error that names the file, never in a null, an index or a cast.
/// </summary>
[Collection(nameof(SeededTorch))]
public sealed class FuzzTests : IDisposable
{
    private const int Rounds = 150;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Png()
    {
        ImageFile.Write(folder["a.png"], Samples.Gray(24));
        Fuzz("a.png", path => ImageFile.Read(path));
        ImageFile.Write(folder["m.png"], Samples.Disk(24, 12, 12, 5));
        Fuzz("m.png", path => ImageFile.ReadMask(path));
    }

    [Fact]
    public void Xlsx()
    {
        ReportSheet.Write(folder["a.xlsx"], [("mask_1.png", new LesionReport(false, 1, Zones.All)), ("mask_2.png", new LesionReport(true, 2, Zones.All))]);
        Fuzz("a.xlsx", path => ReportSheet.Read(path));
    }

    [Fact]
    public void Csv()
    {
        File.WriteAllText(folder["a.csv"], "Image,Description\nmask_1.png,\"Bilateral pulmonary infection, two infected areas, all left lung and all right lung.\"\nmask_2.png,x\n");
        Fuzz("a.csv", path => ReportSheet.Read(path));
        CaseScoreFile.Write(folder["cases.csv"], [new CaseScore("a", "p", 3, 4, 5, 100), new CaseScore("b", "p", 0, 0, 5, 100)]);
        Fuzz("cases.csv", path => CaseScoreFile.Read(path));
    }

    [Fact]
    public void History()
    {
        HistoryFile.Write(folder["history.csv"], [.. Enumerable.Range(1, 3).Select(i => new EpochRecord(i, "train", 1e-3, 0.5, 0.4, 0.3, double.NaN, 0.6, 0.7))]);
        Fuzz("history.csv", path => HistoryFile.Read(path));
    }

    [Fact]
    public void Spec()
    {
        File.WriteAllText(folder["spec.json"], Presets.For(Scale.Phantom).ToJson());
        Fuzz("spec.json", path => RunSpec.Load(path));
    }

    [Fact]
    public void Notebook()
    {
        File.WriteAllText(folder["n.ipynb"], """
            {"nbformat": 4, "nbformat_minor": 5, "metadata": {"a": [1]}, "cells": [
            {"cell_type": "code", "id": "a", "execution_count": 1, "metadata": {}, "source": ["1 + 1\n", "2"], "outputs": [{"output_type": "stream", "name": "stdout", "text": "2"}]},
            {"cell_type": "markdown", "metadata": {}, "source": "# Title"}]}
            """);
        Fuzz("n.ipynb", path => NotebookFile.Read(path));
    }

    /// <summary>Weights and a training checkpoint, with the digest that newer files have and without it, as older ones.</summary>
    [Fact]
    public void Checkpoints()
    {
        using DisposeScope scope = NewDisposeScope();
        Safetensors.Write(folder["a.safetensors"], new Dictionary<string, Tensor> { ["a"] = ones(3), ["b"] = zeros(2, 2) }, new Dictionary<string, string> { ["spec"] = "{}" });
        Fuzz("a.safetensors", path => ConvertCommand.Convert(path, folder["out.safetensors"]));
        string text = Encoding.Latin1.GetString(File.ReadAllBytes(folder["a.safetensors"]));
        File.WriteAllBytes(folder["old.safetensors"], Encoding.Latin1.GetBytes(text.Replace("\"sha256\"", "\"sha255\"")));
        Fuzz("old.safetensors", path => ConvertCommand.Convert(path, folder["out.safetensors"]));
        TorchSave.Write(folder["a.pth"], new Dictionary<string, object?> { ["epoch"] = 1, ["state_dict"] = new TorchSave.Ordered(new Dictionary<string, object?> { ["a"] = ones(3) }) });
        Fuzz("a.pth", path => ConvertCommand.Convert(path, folder["out.safetensors"]));
    }

    private void Fuzz(string name, Action<string> read)
    {
        byte[] whole = File.ReadAllBytes(folder[name]);
        read(folder[name]);
        var random = new Random(666);
        for (int round = 0; round < Rounds; round++)
        {
            byte[] damaged = Damage(whole, random);
            File.WriteAllBytes(folder[name], damaged);
            try
            {
                read(folder[name]);
            }
            catch (Exception e)
            {
                Assert.True(
                    CommandRunner.IsExpected(e) && e.Message.Contains(name, StringComparison.Ordinal),
                    $"{name}, round {round}: {e}");
            }
        }

        File.WriteAllBytes(folder[name], whole);
    }

    private static byte[] Damage(byte[] whole, Random random)
    {
        byte[] copy = [.. whole];
        int at = random.Next(whole.Length), length = random.Next(1, 9);
        switch (random.Next(5))
        {
            case 0:
                return copy[..at];
            case 1:
                return [.. copy[..at], .. copy[Math.Min(copy.Length, at + length)..]];
            case 2:
                return [.. copy[..at], .. copy[Math.Max(0, at - length)..]];
            case 3:
                random.NextBytes(copy.AsSpan(at, Math.Min(length, copy.Length - at)));
                return copy;
            default:
                copy[at] ^= (byte)(1 << random.Next(8));
                return copy;
        }
    }
}

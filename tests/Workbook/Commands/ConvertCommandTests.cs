using C2FVL.Data;
using C2FVL.Models;
using C2FVL.Tests.Support;
using C2FVL.Tests.Workbook.Imports;
using C2FVL.Workbook.Commands;
using TorchSharp;

namespace C2FVL.Tests.Workbook.Commands;

[Collection(nameof(SeededTorch))]
public sealed class ConvertCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>The authors' form of a checkpoint predicts as its safetensors twin does.</summary>
    [Fact]
    public async Task TheAuthorsCheckpointAndItsSafetensorsTwinGiveTheSameMask()
    {
        torch.manual_seed(1);
        using (DisposeScope scope = torch.NewDisposeScope())
        using (var model = new C2FVLModel(C2FVLSettings.Tiny))
            TorchSave.Write(folder["best.pth.tar"], PyTorchFileTests.AuthorsForm(model));
        var image = new GrayImage(64, 64);
        for (int i = 0; i < 64 * 64; i++)
            image.Pixels[i] = (i % 64) / 63f;
        ImageFile.Write(folder["chest.png"], image);

        (int code, string said) = await ConsoleRun.Of(ConvertCommand.Create(), folder["best.pth.tar"], folder["best.safetensors"]);
        Assert.Equal(0, code);
        Assert.Contains("skipped because they are not weights (6): best_model, epoch, model, optimizer, val_dice, val_loss", said);
        foreach (string name in new[] { "best.pth.tar", "best.safetensors" })
        {
            (code, said) = await ConsoleRun.Of(
                PredictCommand.Create(), "--image", folder["chest.png"], "--weights", folder[name], "--scale", "phantom", "--out", folder[name + "-out"]);
            Assert.Equal((0, ""), (code, code == 0 ? "" : said));
        }

        Assert.Equal(File.ReadAllBytes(folder["best.pth.tar-out", "chest-mask.png"]), File.ReadAllBytes(folder["best.safetensors-out", "chest-mask.png"]));
    }

    [Fact]
    public async Task WrongNamesAreRefused()
    {
        File.WriteAllText(folder["there.safetensors"], "");
        Assert.Equal((1, $"error: {folder["out.bin"]}: the output file name must end in .safetensors.\n"), await Convert("in.pt", "out.bin"));
        Assert.Equal((1, $"error: {folder["there.safetensors"]} already exists. Delete it, or choose another name.\n"), await Convert("in.pt", "there.safetensors"));
        Assert.Equal(
            (1, $"error: {folder["in.pt"]} does not exist. Weights are a run's best.safetensors, or a .pt or .pth file of PyTorch.\n"),
            await Convert("in.pt", "out.safetensors"));
    }

    private Task<(int Code, string Said)> Convert(string source, string target) =>
        ConsoleRun.Of(ConvertCommand.Create(), folder[source], folder[target]);
}

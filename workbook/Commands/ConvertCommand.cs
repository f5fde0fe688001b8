using System.CommandLine;
using C2FVL.Platform;
using C2FVL.Training;

namespace C2FVL.Workbook.Commands;

/// <summary><c>workbook convert IN OUT.safetensors</c>: PyTorch's weights as safetensors.</summary>
internal static class ConvertCommand
{
    private const string Extension = ".safetensors";

    public static Command Create()
    {
        var source = new Argument<string>("IN") { Description = "A .pt, .pth or .pth.tar file of PyTorch." };
        var target = new Argument<string>("OUT") { Description = "The safetensors file to write." };
        var command = new Command("convert", "Writes PyTorch weights as safetensors. Runs no code in the file.")
        {
            source,
            target,
        };
        command.SetAction(parsed =>
        {
            Convert(Path.GetFullPath(parsed.GetValue(source)!), Path.GetFullPath(parsed.GetValue(target)!));
            return 0;
        });
        return command;
    }

    private static void Convert(string source, string target)
    {
        if (!target.EndsWith(Extension, StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"{target}: the file to write must end in {Extension}.");
        if (File.Exists(target))
            throw new IOException($"{target} exists already. Delete it, or write to another name.");
        TorchLibrary.EnsureLoaded();
        (IReadOnlyList<string> tensors, IReadOnlyList<string> skipped) = WeightsFile.Convert(source, target);
        Console.WriteLine($"{target}: {tensors.Count} tensors");
        if (skipped.Count > 0)
            Console.WriteLine($"skipped beside the weights ({skipped.Count}): {string.Join(", ", skipped.Take(10))}");
    }
}

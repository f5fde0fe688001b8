using System.CommandLine;
using C2FVL.Platform;
using C2FVL.Training;

namespace C2FVL.Workbook.Commands;

/// <summary><c>workbook convert IN OUT.safetensors</c>: weights of either format as safetensors.</summary>
internal static class ConvertCommand
{
    private const string Extension = ".safetensors";

    public static Command Create()
    {
        var source = new Argument<string>("IN") { Description = "A .pt, .pth or .pth.tar file of PyTorch, or a .safetensors file." };
        var target = new Argument<string>("OUT") { Description = "The safetensors file to write." };
        var half = new Option<bool>("--half") { Description = "Round 32-bit values to 16 bits: half the size." };
        var command = new Command("convert", "Writes weights as safetensors. Runs no code in the file.")
        {
            source,
            target,
            half,
        };
        command.SetAction(parsed =>
        {
            Convert(
                Path.GetFullPath(parsed.GetValue(source)!), Path.GetFullPath(parsed.GetValue(target)!), parsed.GetValue(half));
            return 0;
        });
        return command;
    }

    private static void Convert(string source, string target, bool half)
    {
        if (!target.EndsWith(Extension, StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"{target}: the file to write must end in {Extension}.");
        if (File.Exists(target))
            throw new IOException($"{target} exists already. Delete it, or write to another name.");
        TorchLibrary.EnsureLoaded();
        (IReadOnlyList<string> tensors, IReadOnlyList<string> skipped) = WeightsFile.Convert(source, target, half);
        Console.WriteLine($"{target}: {tensors.Count} tensors");
        if (skipped.Count > 0)
            Console.WriteLine($"skipped beside the weights ({skipped.Count}): {string.Join(", ", skipped.Take(10))}");
    }
}

using System.CommandLine;
using C2FVL.Platform;
using C2FVL.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Workbook.Commands;

/// <summary><c>workbook convert IN OUT.safetensors</c>: weights of either format as safetensors.</summary>
internal static class ConvertCommand
{
    private const string Extension = ".safetensors";

    public static Command Create()
    {
        var source = new Argument<string>("IN")
        {
            Description = "A PyTorch .pt, .pth or .pth.tar file, or a .safetensors file.",
        };
        var target = new Argument<string>("OUT") { Description = "The safetensors file to write." };
        var half = new Option<bool>("--half") { Description = "Round 32-bit values to 16 bits: half the size." };
        var command = new Command("convert", "Converts weights to safetensors. Never runs code stored in the file.")
        {
            source,
            target,
            half,
        };
        command.SetAction(parsed =>
        {
            Run(
                Path.GetFullPath(parsed.GetValue(source)!), Path.GetFullPath(parsed.GetValue(target)!), parsed.GetValue(half));
            return 0;
        });
        return command;
    }

    private static void Run(string source, string target, bool half)
    {
        if (!target.EndsWith(Extension, StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"{target}: the output file name must end in {Extension}.");
        if (File.Exists(target))
            throw new IOException($"{target} already exists. Delete it, or choose another name.");
        TorchLibrary.EnsureLoaded();
        (IReadOnlyList<string> tensors, IReadOnlyList<string> skipped) = Convert(source, target, half);
        Console.WriteLine($"{target}: {tensors.Count} tensors");
        if (skipped.Count > 0)
            Console.WriteLine($"skipped because they are not weights ({skipped.Count}): "
                + $"{string.Join(", ", skipped.Take(10))}");
    }

    /// <summary>
    /// Writes the weights of a file of either format as safetensors. Nothing in the file is ever executed.
    /// </summary>
    /// <param name="source">A .pt, .pth, .pth.tar or .safetensors file.</param>
    /// <param name="target">The safetensors file; replaced where it exists.</param>
    /// <param name="half">
    /// Whether 32-bit values are rounded to 16 bits, half the size. Loading turns them back to 32 bits. A tensor with a
    /// value that 16 bits cannot hold keeps its 32.
    /// </param>
    /// <returns>The tensors' names, and the entries beside the weights that were left out.</returns>
    /// <exception cref="InvalidDataException">
    /// The source holds no weights that can be read, or values that are no numbers; the message names the cure.
    /// </exception>
    internal static (IReadOnlyList<string> Tensors, IReadOnlyList<string> Skipped) Convert(
        string source, string target, bool half = false)
    {
        using DisposeScope scope = NewDisposeScope();
        using TensorFile file = WeightsFile.Read(source);
        WeightsFile.RequireFinite(source, file.Tensors.Select(t => (t.Key, t.Value, (Tensor?)null)));
        IReadOnlyDictionary<string, Tensor> tensors = file.Tensors;
        if (half)
            tensors = file.Tensors.ToDictionary(t => t.Key, t => Rounded(t.Value));
        Safetensors.Write(target, tensors, file.Metadata);
        return ([.. tensors.Keys], file.Skipped);
    }

    /// <summary>Values that 16 bits cannot hold, as a variance above 65504, keep the whole tensor at 32.</summary>
    private static Tensor Rounded(Tensor value) => value.dtype == ScalarType.Float32
        && value.to(ScalarType.Float16) is Tensor rounded && rounded.isfinite().all().item<bool>() ? rounded : value;
}

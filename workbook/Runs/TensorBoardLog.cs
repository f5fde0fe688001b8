using System.Buffers.Binary;
using System.Numerics;
using C2FVL.Data;
using C2FVL.Evaluation;
using C2FVL.Experiments;
using C2FVL.Figures;
using C2FVL.Models;
using C2FVL.Training;
using Google.Protobuf;
using Tensorboard;
using TorchSharp;
using static TorchSharp.torch;

namespace C2FVL.Workbook.Runs;

/// <summary>
/// Writes each epoch of a run for TensorBoard, into events.out.tfevents.* in the run's folder: the loss and its terms,
/// both validation Dice, the learning rate, and a panel of validation images with truth and prediction. It draws no
/// random number and changes no weight, so a run with it ends bit-equal to one without.
/// </summary>
/// <remarks>
/// The events are TorchSharp's; its SummaryWriter is not used, as version 0.107 stamps a file's first event with ticks
/// where TensorBoard wants seconds. A file is records of a length (8 bytes), the length's checksum, the event and its
/// checksum (4 bytes each), little-endian.
/// </remarks>
internal sealed class TensorBoardLog
{
    /// <summary>Images in the panel: those with a lesion, spread over the validation set.</summary>
    private const int PanelImages = 4;

    private const string Files = "events.out.tfevents.*";

    private string? file;
    private IReadOnlyList<string> panel = [];

    /// <summary>A run's event files, in the order of their names.</summary>
    public static string[] In(string folder) => Directory.Exists(folder)
        ? [.. Directory.GetFiles(folder, Files).Order(StringComparer.Ordinal)] : [];

    /// <summary>
    /// Writes an epoch that has just been finished. The first time, it also writes those before it that no file has.
    /// </summary>
    public void Write(RunEpoch epoch)
    {
        if (file is null || Path.GetDirectoryName(file) != epoch.Folder) // a fold's run follows another's
        {
            bool isFirst = In(epoch.Folder).Length == 0;
            string session = $"{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}.{Environment.MachineName}";
            file = Path.Combine(
                epoch.Folder, $"events.out.tfevents.{session}.{Guid.NewGuid().ToString("n")[..8]}");
            Append(new Event { FileVersion = "brain.Event:2" });
            panel = ChoosePanel(epoch);
            foreach (EpochRecord before in isFirst
                ? HistoryFile.Read(Path.Combine(epoch.Folder, Trainer.HistoryName)).SkipLast(1) : [])
                Append(new Event { Step = before.Epoch, Summary = Numbers(before) });
        }

        Summary summary = Numbers(epoch.Record);
        if (panel.Count > 0 && !double.IsNaN(epoch.Record.ValMeanDice))
            summary.Value.Add(new Summary.Types.Value { Tag = "validation", Image = Panel(epoch) });
        Append(new Event { Step = epoch.Record.Epoch, Summary = summary });
    }

    private void Append(Event record)
    {
        record.WallTime = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0;
        byte[] data = record.ToByteArray(), framed = new byte[data.Length + 16];
        BinaryPrimitives.WriteInt64LittleEndian(framed, data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(framed.AsSpan(8), Checksum(framed.AsSpan(0, 8)));
        data.CopyTo(framed, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(framed.AsSpan(12 + data.Length), Checksum(data));
        using var stream = new FileStream(file!, FileMode.Append, FileAccess.Write, FileShare.Read);
        stream.Write(framed);
    }

    /// <summary>
    /// CRC-32C, turned by 15 bits and moved by a constant, so that data with checksums in them keep one that differs.
    /// </summary>
    private static uint Checksum(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
            crc = BitOperations.Crc32C(crc, value);
        return BitOperations.RotateRight(~crc, 15) + 0xa282ead8;
    }

    private static Summary Numbers(EpochRecord record)
    {
        (string Tag, double Value)[] numbers =
        [
            ("loss/total", record.Loss), ("loss/dice", record.DiceLoss), ("loss/cross_entropy", record.BceLoss),
                ("loss/cosine", record.CosineLoss),
            ("validation/mean_dice", record.ValMeanDice), ("validation/pooled_dice", record.ValPooledDice),
                ("learning_rate", record.LearningRate),
        ];
        var summary = new Summary();
        foreach ((string tag, double value) in numbers.Where(number => double.IsFinite(number.Value)))
            summary.Value.Add(new Summary.Types.Value { Tag = tag, SimpleValue = (float)value });
        return summary;
    }

    private static IReadOnlyList<string> ChoosePanel(RunEpoch epoch)
    {
        IReadOnlyList<Case> cases = epoch.Data.Split.Cases(epoch.Data.Dataset, Part.Val);
        var order = Enumerable.Range(0, PanelImages).Select(i => i * cases.Count / PanelImages)
            .Concat(Enumerable.Range(0, cases.Count)).Distinct().Select(i => cases[i]);
        Case[] withLesion = [.. order.Where(item => item.ReadMask().Area > 0).Take(PanelImages)];
        return [.. withLesion.Select(item => item.Id).Order(StringComparer.Ordinal)];
    }

    private Summary.Types.Image Panel(RunEpoch epoch)
    {
        RunData some = epoch.Data with { Split = epoch.Data.Split with { Val = panel } };
        using Batch batch = some.Batches(epoch.Spec, Part.Val).Epoch(0).First();
        float[] probabilities = Predict(epoch.Model, batch);
        int side = (int)batch.Image.shape[^1], pixels = side * side;
        float[] images = batch.Image.data<float>().ToArray(), masks = batch.Mask.data<float>().ToArray();
        var rows = new List<Picture?[]>();
        for (int i = 0; i < batch.Cases.Count; i++)
        {
            var image = new GrayImage(side, side, images.AsSpan(3 * i * pixels, pixels).ToArray());
            var truth = new BinaryMask(side, side,
                Array.ConvertAll(masks.AsSpan(i * pixels, pixels).ToArray(), value => value >= 0.5f ? (byte)1
                : (byte)0));
            BinaryMask predicted =
                Predictor.Threshold(new GrayImage(side, side, probabilities.AsSpan(i * pixels, pixels).ToArray()));
            double dice = new Overlap(predicted.Pixels.Zip(truth.Pixels, (p, t) => p & t).Sum(both => (long)both),
                predicted.Area, truth.Area).Dice;
            rows.Add(
            [
                Picture.Of(image) with { Caption = batch.Cases[i].Report?.ToSentence() ?? "" },
                Overlay.Truth(image, truth),
                Overlay.Compare(image, predicted,
                    truth) with { Caption = FormattableString.Invariant($"Dice {dice:0.00}") },
            ]);
        }

        var grid = new PictureGrid($"Validation images after epoch {epoch.Record.Epoch}")
        {
            Subtitle = epoch.Spec.Scale.Caption(),
            ColumnCaptions = ["image", "truth", "prediction"],
            Rows = rows,
            Legend = Overlay.CompareLegend,
        };
        return new Summary.Types.Image { Width = grid.Size.Width, Height = grid.Size.Height, Colorspace = 4,
            EncodedImageString = ByteString.CopyFrom(grid.ToPng(1)) };
    }

    /// <summary>The lesion's probability at each pixel, case after case, row-major.</summary>
    private static float[] Predict(SegmentationModel model, Batch batch)
    {
        model.eval();
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Device device = model.parameters().First().device;
        return model.call(batch.Image.to(device), batch.Text.to(device)).Probability.to(ScalarType.Float32).cpu()
            .contiguous().data<float>().ToArray();
    }
}

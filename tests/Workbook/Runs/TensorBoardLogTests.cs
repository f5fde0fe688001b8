using System.Buffers.Binary;
using C2FVL.Experiments;
using C2FVL.Tests.Experiments;
using C2FVL.Tests.Support;
using C2FVL.Training;
using C2FVL.Workbook.Runs;
using SkiaSharp;
using Tensorboard;

namespace C2FVL.Tests.Workbook.Runs;

/// <summary>The event files of a run of a few seconds, byte by byte as TensorBoard reads them.</summary>
[Collection(nameof(SeededTorch))]
public sealed class TensorBoardLogTests : IDisposable
{
    private static readonly string[] Scalars =
        ["learning_rate", "loss/cosine", "loss/cross_entropy", "loss/dice", "loss/total", "validation/mean_dice", "validation/pooled_dice"];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void EveryEpochIsThereWithItsNumbersAndItsPanel()
    {
        RunSpec spec = TinyRun.Spec(folder["data"], epochs: 2);
        Run run = new RunStore(folder["runs"]) { OnEpoch = new TensorBoardLog().Write }.GetOrTrain(spec, _ => { });
        Event[] events = Read(Assert.Single(TensorBoardLog.In(run.Folder)));

        Assert.Equal("brain.Event:2", events[0].FileVersion);
        foreach (EpochRecord epoch in run.History)
        {
            var values = events.Where(e => e.Step == epoch.Epoch && e.Summary is not null)
                .SelectMany(e => e.Summary.Value).ToList();
            Assert.Equal(Scalars, values.Where(v => v.Image is null).Select(v => v.Tag).Order(StringComparer.Ordinal));
            Assert.Equal((float)epoch.Loss, values.Single(v => v.Tag == "loss/total").SimpleValue);
            Assert.Equal((float)epoch.CosineLoss, values.Single(v => v.Tag == "loss/cosine").SimpleValue);
            Assert.Equal((float)epoch.ValMeanDice, values.Single(v => v.Tag == "validation/mean_dice").SimpleValue);
            Assert.Equal((float)epoch.ValPooledDice, values.Single(v => v.Tag == "validation/pooled_dice").SimpleValue);
            Assert.Equal((float)epoch.LearningRate, values.Single(v => v.Tag == "learning_rate").SimpleValue);

            Summary.Types.Image panel = values.Single(v => v.Image is not null).Image;
            using SKBitmap picture = SKBitmap.Decode(panel.EncodedImageString.ToByteArray());
            Assert.Equal((panel.Width, panel.Height), (picture.Width, picture.Height));
            Assert.True(panel.Width > 3 * 96
                && panel.Height > 2 * 96, $"{panel.Width} x {panel.Height}"); // two lesions, three tiles each
            Assert.True(picture.Pixels.Distinct().Count() > 50, "the panel is empty");
        }

        double now = (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds;
        Assert.All(events, e => Assert.InRange(e.WallTime, now - 600, now + 2));
        if (Environment.GetEnvironmentVariable("C2FVL_SCREENSHOTS") is { Length: > 0 } pictures)
            File.WriteAllBytes(Path.Combine(pictures, "tensorboard-panel.png"),
                events[^1].Summary.Value[^1].Image.EncodedImageString.ToByteArray());
    }

    [Fact]
    public void TheRunIsBitEqualToOneWithoutIt()
    {
        RunSpec spec = TinyRun.Spec(folder["data"], epochs: 2);
        Run with = new RunStore(folder["with"]) { OnEpoch = new TensorBoardLog().Write }.GetOrTrain(spec, _ => { });
        Run without = new RunStore(folder["without"]).GetOrTrain(spec, _ => { });
        Assert.Equal(File.ReadAllBytes(Path.Combine(without.Folder, Trainer.BestName)),
            File.ReadAllBytes(Path.Combine(with.Folder, Trainer.BestName)));
        Assert.Equal(without.History, with.History);
    }

    [Fact]
    public void AResumedRunThatBeginsToLogGetsItsFirstEpochsToo()
    {
        RunSpec spec = TinyRun.Spec(folder["data"], epochs: 3);
        using var stop = new CancellationTokenSource();
        var store = new RunStore(folder["runs"]);
        Assert.ThrowsAny<OperationCanceledException>(() => store.GetOrTrain(
            spec,
            progress =>
            {
                if (progress is { Epoch: 2, Stage: "train" })
                    stop.Cancel();
            },
            stop.Token));
        Run run = new RunStore(folder["runs"]) { OnEpoch = new TensorBoardLog().Write }.GetOrTrain(spec, _ => { });
        Event[] events = Read(Assert.Single(TensorBoardLog.In(run.Folder)));
        float[] losses = [.. events.Where(e => e.Summary is not null).OrderBy(e => e.Step)
            .Select(e => e.Summary.Value.Single(v => v.Tag == "loss/total").SimpleValue)];
        Assert.Equal(run.History.Select(epoch => (float)epoch.Loss), losses);
    }

    [Fact]
    public void TheTestsChecksumIsThatOfTheStandard() => Assert.Equal(0xe3069283, Crc("123456789"u8));

    /// <summary>
    /// The records of an event file: length (8 bytes), its checksum (4), data, and their checksum (4), little-endian,
    /// by
    /// TensorFlow's record format. Checksums are CRC-32C, rotated and moved by a constant.
    /// </summary>
    private static Event[] Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        var events = new List<Event>();
        int at = 0;
        while (at < file.Length)
        {
            int length = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at)));
            Assert.Equal(Masked(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            Assert.Equal(Masked(file.AsSpan(at + 12, length)),
                BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            events.Add(Event.Parser.ParseFrom(file, at + 12, length));
            at += 16 + length;
        }

        Assert.Equal(file.Length, at);
        return [.. events];
    }

    private static uint Masked(ReadOnlySpan<byte> data)
    {
        uint crc = Crc(data);
        return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
    }

    /// <summary>CRC-32C bit by bit, by the polynomial of RFC 3720.</summary>
    private static uint Crc(ReadOnlySpan<byte> data)
    {
        uint crc = ~0u;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0x82f63b78;
        }

        return ~crc;
    }
}

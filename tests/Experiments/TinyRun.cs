using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Models;
using C2FVL.Phantoms;
using C2FVL.Training;

namespace C2FVL.Tests.Experiments;

/// <summary>The least run there can be: a few drawn pictures of 32 x 32.</summary>
internal static class TinyRun
{
    /// <param name="folder">Where its pictures are drawn.</param>
    /// <param name="train">Training images, four a step.</param>
    /// <param name="epochs">Epochs.</param>
    public static RunSpec Spec(string folder, int train = 8, int epochs = 1) => new()
    {
        Scale = Scale.Phantom,
        Data = new DataSpec { Set = PhantomFolder.Write(folder, new PhantomSettings { Size = 32, Train = train, Val = 2, Test = 4 }) },
        Model = C2FVLSettings.Tiny with { ImageSize = 32 },
        Training = new TrainingSettings { Epochs = epochs, BatchSize = 4 },
        Threads = 1,
    };
}

using C2FVL.Data;
using C2FVL.Models;
using C2FVL.Training;

namespace C2FVL.Experiments;

/// <summary>What a scale means: data, network and budget, in one place.</summary>
public static class Presets
{
    /// <summary>The run that a scale's tables start from.</summary>
    /// <param name="scale">The scale.</param>
    /// <param name="kind">X-ray or CT.</param>
    /// <param name="model">The system's name as in the paper's Table 1.</param>
    public static RunSpec For(Scale scale, ImageKind kind = ImageKind.XRay, string model = "C2FVL")
    {
        RunSpec spec = scale switch
        {
            // 120 drawn pictures of 64 x 64, six times: some ten seconds of one core. So few steps want a high rate, small
            // batches and a single cosine cycle that ends low; the clip keeps the first steps in hand. C2FVL reaches a mean
            // Dice of about 0.7 and UNet, which cannot know which opacities are lesions, about 0.55.
            Scale.Phantom => new RunSpec
            {
                Scale = scale,
                Data = new DataSpec { Set = kind == ImageKind.XRay ? "phantom-xray" : "phantom-ct" },
                Model = ModelCatalog.Get(model, scale),
                Training = new TrainingSettings { BatchSize = 4, Epochs = 6, RestartPeriod = 6, LearningRate = 8e-3, GradientClip = 1 },
                Augmentation = Augmentation.None,

                // So small a network gains next to nothing from a second thread; two runs at once gain all of it.
                Threads = 1,
            },

            // Ten epochs are one cosine cycle, so the schedule ends low. So few see too little of the data for
            // augmentation to pay, so there is none.
            Scale.Mini when kind == ImageKind.XRay => new RunSpec
            {
                Scale = scale,
                Data = new DataSpec { Set = "QaTa-COV19", Train = 1200, Val = 300 },
                Model = ModelCatalog.Get(model, scale),
                Training = new TrainingSettings { BatchSize = 8, Epochs = 10 },
                Augmentation = Augmentation.None,
            },

            // The set comes as 50 slices to train on and 48 to test on, without reports; a fifth of the 50 validates.
            // Four cosine cycles.
            Scale.Mini => new RunSpec
            {
                Scale = scale,
                Data = new DataSpec { Set = "medseg-ct", Split = SplitKind.QaTa4To1, ReportsFromMasks = true },
                Model = ModelCatalog.Get(model, scale),
                Training = new TrainingSettings { BatchSize = 8, Epochs = 40 },
            },

            // The paper's protocol.
            _ => new RunSpec
            {
                Scale = scale,
                Data = kind == ImageKind.XRay
                    ? new DataSpec { Set = "QaTa-COV19" }
                    : new DataSpec { Set = "MosMedData+", Split = SplitKind.MosMed8To1To1 },
                Model = ModelCatalog.Get(model, scale),
            },
        };
        return spec.Model switch
        {
            NnUNetSettings => AsNnUNet(spec),
            GLoRIASettings => AsGLoRIA(spec),
            _ => spec,
        };
    }

    /// <summary>
    /// nnU-Net brings its own optimiser, schedule and loss; cases, batch, epochs and seed stay the table's. The pictures
    /// have 8 bits and no Hounsfield units, so CT too is normalised picture by picture, as it does where nothing says CT.
    /// </summary>
    private static RunSpec AsNnUNet(RunSpec spec) => spec with
    {
        Training = NnUNetPlan.Training(spec.Training.BatchSize, spec.Training.Epochs),
        Loss = NnUNetPlan.Loss,
    };

    /// <summary>
    /// GLoRIA aligns images with reports before it segments, as long as its paper does at full scale; the epochs come
    /// on top of the table's, as the others have no such stage.
    /// </summary>
    private static RunSpec AsGLoRIA(RunSpec spec) => spec with
    {
        Training = spec.Training with { PretrainingEpochs = spec.Scale switch { Scale.Phantom => 2, Scale.Mini => 3, _ => 50 } },
    };
}

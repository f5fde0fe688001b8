namespace C2FVL.Data.Phantoms;

/// <summary>What a set of phantoms looks like. The same settings give the same pictures.</summary>
public sealed record PhantomSettings
{
    /// <summary>The X-rays of the phantom scale.</summary>
    public static PhantomSettings XRay { get; } = new();

    /// <summary>The CT slices of the phantom scale.</summary>
    public static PhantomSettings CT { get; } = new() { Kind = ImageKind.CT };

    /// <summary>Chest X-rays or CT slices. The default is X-rays.</summary>
    public ImageKind Kind { get; init; } = ImageKind.XRay;

    /// <summary>The side of the square pictures in pixels, 32 to 512. The default is 64.</summary>
    public int Size { get; init; } = 64;

    /// <summary>
    /// Whether one of each image's three or four opacities is a look-alike that is no lesion, in a zone that the report
    /// does not name. Only the report shows which one. The default is false.
    /// </summary>
    public bool Distractors { get; init; }

    /// <summary>The seed of everything drawn. The default is 666, the seed of the authors' runs.</summary>
    public int Seed { get; init; } = 666;

    /// <summary>The number of training images. The default is 300.</summary>
    public int Train { get; init; } = 300;

    /// <summary>The number of validation images. The default is 40.</summary>
    public int Val { get; init; } = 40;

    /// <summary>The number of test images. The default is 240.</summary>
    public int Test { get; init; } = 240;

    /// <summary>The fewest images of a patient, 1 or more. The default is 1. The last patient of a part may have fewer.</summary>
    public int MinImagesPerPatient { get; init; } = 1;

    /// <summary>The most images of a patient. The default is 4.</summary>
    public int MaxImagesPerPatient { get; init; } = 4;

    /// <summary>Throws where a value is out of its range.</summary>
    /// <exception cref="ArgumentException">Names the setting and its range.</exception>
    public void Check()
    {
        if (this.Size is < 32 or > 512)
            throw new ArgumentException($"A phantom's Size is 32 to 512 pixels, not {this.Size}.");
        if (this.Train < 0 || this.Val < 0 || this.Test < 0)
            throw new ArgumentException($"Train, Val and Test are 0 images or more, not {this.Train}, {this.Val} and {this.Test}.");
        if (this.MinImagesPerPatient < 1 || this.MaxImagesPerPatient < this.MinImagesPerPatient)
            throw new ArgumentException($"A patient has from 1 image up, not from {this.MinImagesPerPatient} to {this.MaxImagesPerPatient}.");
    }
}

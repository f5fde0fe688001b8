using System.Globalization;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using C2FVL.Data;

namespace C2FVL.Workbook.Imports;

/// <summary>
/// The patient's axis that slices are cut across, in NIfTI's world: X to the patient's right, Y to the front, Z to
/// the head.
/// </summary>
internal enum PatientAxis
{
    /// <summary>Sagittal slices: head up, front at the image's left.</summary>
    X,

    /// <summary>Coronal slices: head up, the patient's right at the image's left.</summary>
    Y,

    /// <summary>
    /// Axial slices: front up, the patient's right at the image's left, as radiologists look at them.
    /// </summary>
    Z,
}

/// <summary>Where a header's orientation comes from.</summary>
internal enum NiftiOrientation
{
    /// <summary>The header has none: its voxels are taken to run to the left, to the front and to the head.</summary>
    None,

    /// <summary>The quaternion (qform).</summary>
    Quaternion,

    /// <summary>The matrix (sform), which goes before a quaternion.</summary>
    Matrix,
}

/// <summary>
/// A volume of a NIfTI-1 file, .nii or .nii.gz, by the format's definition (nifti1.h, 2003 to 2007): either byte
/// order, whole and real voxels, scl_slope and scl_inter applied, and slices upright by its orientation.
/// </summary>
internal sealed class NiftiVolume
{
    private const int HeaderSize = 348;

    /// <summary>Bytes a voxel of each type that is read, by the header's code.</summary>
    private static readonly Dictionary<int, (string Name, int Bytes)> Types = new()
    {
        [2] = ("uint8", 1), [4] = ("int16", 2), [8] = ("int32", 4), [16] = ("float32", 4), [64] = ("float64", 8),
        [256] = ("int8", 1), [512] = ("uint16", 2), [768] = ("uint32", 4), [1024] = ("int64", 8),
            [1280] = ("uint64", 8),
    };

    private readonly byte[] voxels;
    private readonly int type;
    private readonly bool isBig;
    private readonly double slope, intercept;

    // For X, Y and Z: the voxel axis nearest to it, and whether its voxels run against it.
    private readonly int[] axisOf = new int[3];
    private readonly bool[] isReversed = new bool[3];

    private NiftiVolume(string path, byte[] header, bool isBig, Stream rest)
    {
        Path = path;
        this.isBig = isBig;
        int dimensions = Short(header, 40);
        int[] size = [.. Enumerable.Range(1, 7).Select(d => d <= dimensions ? Short(header, 40 + (2 * d)) : 1)];
        if (dimensions is < 2 or > 7 || size.Any(n => n < 1))
            throw Fault($"its header gives {dimensions} dimensions of {string.Join(" x ", size)} voxels", "Save it "
                + "again from the program that made it.");
        if (size[3..].Any(n => n > 1))
            throw Fault($"it contains {size[3..].Aggregate(1L, (a, b) => a * b)} volumes "
                + $"({string.Join(" x ", size[..Math.Min(dimensions, 7)])} "
                + "voxels)", "Save each volume as a separate file.");
        Size = size[..3];

        type = Short(header, 70);
        if (!Types.TryGetValue(type, out (string Name, int Bytes) voxel))
            throw Fault($"its voxels have type {type}, which is not supported (it may mean colours or complex "
                + "numbers)", $"Save it as one of "
                + $"{string.Join(", ", Types.Values.Select(t => t.Name))}.");
        (slope, intercept) = (Real(header, 112), Real(header, 116));
        if (slope == 0 || !double.IsFinite(slope) || !double.IsFinite(intercept))
            (slope, intercept) = (1, 0); // the format's way to say that voxels are as they are

        Matrix = Orientation(header, out NiftiOrientation source, out bool differs);
        Source = source;
        FormsDiffer = differs;
        FindAxes();
        voxels = Voxels(rest, Real(header, 108), (long)Size[0] * Size[1] * Size[2] * voxel.Bytes);
    }

    public string Path { get; }

    /// <summary>Voxels along the file's own three axes.</summary>
    public IReadOnlyList<int> Size { get; }

    /// <summary>Shape (3, 4): from voxel indices to millimetres in the patient's world.</summary>
    public double[,] Matrix { get; }

    public NiftiOrientation Source { get; }

    /// <summary>Whether matrix and quaternion turn the volume in different ways; the matrix is used.</summary>
    public bool FormsDiffer { get; }

    /// <summary>By how many degrees the volume is tilted against the patient's axes, at the most.</summary>
    public double Tilt => Enumerable.Range(0, 3).Max(world =>
    {
        double length = Spacing(world);
        return double.RadiansToDegrees(Math.Acos(Math.Min(1, Math.Abs(Matrix[world, axisOf[world]]) / length)));
    });

    /// <summary>Whether a file's name is that of a NIfTI volume.</summary>
    public static bool IsOne(string path) =>
        path.EndsWith(".nii", StringComparison.OrdinalIgnoreCase)
            || path.EndsWith(".nii.gz", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="InvalidDataException">The file is no NIfTI-1 volume, or is damaged; the message names it and
    /// the cure.</exception>
    public static NiftiVolume Read(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            using Stream stream = IsZipped(file) ? new GZipStream(file, CompressionMode.Decompress) : file;
            var header = new byte[HeaderSize];
            int read = stream.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false);
            if (read < HeaderSize)
                throw new InvalidDataException($"{path}: it ends after {read} bytes, within its header of {HeaderSize} "
                    + "bytes. Copy or download it again.");
            return new NiftiVolume(path, header, IsBig(path, header), stream);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException
            && !e.Message.StartsWith(path, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{path}: it is damaged ({e.Message.TrimEnd('.')}). Copy or download it "
                + "again.", e);
        }
    }

    /// <summary>How many slices there are across an axis.</summary>
    public int Slices(PatientAxis axis) => Size[axisOf[(int)axis]];

    /// <summary>A slice's pixels, width and height in millimetres.</summary>
    public (double Width, double Height) PixelSize(PatientAxis axis)
    {
        (int down, int along) = Plane(axis);
        return (Spacing(along), Spacing(down));
    }

    /// <summary>One slice, upright: values as the file means them, slope and intercept applied.</summary>
    /// <param name="axis">The axis that it is cut across.</param>
    /// <param name="index">The voxel's index along that axis, as the file counts.</param>
    /// <returns>Shape (height, width), row-major.</returns>
    public (int Width, int Height, double[] Values) Slice(PatientAxis axis, int index)
    {
        (int down, int along) = Plane(axis);
        int width = Size[axisOf[along]], height = Size[axisOf[down]];
        var values = new double[width * height];
        var at = new int[3];
        at[axisOf[(int)axis]] = index;
        for (int row = 0; row < height; row++)
        {
            at[axisOf[down]] = FromMost(down, row);
            for (int column = 0; column < width; column++)
            {
                // Sagittal and axial columns begin at the front and at the patient's right: where Y and X are most.
                at[axisOf[along]] = FromMost(along, column);
                values[(row * width) + column] = Value(at[0] + (Size[0] * (at[1] + (Size[1] * at[2]))));
            }
        }

        return (width, height, values);
    }

    /// <summary>Every voxel's value, in the file's order.</summary>
    public IEnumerable<double> Values() => Enumerable.Range(0, Size[0] * Size[1] * Size[2]).Select(Value);

    /// <summary>The same voxels under another volume's orientation.</summary>
    /// <exception cref="InvalidDataException">Its size is another.</exception>
    public NiftiVolume WithOrientationOf(NiftiVolume other) => new(this, other);

    private NiftiVolume(NiftiVolume voxels, NiftiVolume oriented)
    {
        if (!voxels.Size.SequenceEqual(oriented.Size))
            throw new InvalidDataException($"{voxels.Path}: the mask has {string.Join(" x ", voxels.Size)} voxels but "
                + $"its volume has {string.Join(" x ", oriented.Size)}. Give the mask that was drawn on this volume.");
        (Path, Size, this.voxels, type, isBig) = (voxels.Path, voxels.Size, voxels.voxels, voxels.type, voxels.isBig);
        (slope, intercept) = (voxels.slope, voxels.intercept);
        (Matrix, Source) = (oriented.Matrix, oriented.Source);
        (axisOf, isReversed) = (oriented.axisOf, oriented.isReversed);
    }

    /// <summary>
    /// By how many millimetres the corners of two volumes lie apart, both upright; null where they have another number
    /// of
    /// voxels.
    /// </summary>
    public double? DistanceFrom(NiftiVolume other)
    {
        if (!Enumerable.Range(0, 3).All(world => Size[axisOf[world]] == other.Size[other.axisOf[world]]))
            return null;
        double[] corners = [.. Enumerable.Range(0, 8).Select(corner => Distance(Corner(corner), other.Corner(corner)))];
        return corners.Max();

        static double Distance(double[] a, double[] b) => Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum());
    }

    /// <summary>The least distance of two voxels, in millimetres.</summary>
    public double LeastSpacing => Enumerable.Range(0, 3).Min(Spacing);

    private double[] Corner(int corner)
    {
        var at = new double[3];
        for (int world = 0; world < 3; world++)
            at[axisOf[world]] = ((corner >> world) & 1) == 0 ? FromMost(world, 0)
                : FromMost(world, Size[axisOf[world]] - 1);
        return [.. Enumerable.Range(0, 3)
            .Select(w => (Matrix[w, 0] * at[0]) + (Matrix[w, 1] * at[1]) + (Matrix[w, 2] * at[2]) + Matrix[w, 3])];
    }

    /// <summary>
    /// The world axes that run down the rows and along the columns of a slice, both from their greatest value.
    /// </summary>
    private static (int Down, int Along) Plane(PatientAxis axis) => axis switch
    {
        PatientAxis.X => (2, 1),
        PatientAxis.Y => (2, 0),
        _ => (1, 0),
    };

    /// <summary>The voxel index of the nth place, counted from where the world axis is greatest.</summary>
    private int FromMost(int world, int place) => isReversed[world] ? place : Size[axisOf[world]] - 1 - place;

    private double Spacing(int world) =>
        Math.Sqrt(Enumerable.Range(0, 3).Sum(w => Matrix[w, axisOf[world]] * Matrix[w, axisOf[world]]));

    /// <summary>Gives each world axis the voxel axis whose direction is nearest, the surest pair first.</summary>
    private void FindAxes()
    {
        double[] lengths = [.. Enumerable.Range(0, 3)
            .Select(v => Math.Sqrt(Enumerable.Range(0, 3).Sum(w => Matrix[w, v] * Matrix[w, v])))];
        if (lengths.Any(length => !(length > 0) || !double.IsFinite(length)))
            throw Fault("its orientation is not a rotation: an axis has length 0", "Save it again with a valid sform "
                + "or qform.");
        var left = Enumerable.Range(0, 9).Select(i => (World: i / 3, Voxel: i % 3)).ToList();
        while (left.Count > 0)
        {
            (int world, int voxel) = left.MaxBy(pair => Math.Abs(Matrix[pair.World, pair.Voxel]) / lengths[pair.Voxel]);
            (axisOf[world], isReversed[world]) = (voxel, Matrix[world, voxel] < 0);
            left.RemoveAll(pair => pair.World == world || pair.Voxel == voxel);
        }
    }

    private double[,] Orientation(byte[] header, out NiftiOrientation source, out bool differ)
    {
        double[,]? matrix = Short(header, 254) > 0 ? Sform(header) : null;
        double[,]? quaternion = Short(header, 252) > 0 ? Qform(header) : null;
        source = matrix is not null ? NiftiOrientation.Matrix : quaternion is not null ? NiftiOrientation.Quaternion
            : NiftiOrientation.None;
        differ = matrix is not null && quaternion is not null && Angle(matrix, quaternion) > 5;
        if ((matrix ?? quaternion) is double[,] found)
            return found;

        // ANALYZE, from which the format comes, had no orientation; its voxels ran to the patient's left.
        double Step(int axis) =>
            Math.Abs(Real(header, 76 + (4 * axis))) is > 0 and < double.PositiveInfinity and double step ? step : 1;
        return new[,] { { -Step(1), 0, 0, 0 }, { 0, Step(2), 0, 0 }, { 0, 0, Step(3), 0 } };
    }

    private double[,] Sform(byte[] header)
    {
        var matrix = new double[3, 4];
        for (int i = 0; i < 12; i++)
            matrix[i / 4, i % 4] = Real(header, 280 + (4 * i));
        return matrix;
    }

    /// <summary>
    /// The rotation of the unit quaternion (a, b, c, d), of which the header holds b, c and d, times the spacings.
    /// </summary>
    private double[,] Qform(byte[] header)
    {
        (double b, double c, double d) = (Real(header, 256), Real(header, 260), Real(header, 264));
        double a = Math.Sqrt(Math.Max(0, 1 - ((b * b) + (c * c) + (d * d))));
        double[,] rotation =
        {
            { (a * a) + (b * b) - (c * c) - (d * d), 2 * ((b * c) - (a * d)), 2 * ((b * d) + (a * c)) },
            { 2 * ((b * c) + (a * d)), (a * a) + (c * c) - (b * b) - (d * d), 2 * ((c * d) - (a * b)) },
            { 2 * ((b * d) - (a * c)), 2 * ((c * d) + (a * b)), (a * a) + (d * d) - (c * c) - (b * b) },
        };
        double handed = Real(header, 76) < 0 ? -1 : 1; // qfac, kept where the first spacing would stand
        var matrix = new double[3, 4];
        for (int world = 0; world < 3; world++)
        {
            for (int axis = 0; axis < 3; axis++)
                matrix[world, axis] = rotation[world, axis] * Real(header, 80 + (4 * axis)) * (axis == 2 ? handed : 1);
            matrix[world, 3] = Real(header, 268 + (4 * world));
        }

        return matrix;
    }

    /// <summary>The greatest angle between equal axes of two matrices, in degrees.</summary>
    private static double Angle(double[,] a, double[,] b) => Enumerable.Range(0, 3).Max(axis =>
    {
        double Dot(double[,] x, double[,] y) => Enumerable.Range(0, 3).Sum(world => x[world, axis] * y[world, axis]);
        double cosine = Dot(a, b) / Math.Sqrt(Dot(a, a) * Dot(b, b));
        return double.IsNaN(cosine) ? 0 : double.RadiansToDegrees(Math.Acos(Math.Clamp(cosine, -1, 1)));
    });

    private byte[] Voxels(Stream rest, double offset, long bytes)
    {
        if (bytes > Array.MaxLength)
            throw Fault(
                $"it has {bytes / 1_000_000_000.0:0.0} GB of voxels; the limit is 2 GB", "Crop or resample it.");
        if (offset is not (>= HeaderSize and < 1 << 30))
            throw Fault(
                string.Create(
                    CultureInfo.InvariantCulture, $"its header puts the voxels at byte {offset}, which is impossible"),
                "Save it again as one .nii or .nii.gz file.");
        var between = new byte[(int)offset - HeaderSize]; // extensions
        if (rest.ReadAtLeast(between, between.Length, throwOnEndOfStream: false) < between.Length)
            throw Fault("it ends before its voxels", "Copy or download it again.");

        // Nothing is reserved for a size that the file only claims.
        using var voxels = new MemoryStream();
        var block = new byte[1 << 20];
        while (voxels.Length < bytes)
        {
            int read = rest.Read(block, 0, (int)Math.Min(block.Length, bytes - voxels.Length));
            if (read == 0)
                throw Fault($"it is cut short: it has {voxels.Length:N0} of {bytes:N0} bytes of voxels", "Copy or "
                    + "download it again.");
            voxels.Write(block, 0, read);
        }

        while (rest.Read(block) > 0)
        {
            // To the end, where gzip has its checksum.
        }

        return voxels.Length == voxels.Capacity ? voxels.GetBuffer() : voxels.ToArray();
    }

    private double Value(int voxel)
    {
        int size = Types[type].Bytes;
        ReadOnlySpan<byte> at = voxels.AsSpan(voxel * size, size);
        double stored = type switch
        {
            2 => at[0],
            256 => (sbyte)at[0],
            4 => isBig ? BinaryPrimitives.ReadInt16BigEndian(at) : BinaryPrimitives.ReadInt16LittleEndian(at),
            512 => isBig ? BinaryPrimitives.ReadUInt16BigEndian(at) : BinaryPrimitives.ReadUInt16LittleEndian(at),
            8 => isBig ? BinaryPrimitives.ReadInt32BigEndian(at) : BinaryPrimitives.ReadInt32LittleEndian(at),
            768 => isBig ? BinaryPrimitives.ReadUInt32BigEndian(at) : BinaryPrimitives.ReadUInt32LittleEndian(at),
            16 => isBig ? BinaryPrimitives.ReadSingleBigEndian(at) : BinaryPrimitives.ReadSingleLittleEndian(at),
            1024 => isBig ? BinaryPrimitives.ReadInt64BigEndian(at) : BinaryPrimitives.ReadInt64LittleEndian(at),
            1280 => isBig ? BinaryPrimitives.ReadUInt64BigEndian(at) : BinaryPrimitives.ReadUInt64LittleEndian(at),
            _ => isBig ? BinaryPrimitives.ReadDoubleBigEndian(at) : BinaryPrimitives.ReadDoubleLittleEndian(at),
        };
        return (stored * slope) + intercept;
    }

    private static bool IsZipped(FileStream file)
    {
        bool zipped = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
        file.Position = 0;
        return zipped;
    }

    /// <summary>
    /// Whether the numbers are big-endian, by the header's own size; refuses what is no NIfTI-1 in one file.
    /// </summary>
    private static bool IsBig(string path, byte[] header)
    {
        int size = BinaryPrimitives.ReadInt32LittleEndian(header), swapped = BinaryPrimitives.ReverseEndianness(size);
        string magic = Encoding.ASCII.GetString(header, 344, 3);
        if (size == 540 || swapped == 540)
            throw new InvalidDataException($"{path}: this is a NIfTI-2 file, but only NIfTI-1 is supported. Convert "
                + "it, for example in Python with nibabel.Nifti1Image.from_image.");
        if ((size != HeaderSize && swapped != HeaderSize) || magic is not ("n+1" or "ni1"))
            throw new InvalidDataException($"{path}: this is not a NIfTI-1 file. Convert it to .nii.gz, for example "
                + "with dcm2niix.");
        if (magic == "ni1")
            throw new InvalidDataException($"{path}: this is the header of a pair (.hdr and .img). Save the volume "
                + "as one .nii or .nii.gz file.");
        return size != HeaderSize;
    }

    private int Short(byte[] header, int at) =>
        isBig ? BinaryPrimitives.ReadInt16BigEndian(header.AsSpan(at))
            : BinaryPrimitives.ReadInt16LittleEndian(header.AsSpan(at));

    private double Real(byte[] header, int at) =>
        isBig ? BinaryPrimitives.ReadSingleBigEndian(header.AsSpan(at))
            : BinaryPrimitives.ReadSingleLittleEndian(header.AsSpan(at));

    private InvalidDataException Fault(string problem, string cure) => new($"{Path}: {problem}. {cure}");
}

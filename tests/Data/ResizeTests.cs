using C2FVL.Data;
using CsCheck;

namespace C2FVL.Tests.Data;

public class ResizeTests
{
    private static readonly Gen<GrayImage> Images =
        from width in Gen.Int[1, 40]
        from height in Gen.Int[1, 40]
        from pixels in Gen.Float[0, 1].Array[width * height]
        select new GrayImage(width, height, pixels);

    private static readonly Gen<BinaryMask> Masks =
        from width in Gen.Int[1, 40]
        from height in Gen.Int[1, 40]
        from pixels in Gen.Byte[0, 1].Array[width * height]
        select new BinaryMask(width, height, pixels);

    [Fact]
    public void Area_keeps_the_mean_when_it_shrinks_and_when_it_enlarges() =>
        Gen.Select(Images, Gen.Int[1, 60]).Sample((image, size) =>
        {
            GrayImage resized = Resize.Area(image, size);
            Assert.Equal((size, size), (resized.Width, resized.Height));
            Assert.Equal(image.Pixels.Average(), resized.Pixels.Average(), 1e-5f);
        }, iter: 200);

    [Fact]
    public void The_same_size_changes_nothing() =>
        Gen.Select(Gen.Float[0, 1].Array[49], Gen.Byte[0, 1].Array[49]).Sample((pixels, lesion) =>
        {
            var image = new GrayImage(7, 7, pixels);
            var mask = new BinaryMask(7, 7, lesion);
            Assert.Same(image, Resize.Area(image, 7));
            Assert.Same(mask, Resize.Mask(mask, 7, MaskRule.AreaHalf));
            Assert.Same(mask, Resize.Mask(mask, 7, MaskRule.Authors));
        }, iter: 20);

    /// <summary>Tracked results were made by this very arithmetic: sums of 64 bits, along the rows first.</summary>
    [Fact]
    public void Area_sums_in_64_bits_row_by_row() =>
        Gen.Select(Images, Gen.Int[1, 60]).Sample((image, size) =>
        {
            if (image.Width == size && image.Height == size)
                return;
            float[] resized = Resize.Area(image, size).Pixels;
            for (int i = 0; i < resized.Length; i++)
            {
                double sum = 0;
                foreach ((int row, int down) in Overlaps(i / size, image.Height, size))
                {
                    double along = 0;
                    foreach ((int column, int share) in Overlaps(i % size, image.Width, size))
                        along += share * (double)image[row, column];
                    sum += down * along;
                }

                Assert.Equal((float)(sum / ((double)image.Width * image.Height)), resized[i]);
            }
        }, iter: 50);

    [Fact]
    public void Enlarging_by_a_whole_factor_repeats_pixels() =>
        Assert.Equal(
            [0.1f, 0.1f, 0.2f, 0.2f, 0.1f, 0.1f, 0.2f, 0.2f, 0.3f, 0.3f, 0.4f, 0.4f, 0.3f, 0.3f, 0.4f, 0.4f],
            Resize.Area(new GrayImage(2, 2, [0.1f, 0.2f, 0.3f, 0.4f]), 4).Pixels);

    [Fact]
    public void A_pixel_on_a_border_is_shared_by_area() =>
        // 3 columns onto 2: the middle one gives half to each side. Rows: one repeated.
        Assert.Equal([1 / 3f, 0.5f, 1 / 3f, 0.5f], Resize.Area(new GrayImage(3, 1, [0f, 1f, 0.25f]), 2).Pixels);

    [Fact]
    public void Wide_pictures_are_squeezed_to_the_square() =>
        Assert.Equal([0.5f, 0.25f, 1f, 0f], Resize.Area(new GrayImage(4, 2, [0, 1, 0.5f, 0, 1, 1, 0, 0]), 2).Pixels);

    [Fact]
    public void Exactly_half_covered_is_lesion() =>
        Gen.Int[1, 30].Sample(n =>
        {
            // 2n columns, the left n lesion, onto n and an odd number: each row's middle column is half covered where it exists.
            var mask = new BinaryMask(2 * n, 1, [.. Enumerable.Range(0, 2 * n).Select(i => i < n ? (byte)1 : (byte)0)]);
            Assert.Equal(1, Resize.Mask(mask, 1).Area);
            Assert.Equal(2 * 3, Resize.Mask(mask, 3).Area);
        }, iter: 30);

    [Fact]
    public void The_area_rule_is_a_threshold_of_the_area_average() =>
        Gen.Select(Masks, Gen.Int[1, 50]).Sample((mask, size) =>
        {
            float[] shares = Resize.Area(new GrayImage(mask.Width, mask.Height, Array.ConvertAll(mask.Pixels, p => (float)p)), size).Pixels;
            byte[] lesion = Resize.Mask(mask, size).Pixels;
            if (mask.Width == size && mask.Height == size)
                return;
            for (int i = 0; i < lesion.Length; i++)
            {
                if (Math.Abs(shares[i] - 0.5f) > 1e-6)
                    Assert.Equal(shares[i] > 0.5f, lesion[i] == 1);
            }
        }, iter: 100);

    [Fact]
    public void The_authors_rule_grows_an_enlarged_lesion_by_a_rim()
    {
        var mask = new BinaryMask(4, 4);
        mask[1, 1] = true;
        // Centres of 8 on 4: new pixel i looks at (i + 0.5) / 2 - 0.5. Pixels 1 to 4 lie within one old pixel of old pixel 1.
        BinaryMask grown = Resize.Mask(mask, 8, MaskRule.Authors);
        int[] lit = [.. Enumerable.Range(0, 64).Where(i => grown.Pixels[i] == 1)];
        Assert.Equal(from row in Enumerable.Range(1, 4) from column in Enumerable.Range(1, 4) select (row * 8) + column, lit);
        Assert.Equal(4, Resize.Mask(mask, 8, MaskRule.AreaHalf).Area);
    }

    [Fact]
    public void The_authors_rule_sees_only_the_nearest_four_pixels_when_it_shrinks()
    {
        // 8 onto 2: centres at 1.5 and 5.5, so columns 0 and 3 of the first half are never looked at.
        var mask = new BinaryMask(8, 8);
        mask[0, 0] = mask[3, 3] = true;
        Assert.Equal(0, Resize.Mask(mask, 2, MaskRule.Authors).Area);
        mask[1, 1] = true;
        Assert.Equal([1, 0, 0, 0], Resize.Mask(mask, 2, MaskRule.Authors).Pixels);
    }

    /// <summary>The old pixels under a new one along an axis, with the length shared in 1/size of an old pixel.</summary>
    private static IEnumerable<(int Old, int Length)> Overlaps(int place, int oldSize, int size) =>
        from old in Enumerable.Range(0, oldSize)
        let length = Math.Min((place + 1) * oldSize, (old + 1) * size) - Math.Max(place * oldSize, old * size)
        where length > 0
        select (old, length);
}

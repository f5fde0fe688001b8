using C2FVL.Data;
using C2FVL.Experiments;
using C2FVL.Tests.Support;
using CsCheck;

namespace C2FVL.Tests.Data;

public class SplitTests
{
    private static readonly Gen<(Dataset Dataset, int Seed)> Grouped =
        from sizes in Gen.Int[1, 9].Array[1, 60]
        from seed in Gen.Int[0, 1000]
        select (Patients(sizes), seed);

    [Fact]
    public void Parts_are_disjoint_and_complete_and_have_the_sizes_asked_for() =>
        Grouped.Sample(given =>
        {
            Split split = Split.ByRatio(given.Dataset, new SplitRatio(8, 1, 1), given.Seed);
            AssertPartition(given.Dataset, split);
            int tenth = (int)Math.Round(given.Dataset.Cases.Count / 10.0);
            Assert.Equal((tenth, tenth), (split.Val.Count, split.Test.Count));
        }, iter: 100);

    [Fact]
    public void By_patient_no_patient_crosses() =>
        Grouped.Sample(given =>
        {
            Split split = Split.ByRatio(given.Dataset, new SplitRatio(6, 2, 2), given.Seed, byPatient: true);
            AssertPartition(given.Dataset, split);
            Assert.All(
                given.Dataset.Cases.GroupBy(c => c.Group),
                patient => Assert.Single(Enum.GetValues<Part>(), part => patient.Any(c => split[part].Contains(c.Id))));
        }, iter: 100);

    [Fact]
    public void By_patient_the_test_part_is_as_near_its_size_as_any_choice_of_patients() =>
        Gen.Select(Gen.Int[1, 9].Array[1, 10], Gen.Int[0, 100]).Sample((sizes, seed) =>
        {
            Dataset dataset = Patients(sizes);
            int quota = (int)Math.Round(dataset.Cases.Count / 4.0);
            int best = Enumerable.Range(0, 1 << sizes.Length).Min(chosen => Math.Abs(quota - sizes.Where((_, i) => (chosen >> i & 1) == 1).Sum()));
            Split split = Split.ByRatio(dataset, new SplitRatio(3, 0, 1), seed, byPatient: true);
            Assert.Equal(best, Math.Abs(quota - split.Test.Count));
        }, iter: 50);

    [Fact]
    public void The_same_seed_gives_the_same_split_whatever_order_the_cases_come_in()
    {
        Dataset dataset = Patients([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5]);
        Dataset reversed = dataset with { Cases = [.. dataset.Cases.Reverse()] };
        foreach (bool byPatient in new[] { false, true })
        {
            Split first = Split.ByRatio(dataset, new SplitRatio(2, 1, 1), 7, byPatient);
            AssertSame(first, Split.ByRatio(reversed, new SplitRatio(2, 1, 1), 7, byPatient));
            Assert.NotEqual(first.Test, Split.ByRatio(dataset, new SplitRatio(2, 1, 1), 8, byPatient).Test);
        }
    }

    [Fact]
    public void Without_a_test_set_the_folds_test_each_case_once_and_no_patient_crosses() =>
        Gen.Select(Gen.Int[1, 9].Array[5, 40], Gen.Int[3, 5], Gen.Int[0, 100]).Sample((sizes, folds, seed) =>
        {
            Dataset dataset = Patients(sizes);
            Split[] splits =
                [.. Enumerable.Range(1, folds).Select(k => Split.Undivided(dataset).Fold(dataset, k, folds, seed))];
            Assert.Equal(dataset.Cases.Select(c => c.Id).Order(), splits.SelectMany(split => split.Test).Order());
            Assert.Equal(dataset.Cases.Select(c => c.Id).Order(), splits.SelectMany(split => split.Val).Order());
            int largest = sizes.Max();
            Assert.All(splits, split =>
            {
                AssertPartition(dataset, split);
                Assert.InRange(split.Test.Count, 1, (dataset.Cases.Count / folds) + largest);
                Assert.All(
                    dataset.Cases.GroupBy(c => c.Group),
                    patient =>
                        Assert.Single(Enum.GetValues<Part>(), part => patient.Any(c => split[part].Contains(c.Id))));
            });
        }, iter: 50);

    [Fact]
    public void With_a_test_set_the_folds_validate_each_other_case_once()
    {
        Dataset dataset = GivenParts(train: 17, val: 6, test: 5);
        Split given = Split.AsGiven(dataset);
        Split[] splits = [.. Enumerable.Range(1, 4).Select(k => given.Fold(dataset, k, 4, 666))];
        Assert.Equal(given.Train.Concat(given.Val).Order(), splits.SelectMany(split => split.Val).Order());
        Assert.All(splits, split =>
        {
            AssertPartition(dataset, split);
            Assert.Equal(given.Test, split.Test);
            Assert.InRange(split.Val.Count, 5, 6);
        });
        Assert.Contains("fold 2 of 4", splits[1].Name);
        Assert.Equal(splits[1].Val, given.Fold(dataset with { Cases = [.. dataset.Cases.Reverse()] }, 2, 4, 666).Val);
    }

    [Fact]
    public void Folds_that_cannot_be_say_why()
    {
        Dataset dataset = Patients([3, 3, 3]);
        Split all = Split.Undivided(dataset);
        Assert.Contains("3 patients cannot be put in 4 folds", Assert
            .Throws<InvalidDataException>(() => all.Fold(dataset, 1, 4, 0)).Message);
        Assert.Contains(
            "it must be at least 3", Assert.Throws<ArgumentException>(() => all.Fold(dataset, 1, 2, 0)).Message);
        Assert.Contains(
            "it must be from 1 to 3", Assert.Throws<ArgumentException>(() => all.Fold(dataset, 4, 3, 0)).Message);
    }

    [Fact]
    public void A_draw_is_the_same_for_ever()
    {
        // Pinned: published split files and stored runs depend on it.
        Split split = Split.ByRatio(Patients([1, 1, 1, 1, 1, 1, 1, 1, 1, 1]), new SplitRatio(6, 2, 2), 666);
        Assert.Equal("p03-0 p08-0 | p04-0 p09-0", string.Join(' ', split.Test) + " | " + string.Join(' ', split.Val));
    }

    [Fact]
    public void QaTa_keeps_the_given_test_part_and_draws_the_rest_4_to_1()
    {
        Dataset dataset = GivenParts(train: 70, val: 30, test: 11);
        Split split = Split.QaTa4To1(dataset, 1);
        AssertPartition(dataset, split);
        Assert.Equal((80, 20, 11), (split.Train.Count, split.Val.Count, split.Test.Count));
        Assert.All(split.Test, id => Assert.StartsWith("Test", id));
        Assert.Contains(split.Val, id => id.StartsWith("Train", StringComparison.Ordinal));
        Assert.Equal((70, 30, 11), (Split.AsGiven(dataset).Train.Count, Split.AsGiven(dataset).Val.Count, Split.AsGiven(dataset).Test.Count));
    }

    [Fact]
    public void QaTa_by_patient_refuses_a_given_test_part_that_shares_patients()
    {
        Dataset dataset = GivenParts(8, 2, 2);
        Case[] cases = [.. dataset.Cases.Select(c => c.Id is "Train003" or "Test001" ? c with { Patient = "sub-1" } : c)];
        string message = Assert.Throws<InvalidDataException>(() => Split.QaTa4To1(dataset with { Cases = cases }, 1, byPatient: true)).Message;
        Assert.Contains("sub-1", message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void MosMed_draws_8_1_1_from_each_of_the_four_sources(bool byPatient)
    {
        Dataset dataset = MosMed();
        Split split = Split.MosMed8To1To1(dataset, 3, byPatient);
        AssertPartition(dataset, split);
        foreach (string source in new[] { "bjorke", "Jun_coronacases", "Jun_radiopaedia", "Morozov" })
        {
            int all = dataset.Cases.Count(c => c.Id.StartsWith(source, StringComparison.Ordinal));
            Assert.InRange(split.Test.Count(id => id.StartsWith(source, StringComparison.Ordinal)), (all / 10) - 1, (all / 10) + 1);
            Assert.InRange(split.Val.Count(id => id.StartsWith(source, StringComparison.Ordinal)), (all / 10) - 1, (all / 10) + 1);
        }

        if (!byPatient)
            Assert.Equal((41, 41), (split.Val.Count, split.Test.Count));
        int crossing = dataset.Cases.GroupBy(c => c.Group).Count(g => Enum.GetValues<Part>().Count(p => g.Any(c => split[p].Contains(c.Id))) > 1);
        Assert.Equal(byPatient, crossing == 0);
    }

    [Fact]
    public void MosMed_names_files_that_belong_to_no_source()
    {
        Dataset dataset = Of([new Case("scan_1", "scan_1.png", null, null, null, ImageKind.CT)]);
        Assert.Contains("scan_1", Assert.Throws<InvalidDataException>(() => Split.MosMed8To1To1(dataset, 1)).Message);
    }

    [Fact]
    public void A_folder_without_parts_has_no_given_split_and_the_message_names_one_that_it_has()
    {
        Dataset flat = Patients([2]);
        foreach (Func<Split> split in new[] { () => Split.AsGiven(flat), () => Split.QaTa4To1(flat, 1) })
        {
            string message = Assert.Throws<InvalidDataException>(split).Message;
            Assert.StartsWith("drawn: This folder has no training, validation and test set. Choose how to split it:", message);
            Assert.All([SplitKind.EightOneOneByPatient, SplitKind.EightOneOne], kind => Assert.Contains($"--split {kind} ", message));
        }
    }

    [Fact]
    public void A_subset_is_a_seeded_draw_from_one_part()
    {
        Split split = Split.AsGiven(GivenParts(100, 50, 10));
        Split mini = split.Subset(Part.Train, 20, 666).Subset(Part.Val, 5, 666);
        Assert.Equal((20, 5, 10), (mini.Train.Count, mini.Val.Count, mini.Test.Count));
        Assert.Empty(mini.Train.Except(split.Train));
        Assert.Equal(mini.Train.Order(StringComparer.Ordinal), mini.Train);
        Assert.Equal(mini.Train, split.Subset(Part.Train, 20, 666).Train);
        Assert.NotEqual(mini.Train, split.Subset(Part.Train, 20, 667).Train);
        // A smaller draw with the same seed lies inside the larger one.
        Assert.Empty(split.Subset(Part.Train, 10, 666).Train.Except(mini.Train));
        Assert.Same(split, split.Subset(Part.Test, 10, 666));
    }

    [Fact]
    public void A_saved_split_loads_the_same()
    {
        using var folder = new TemporaryFolder();
        Dataset dataset = Patients([3, 2, 5]);
        Split split = Split.ByRatio(dataset, new SplitRatio(2, 1, 1), 7);
        split.Save(folder["split.json"]);
        AssertSame(split, Split.Load(folder["split.json"], dataset));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_split_of_another_data_set_is_refused_naming_the_cases()
    {
        using var folder = new TemporaryFolder();
        Split.ByRatio(Patients([3, 2, 5]), new SplitRatio(2, 1, 1), 7).Save(folder["split.json"]);
        string message = Assert.Throws<InvalidDataException>(() => Split.Load(folder["split.json"], Patients([3, 2]))).Message;
        Assert.StartsWith($"{folder["split.json"]}: 5 cases not in drawn", message);
        Assert.Contains("p02-4", message);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("name")]
    [InlineData("""{"name":"x","train":["p00-0"],"val":["p00-0"],"test":[]}""")]
    [InlineData("""{"name":"x","train":["p00-0"],"val":null,"test":[]}""")]
    public void What_is_no_split_is_refused_by_name(string content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["split.json"], content);
        Assert.StartsWith(folder["split.json"], Assert.Throws<InvalidDataException>(() => Split.Load(folder["split.json"], Patients([3]))).Message);
    }

    [Fact]
    public void A_part_gives_its_cases_in_order()
    {
        Dataset dataset = GivenParts(3, 1, 1);
        Assert.Equal(["Train000", "Train001", "Train002"], Split.AsGiven(dataset).Cases(dataset, Part.Train).Select(c => c.Id));
    }

    [Fact]
    public void QaTa_splits_to_the_papers_sizes()
    {
        string root = SharedData.Require("data/QaTa-COV19");
        Dataset dataset = Of([.. new[] { Part.Train, Part.Val, Part.Test }.SelectMany(part =>
            Directory.GetFiles(Path.Combine(root, part + "_Folder", "img")).Select(path =>
            {
                string id = Path.GetFileNameWithoutExtension(path);
                return new Case(id, path, null, null, id.StartsWith("sub-", StringComparison.Ordinal) ? id.Split('_')[0] : null, ImageKind.XRay, part);
            }))]);
        foreach (Split split in new[] { Split.AsGiven(dataset), Split.QaTa4To1(dataset, 666), Split.QaTa4To1(dataset, 666, byPatient: true) })
        {
            AssertPartition(dataset, split);
            Assert.Equal((5716, 1429, 2113), (split.Train.Count, split.Val.Count, split.Test.Count));
        }
    }

    private static void AssertPartition(Dataset dataset, Split split)
    {
        Assert.Equal(
            dataset.Cases.Select(c => c.Id).Order(StringComparer.Ordinal),
            split.Train.Concat(split.Val).Concat(split.Test).Order(StringComparer.Ordinal));
        Assert.All(Enum.GetValues<Part>(), part => Assert.Equal(split[part].Order(StringComparer.Ordinal), split[part]));
    }

    private static void AssertSame(Split expected, Split actual)
    {
        Assert.Equal(expected.Name, actual.Name);
        Assert.All(Enum.GetValues<Part>(), part => Assert.Equal(expected[part], actual[part]));
    }

    private static Dataset Of(Case[] cases) => new("drawn", "drawn", cases, []);

    private static Dataset Patients(int[] sizes) => Of([.. sizes.SelectMany((size, p) =>
        Enumerable.Range(0, size).Select(i => new Case($"p{p:00}-{i}", $"p{p:00}-{i}.png", null, null, $"p{p:00}", ImageKind.XRay)))]);

    private static Dataset GivenParts(int train, int val, int test) => Of([.. new[] { (Part.Train, train), (Part.Val, val), (Part.Test, test) }
        .SelectMany(part => Enumerable.Range(0, part.Item2)
            .Select(i => new Case($"{part.Item1}{i:000}", $"{i}.png", null, null, null, ImageKind.XRay, part.Item1)))]);

    private static Dataset MosMed() => Of([.. new (string Stem, int Patients, int Slices)[]
        {
            ("bjorke", 0, 50), ("Jun_coronacases_case", 20, 5), ("Jun_radiopaedia_40_86625_0_case", 30, 2), ("Morozov_study_0", 40, 5),
        }
        .SelectMany(source => Enumerable.Range(0, Math.Max(1, source.Patients)).SelectMany(p => Enumerable.Range(0, source.Slices).Select(s =>
        {
            string? patient = source.Patients == 0 ? null : $"{source.Stem}{p}";
            string id = $"{patient ?? source.Stem}_{s}";
            return new Case(id, id + ".png", null, null, patient, ImageKind.CT);
        })))]);
}

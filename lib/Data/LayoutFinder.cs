namespace C2FVL.Data;

/// <summary>Chooses the layout that explains most of a folder's folders.</summary>
internal static class LayoutFinder
{
    private static readonly string[] PartNames = ["train", "training", "val", "valid", "validation", "test", "testing"];

    /// <summary>The layout, and the tree from the folder in which it begins.</summary>
    /// <exception cref="InvalidDataException">The folder has no known layout; the message says what was looked for.</exception>
    public static (DatasetLayout Layout, FolderTree Tree) Find(string folder, List<DataFault> faults)
    {
        var outer = new FolderTree(folder, faults);
        (DatasetLayout Layout, FolderTree Tree, int Explained)? best = null;
        foreach (DatasetLayout layout in DatasetLayout.Known)
        {
            foreach (string inside in layout.Roots)
            {
                if (outer.Find(inside) is not string root)
                    continue;
                FolderTree tree = root == folder ? outer : new FolderTree(root, faults);
                int explained = Explained(tree, layout);
                if (explained > (best?.Explained ?? 0))
                    best = (layout, tree, explained);
            }
        }

        if (best is { } found)
            return (found.Layout, found.Tree);
        string wanted = string.Concat(DatasetLayout.Known.Select(layout => $"\n  {layout.Name}: {layout.Wanted}"));
        string unread = faults.Count > 0 ? $"{faults[0]}\n" : "";
        throw new InvalidDataException($"{unread}{folder}: no data set of a known layout is here. Looked for:{wanted}\nGive the folder that holds one of these, with pictures in PNG, JPEG or BMP.");
    }

    /// <summary>Whether a folder of images holds no picture but folders named after parts, which are read instead.</summary>
    public static bool HoldsPartsOnly(FolderTree tree, string images) =>
        tree.Files(images).Pictures.Count == 0
        && PartNames.Any(part => tree.Find(Path.Combine(Path.GetRelativePath(tree.Root, images), part)) is string inside && tree.Files(inside).Pictures.Count > 0);

    /// <summary>Folders with a place in the layout: two for images with masks, one for images that have no folder of masks.</summary>
    private static int Explained(FolderTree tree, DatasetLayout layout)
    {
        if (layout.Numbered is not null && !IsNumbered(tree, layout))
            return 0;
        var pairs = new HashSet<string>();
        var alone = new HashSet<string>();
        foreach (LayoutPart part in layout.Parts)
        {
            if (part.IsFlat)
                return IsFlat(tree) ? 1 : 0;
            string? images = tree.Find(part.Images), masks = tree.Find(part.Masks);
            if (images is not null && masks is not null && !pairs.Contains(images) && !pairs.Contains(masks))
                pairs.UnionWith([images, masks]);
            else if (images is not null && tree.Files(images).Pictures.Count > 0)
                alone.Add(images);
        }

        return pairs.Count + alone.Except(pairs).Count();
    }

    /// <summary>Whether masks lie beside their images, or nothing but images without masks is there.</summary>
    private static bool IsFlat(FolderTree tree)
    {
        IReadOnlyList<string> pictures = tree.Files(tree.Root).Pictures;
        return pictures.Any(picture => MaskNames.IsMask(FolderFiles.Stem(picture)))
            || (pictures.Count > 0 && tree.All().Skip(1).All(inside => tree.Files(inside).Pictures.Count == 0));
    }

    /// <summary>Whether all images are numbered and the set is the one meant: by its folder's name, or by its counts.</summary>
    private static bool IsNumbered(FolderTree tree, DatasetLayout layout)
    {
        bool isNamed = Path.GetFileName(tree.Root).Equals(layout.Name, StringComparison.OrdinalIgnoreCase);
        return layout.Parts.All(part => tree.Find(part.Images) is string images
            && tree.Files(images).Pictures is { Count: > 0 } pictures
            && pictures.All(picture => int.TryParse(FolderFiles.Stem(picture), out _))
            && (isNamed || pictures.Count == layout.Numbered![part.Part!.Value]));
    }
}

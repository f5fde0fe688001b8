namespace C2FVL.Data;

/// <summary>Something wrong in a data set, with the way to mend it.</summary>
/// <param name="File">The file at fault.</param>
/// <param name="Row">The row in it, counted from 1 with the header as row 1; null where there are no rows.</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="Cure">What to do about it.</param>
public sealed record DataFault(string File, int? Row, string Problem, string Cure)
{
    public override string ToString() =>
        $"{this.File}{(this.Row is int row ? $", row {row}" : "")}: {this.Problem} {this.Cure}";
}

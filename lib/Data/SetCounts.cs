namespace C2FVL.Data;

/// <summary>What the training, validation or test set of a split holds.</summary>
/// <param name="Part">Which set.</param>
/// <param name="Cases">The number of cases.</param>
/// <param name="Patients">The number of known patients.</param>
/// <param name="WithoutPatient">Cases that have no patient id.</param>
/// <param name="Reports">Cases whose report was understood.</param>
public sealed record SetCounts(Part Part, int Cases, int Patients, int WithoutPatient, int Reports)
{
    /// <summary>The share of cases whose report was understood, 0 to 1; 1 without cases.</summary>
    public double ReportShare() => this.Cases == 0 ? 1 : (double)this.Reports / this.Cases;

    /// <summary>Such as "0 of 56 reports understood".</summary>
    public string ReportsText() => $"{this.Reports} of {this.Cases} reports understood";

    public override string ToString()
    {
        string unknown = this.WithoutPatient == 0 ? "" : $"{(this.Patients == 0 ? "" : ", ")}{this.WithoutPatient} cases without a patient id";
        string known = this.Patients == 0 ? "" : $"{this.Patients} patient{(this.Patients == 1 ? "" : "s")}";
        return $"{this.Part}: {this.Cases} case{(this.Cases == 1 ? "" : "s")}, {(this.Cases == 0 ? "no patients" : known + unknown)}, {this.ReportsText()}";
    }

    /// <summary>Counts a set.</summary>
    public static SetCounts Of(Part part, IReadOnlyList<Case> cases) => new(
        part,
        cases.Count,
        cases.Where(c => c.Patient is not null).Select(c => c.Patient).Distinct().Count(),
        cases.Count(c => c.Patient is null),
        cases.Count(c => c.Report is not null));
}

using C2FVL.Data;
using C2FVL.Experiments;
using static C2FVL.Data.Wording;

namespace C2FVL.Workbook.Commands;

/// <summary>What commands print of a run's data.</summary>
internal static class RunDataText
{
    private const int MostReasons = 3;

    /// <summary>The data in a few lines: name, kind, split, each set, and what was left out.</summary>
    public static string ToText(this RunData data)
    {
        string kinds = string.Join(" and ", data.Gate.Kinds.Select(kind => kind == ImageKind.XRay ? "X-ray" : "CT"));
        DataFault[] doubtful = [.. data.Dataset.Faults.Except(data.Dataset.LeftOut)];
        string[] notes = [
            .. data.Gate.Notes, .. data.PatientNote is string patients ? [patients] : Array.Empty<string>(),
            .. data.Dataset.Notes.Select(note => note.ToString())];
        return $"{data.Dataset.Name} ({data.Dataset.Root}): {kinds}, split {data.Split.Name}\n  kind: {kinds} "
            + $"({data.Dataset.KindSource}){string.Concat(data.Gate.Sets.Select(set => "\n  " + set.ToText()))}"
            + string.Concat(notes.Select(note => $"\n  note: {note}"))
            + Few("left out", data.Dataset.LeftOut.Select(fault => fault.ToString()))
            + Few("not understood or doubtful", doubtful.Select(fault => fault.ToString()));

        static string Few(string what, IEnumerable<string> items)
        {
            string[] all = [.. items];
            string more = all.Length > MostReasons
                ? $"\n    and {all.Length - MostReasons} more; 'workbook check-data' lists them"
                : "";
            return all.Length == 0
                ? ""
                : $"\n  {all.Length} "
                + $"{what}:{string.Concat(all.Take(MostReasons).Select(item => "\n    " + item))}{more}";
        }
    }

    /// <summary>A set in one line: cases, patients, reports.</summary>
    public static string ToText(this SetCounts set)
    {
        string known = set.Patients == 0 ? "" : $", {Counted(set.Patients, "patient")}";
        string unknown = set.WithoutPatient == 0 ? "" : $", {set.WithoutPatient} cases without a patient id";
        return $"{set.Part}: {Counted(set.Cases, "case")}{(set.Cases == 0 ? ", no patients" : known + unknown)}, "
            + $"{set.Reports} of {set.Cases} reports understood";
    }
}

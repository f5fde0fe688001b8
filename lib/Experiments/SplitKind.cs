namespace C2FVL.Experiments;

/// <summary>How a run's cases are split.</summary>
public enum SplitKind
{
    /// <summary>As the folder itself gives it: on QaTa-COV19 the authors' training, validation and test folders.</summary>
    AsGiven,

    /// <summary>The paper's 4:1 of QaTa's training cases, seeded; the test cases as given.</summary>
    QaTa4To1,

    /// <summary>The same, no patient in two parts.</summary>
    QaTa4To1ByPatient,

    /// <summary>The paper's 8:1:1 of each of MosMedData+'s four file-name prefixes, seeded.</summary>
    MosMed8To1To1,

    /// <summary>The same, no study in two parts.</summary>
    MosMed8To1To1ByPatient,

    /// <summary>8:1:1 of any set, seeded, no patient in two parts.</summary>
    EightOneOneByPatient,

    /// <summary>8:1:1 of any set, seeded, image by image: images of one patient may be in two sets.</summary>
    EightOneOne,
}

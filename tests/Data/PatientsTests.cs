using C2FVL.Data;

namespace C2FVL.Tests.Data;

public sealed class PatientsTests
{
    [Theory]
    [InlineData("sub-S09454_ses-E25547_run-1_bp-chest_vp-ap_dx.png", "sub-s09454")]
    [InlineData("mask_sub-s09454_ses-e25547_run-1_bp-chest_vp-ap_dx.png", "sub-s09454")]
    [InlineData("folder/sub-s09454_ses-e1", "sub-s09454")]
    [InlineData("Morozov_study_0255_21.png", "Morozov_study_0255")]
    [InlineData("Jun_coronacases_case1_40.png", "Jun_coronacases_case1")]
    [InlineData("Jun_radiopaedia_10_85902_1_case12_3.png", "Jun_radiopaedia_10_85902_1_case12")]
    [InlineData("covid_12.png", null)]
    [InlineData("bjorke_3.png", null)]
    [InlineData("sub-coronacases001_slice-012.png", "sub-coronacases001")]
    [InlineData("substance_1.png", null)]
    [InlineData("17.jpg", null)]
    public void AFileNameTellsThePatientOrNothing(string name, string? patient) => Assert.Equal(patient, Patients.FromFileName(name));
}

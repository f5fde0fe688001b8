using C2FVL.Data;

namespace C2FVL.Tests.Data;

public sealed class DataSetsTests
{
    [Theory]
    [InlineData("bjorke_3", "bjorke")]
    [InlineData("Jun_coronacases_case1_40", "Jun_coronacases")]
    [InlineData("Jun_radiopaedia_10_85902_1_case12_3", "Jun_radiopaedia")]
    [InlineData("Morozov_study_0255_21", "Morozov_study")]
    [InlineData("covid_1", null)]
    [InlineData("bjorker_1", null)]
    public void ACaseHasOneOfFourPrefixesOrNone(string id, string? prefix) => Assert.Equal(prefix, DataSets.MosMedSource(id));
}

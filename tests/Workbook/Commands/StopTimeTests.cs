using System.CommandLine;
using C2FVL.Workbook.Commands;

namespace C2FVL.Tests.Workbook.Commands;

public sealed class StopTimeTests
{
    private static readonly DateTime Evening = new(2026, 11, 26, 22, 30, 0);

    [Theory]
    [InlineData("2h", 7200)]
    [InlineData("90m", 5400)]
    [InlineData("1h30m", 5400)]
    [InlineData("45s", 45)]
    [InlineData("0.5s", 0.5)]
    [InlineData("1d2h", 93600)]
    [InlineData("06:30", 8 * 3600)]
    [InlineData("23:00", 1800)]
    [InlineData("22:30", 86400)]
    public void ATimeIsALengthOrATimeOfTheDay(string text, double seconds) =>
        Assert.Equal(seconds, StopTime.Parse(text, Evening)!.Value.TotalSeconds);

    [Theory]
    [InlineData("")]
    [InlineData("2")]
    [InlineData("0h")]
    [InlineData("2 h")]
    [InlineData("30m1h")]
    [InlineData("-1h")]
    [InlineData("1,5h")]
    [InlineData("50d")]
    [InlineData("25:00")]
    public void AnythingElseIsNoTime(string text) => Assert.Null(StopTime.Parse(text, Evening));

    [Fact]
    public async Task TheMessageSaysWhatToWrite()
    {
        (int code, string said) = await ConsoleRun.Of(TrainCommand.Create(), "--until", "soon");
        Assert.Equal(1, code);
        Assert.Contains("--until is soon; it must be a duration of at most 49 days, such as 2h, 90m or 1h30m, or a time of "
            + "day, such as 06:30.", said);
    }
}

using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.RegularExpressions;

namespace C2FVL.Workbook.Commands;

/// <summary>--until: ends a training at a time, resumable, as a cluster or a lecture may need.</summary>
internal sealed partial class StopTime : IDisposable
{
    /// <summary>The exit code of a command that the time ended, as timeout(1) has it.</summary>
    public const int ExitCode = 124;

    /// <summary>The longest that a timer takes is a little under 50 days.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(49);

    private readonly CancellationTokenSource source;
    private readonly CancellationToken user;

    /// <param name="after">When it ends, from now.</param>
    /// <param name="user">What the user ends it by.</param>
    public StopTime(TimeSpan after, CancellationToken user)
    {
        this.user = user;
        source = CancellationTokenSource.CreateLinkedTokenSource(user);
        source.CancelAfter(after);
    }

    /// <summary>Is cancelled at the time, or by the user before.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>Whether the time has come, and not the user.</summary>
    public bool IsReached => source.IsCancellationRequested && !user.IsCancellationRequested;

    public static Option<TimeSpan?> Option() => new("--until")
    {
        Description = "Stop after this duration (2h, 90m, 1h30m, 45s) or at this time of day (06:30), with exit code "
            + $"{ExitCode}. Repeat the command to resume.",
        HelpName = "TIME",
        CustomParser = Parse,
    };

    public void Dispose() => source.Dispose();

    /// <summary>The time from now that a text means; null for none.</summary>
    /// <param name="text">Such as "2h", "1h30m" or "06:30".</param>
    /// <param name="now">The time of the day, for the last form: its next such time is meant.</param>
    internal static TimeSpan? Parse(string text, DateTime now)
    {
        if (TimeOnly.TryParseExact(text, ["H:mm", "HH:mm"], CultureInfo.InvariantCulture, DateTimeStyles.None,
            out TimeOnly at))
        {
            TimeSpan left = at.ToTimeSpan() - now.TimeOfDay;
            return left > TimeSpan.Zero ? left : left + TimeSpan.FromDays(1);
        }

        Match match = Duration().Match(text);
        if (!match.Success || text.Length == 0)
            return null;
        double seconds = new[] { 86400.0, 3600, 60, 1 }.Select((unit, i) => match.Groups[i + 1].Success
            ? unit * double.Parse(match.Groups[i + 1].Value, CultureInfo.InvariantCulture) : 0).Sum();
        return seconds > 0 && seconds <= Longest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    private static TimeSpan? Parse(ArgumentResult result)
    {
        string text = result.Tokens.Single().Value;
        TimeSpan? time = Parse(text, DateTime.Now);
        if (time is null)
            result.AddError($"--until is {text}; it must be a duration of at most {Longest.TotalDays} days, such as "
                + "2h, 90m or 1h30m, or a time of day, such as 06:30.");
        return time;
    }

    [GeneratedRegex(@"^(?:([0-9]+(?:\.[0-9]+)?)d)?(?:([0-9]+(?:\.[0-9]+)?)h)?(?:([0-9]+(?:\.[0-9]+)?)m)?(?:([0-9]+(?:\.[0-9]+)?)s)?$")]
    private static partial Regex Duration();
}

using System.CommandLine;
using System.CommandLine.Parsing;
using Elasticity.Server.Settings;

namespace Elasticity.Cli.CommandLine;

/// <summary>Durations as people type them: <c>90</c> (seconds), <c>500ms</c>, <c>1.5m</c>, <c>2h</c>,
/// <c>1d</c>.</summary>
internal static class Durations
{
    /// <summary>Makes an option whose value is a duration.</summary>
    public static Option<TimeSpan?> Option(string name, string description, TimeSpan least, TimeSpan most) => new(name)
    {
        Description = description,
        HelpName = "D",
        CustomParser = result => Parse(result, name, least, most),
    };

    /// <summary>Reads a duration.</summary>
    /// <returns>Null when it is none.</returns>
    public static TimeSpan? Parse(string text) => SettingText.Time(text);

    private static TimeSpan? Parse(ArgumentResult result, string name, TimeSpan least, TimeSpan most)
    {
        string text = result.Tokens[0].Value;
        TimeSpan? duration = Parse(text);
        if (duration is null)
        {
            result.AddError($"{name} '{text}' is no duration: write 90s, 500ms, 5m, 2h or 1d.");
        }
        else if (duration < least || duration > most)
        {
            result.AddError($"{name} is {SettingText.ShowTime(least)} to {SettingText.ShowTime(most)}, not {text}.");
        }

        return duration;
    }
}

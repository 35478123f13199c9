using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace Elasticity.Cli.CommandLine;

/// <summary>What is wrong with a command line, in the words of people.</summary>
internal static partial class UsageErrors
{
    private const string NoCommand = "Required command was not provided";

    /// <summary>Looks for what is wrong.</summary>
    /// <returns>Sentences; none when the command can be executed.</returns>
    public static IReadOnlyList<string> Of(ParseResult parsed)
    {
        if (parsed.Action is ParseErrorAction)
        {
            string[] errors = [.. parsed.Errors.Select(e => Plain(e.Message)).Distinct()];

            // Whoever misspelt a command need not hear that there is none.
            return errors.Length == 1
                ? errors
                : [.. errors.Where(e => !e.StartsWith(NoCommand, StringComparison.Ordinal))];
        }

        return parsed.Action is null or not SynchronousCommandLineAction ? [.. Misspelt(parsed)] : [];
    }

    /// <summary>Options that nobody knows and that were taken for a file or a job. After <c>--</c> nothing is an
    /// option.</summary>
    private static IEnumerable<string> Misspelt(ParseResult parsed) =>
        parsed.Tokens.Any(t => t.Type == TokenType.DoubleDash)
            ? []
            : parsed.CommandResult.Children.OfType<ArgumentResult>()
                .SelectMany(a => a.Tokens)
                .Where(t => t.Value.Length > 1 && t.Value[0] == '-')
                .Select(t => $"There is no option '{t.Value}'; after -- it is no option.");

    private static string Plain(string message) =>
        NotParsed().Match(message) is { Success: true } match
            ? $"'{match.Groups["text"].Value}' is no whole number, as {match.Groups["name"].Value} needs it."
            : message;

    [GeneratedRegex(
        @"^Cannot parse argument '(?<text>.*)' for (option|command) '(?<name>.*)' as expected type '.*Int(32|64).*'\.$",
        RegexOptions.Singleline)]
    private static partial Regex NotParsed();
}

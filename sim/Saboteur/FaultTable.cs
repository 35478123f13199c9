using System.Text.RegularExpressions;

namespace Elasticity.Saboteur;

/// <summary>The table of faults that people read. What it says that a fault is found as is what it has to be found
/// as.</summary>
internal static partial class FaultTable
{
    public const string Page = "docs/reliability.md";

    /// <summary>Reads it.</summary>
    /// <param name="root">The root of the repository.</param>
    /// <returns>By the name of each fault, what it is found as.</returns>
    public static IReadOnlyDictionary<string, string> Read(string root) =>
        Row().Matches(File.ReadAllText(Path.Combine(root, Page)))
            .ToDictionary(m => m.Groups["name"].Value, m => m.Groups["rule"].Value);

    [GeneratedRegex(
        @"^\| `(?<name>[a-z-]+)` \| [^|]+ \| \d+ \| (?:`(?<rule>[a-z-]+)`|(?<rule>[a-z ]+)) \|$",
        RegexOptions.Multiline)]
    private static partial Regex Row();
}

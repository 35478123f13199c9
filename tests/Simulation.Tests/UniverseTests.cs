using System.Text.RegularExpressions;
using Elasticity.Domain;
using Elasticity.Saboteur;
using Elasticity.Simulator.Checks;
using Xunit;

namespace Elasticity.Simulation.Tests;

/// <summary>What the simulator lets the log show is what <c>docs/reference</c> says, which is generated from the
/// domain.</summary>
public partial class UniverseTests
{
    [Theory]
    [InlineData("agent")]
    [InlineData("job")]
    [InlineData("task")]
    public void Transitions_are_those_of_the_documentation(string machine)
    {
        HashSet<string> documented = [];
        foreach (Cell cell in CellsOf(machine))
        {
            string[] states = [StateOf(machine, cell.State)];
            foreach (string stored in cell.Events.Select(e => NameOf(machine, e)))
            {
                (string Before, string After)[] taken =
                [
                    .. Universe.Transitions.Where(t => t.Machine == machine)
                        .Select(t => Transition().Match(t.Transition).Groups)
                        .Where(g => g[2].Value == stored && states.Contains(g[1].Value))
                        .Select(g => (g[1].Value, g[3].Value)),
                ];
                Assert.True(taken.Length > 0, $"{cell.Command} of {cell.State}: {stored} after {states[0]}");
                documented.UnionWith(taken.Select(t => $"{t.Before} --{stored}"));
                states = [.. taken.Select(t => t.After).Distinct()];
            }
        }

        Assert.Equal(
            documented.Order(StringComparer.Ordinal),
            Universe.Transitions.Where(t => t.Machine == machine).Select(t => t.Transition.Split("-->")[0])
                .Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("job", "Cancel", "Pause", "Resume", "Redrive", "ErasePayloads")]
    [InlineData("agent", "Drain")]
    public void Refusals_are_those_of_the_documentation(string machine, params string[] commands) => Assert.All(
        commands,
        command => Assert.Equal(
            CellsOf(machine).Where(c => c.Command == command).SelectMany(c => c.Codes).Concat(Besides(command))
                .Distinct().Order(StringComparer.Ordinal),
            Universe.Answers.Select(a => a.Transition.Split(": ")).Where(a => a[0] == command).Select(a => a[1])
                .Order(StringComparer.Ordinal)));

    /// <summary>The jobs of the tables know no redrive by its id.</summary>
    private static string[] Besides(string command) =>
        command == "Redrive" ? ["ok", RejectionCode.IdempotencyMismatch] : ["ok"];

    private static IEnumerable<Cell> CellsOf(string machine)
    {
        string command = string.Empty;
        foreach (string line in File.ReadLines(
            Path.Combine(Repository.Root, $"docs/reference/{machine}-transitions.md")))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                command = line[3..];
            }
            else if (line.StartsWith("| ", StringComparison.Ordinal) && command.Length > 0
                && !line.StartsWith("| state |", StringComparison.Ordinal)
                && !line.StartsWith("| --- |", StringComparison.Ordinal))
            {
                string[] cells = [.. line.Trim('|').Split('|').Select(c => c.Trim())];
                foreach (string cell in cells[1..])
                {
                    string[] words = cell.Split('→')[0].Split(
                        [',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                    yield return new Cell(
                        command,
                        cells[0],
                        [.. words.Where(w => char.IsAsciiLetterUpper(w[0]))],
                        [.. words.Where(w => w[0] == '*').Select(w => w.Trim('*'))]);
                }
            }
        }
    }

    /// <summary>The state of the log that a row of the documentation is in.</summary>
    private static string StateOf(string machine, string row) => (machine, row.Split(' ', ',')[0]) switch
    {
        ("agent", "never") => "none",
        ("job", "no") => "none",
        ("task", "succeeded" or "dead-lettered" or "cancelled" or "skipped") => "ended",
        (_, var state) => state,
    };

    /// <summary>How an event is stored: TasksAdded of a job is job-tasks-added-1.</summary>
    private static string NameOf(string machine, string @event) =>
        $"{machine}{Capital().Replace(@event, m => $"-{m.Value.ToLowerInvariant()}")}-1";

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();

    [GeneratedRegex("^(.+) --(.+)--> (.+)$")]
    private static partial Regex Transition();

    private sealed record Cell(string Command, string State, string[] Events, string[] Codes);
}

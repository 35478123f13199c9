using System.Reflection;
using System.Text.RegularExpressions;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Xunit;

namespace Elasticity.Domain.Tests.Reference;

/// <summary>Pages that people write, held against the domain.</summary>
public partial class PagesTests
{
    [Fact]
    public void Every_rejection_has_its_heading()
    {
        IEnumerable<string> codes = typeof(RejectionCode).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(f => (string)f.GetRawConstantValue()!);

        Assert.Equal(
            codes.Order(StringComparer.Ordinal),
            Heading().Matches(Repository.Read("docs/reference/rejections.md"))
                .Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_rejection_says_what_to_do_in_a_sentence_or_more()
    {
        string[] sections = Repository.Read("docs/reference/rejections.md").Split("\n## ")[1..];

        Assert.All(sections, s => Assert.Matches(@"^[a-z-]+\n\n[A-Z][^|]+\.\n*$", s));
    }

    [Fact]
    public void Every_message_is_in_the_table() =>
        Assert.Equal(
            Repository.CasesOf(typeof(Message)),
            Rows().Select(r => r.Message).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Every_message_is_ended_by_events_of_its_sender_or_by_none() =>
        Assert.All(Rows(), row =>
        {
            Type sender = row.Route.Split(' ')[0] switch
            {
                "job" => typeof(JobEvent),
                "task" => typeof(TaskEvent),
                "agent" => typeof(AgentEvent),
                string other => throw new InvalidOperationException($"No aggregate is called '{other}'."),
            };
            string[] events = [.. Word().Matches(row.EndedBy).Select(m => m.Groups[1].Value)];

            Assert.True(events.Length > 0 || row.EndedBy == "none", $"{row.Message}: {row.EndedBy}");
            Assert.Subset(Repository.CasesOf(sender).ToHashSet(), events.ToHashSet());
        });

    [Fact]
    public void The_limits_are_those_of_the_page()
    {
        Limits limits = Limits.Default;
        (string What, FormattableString Default)[] rows =
        [
            ("payload, result", $"{limits.PayloadBytesMax / 1024} KiB"),
            ("tasks of a job", $"{limits.TasksPerJobMax:N0}"),
            ("tasks of a chunk",
                $"{limits.TasksPerChunkMax:N0}, and {limits.ChunkBytesMax / 1024 / 1024} MiB of payloads"),
            ("dependencies", $"{limits.DependenciesPerTaskMax:N0} a task, {limits.DependenciesPerJobMax:N0} a job"),
            ("leases in a heartbeat, and of a session", $"{limits.LeasesPerSessionMax:N0}"),
        ];
        string page = Repository.Read("docs/reference/http-api.md");

        Assert.All(
            rows,
            r => Assert.Contains(
                $"\n| {r.What} | {FormattableString.Invariant(r.Default)} | `limit-exceeded` |\n", page));
    }

    // A row without a message goes on with the one above.
    private static IEnumerable<(string Message, string Route, string EndedBy)> Rows()
    {
        string message = string.Empty;
        foreach (string line in Repository.Read("docs/reference/messages.md").Split('\n'))
        {
            string[] cells = [.. line.Split('|').Select(c => c.Trim())];
            if (cells.Length == 7 && cells[1] is not ("message" or "---"))
            {
                message = cells[1].Length > 0 ? cells[1].Trim('`') : message;
                yield return (message, cells[2], cells[4]);
            }
        }
    }

    [GeneratedRegex("^## (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("`([A-Za-z]+)`")]
    private static partial Regex Word();
}

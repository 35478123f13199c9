using System.Text;

namespace Elasticity.Domain.Tests.Reference;

/// <summary>What each command does in each state, as a page: a section a command, a row a state, a column a way to give
/// the command.</summary>
/// <param name="title">The heading of the page.</param>
/// <param name="introduction">What stands below it.</param>
/// <param name="states">The rows.</param>
internal sealed class TransitionTable<TState, TEvent>(
    string title, string introduction, (string Name, TState State)[] states)
    where TEvent : class
{
    private const string Legend =
        """
        A cell names the events that are recorded and, behind the arrow, the [messages](messages.md) that are sent.
        *Slanted* is the code of a [rejection](rejections.md); – is accepted and changes nothing; a cell is empty where
        there is no such run, token or session. "all outstanding": everything that the new state waits for is sent, page
        by page.

        Generated from the domain by `tests/Domain.Tests`, and held against it by a test.

        """;

    private readonly List<(string Command, string Way, Func<TState, Decision<TEvent>?> Decide)> _columns = [];
    private readonly HashSet<string> _events = [];
    private readonly HashSet<string> _commands = [];

    /// <summary>The cases that the page shows.</summary>
    public IEnumerable<string> Events => _events.Order(StringComparer.Ordinal);

    public IEnumerable<string> Commands => _commands.Order(StringComparer.Ordinal);

    /// <summary>Adds a column.</summary>
    /// <param name="command">The section.</param>
    /// <param name="way">The column.</param>
    /// <param name="decide">Null where there is no such command in a state.</param>
    public void Add(string command, string way, Func<TState, Decision<TEvent>?> decide)
    {
        _columns.Add((command, way, decide));
        _commands.Add(command);
    }

    public string Render()
    {
        StringBuilder page = new();
        page.Append(null, $"# {title}\n\n{introduction}\n\n");
        page.Append(Legend);
        foreach (var section in _columns.GroupBy(c => c.Command))
        {
            page.Append(null, $"\n## {section.Key}\n\n");
            Row(page, ["state", .. section.Select(c => c.Way)]);
            Row(page, ["---", .. section.Select(_ => "---")]);
            foreach ((string name, TState state) in states)
            {
                Row(page, [name, .. section.Select(c => Cell(c.Decide(state)))]);
            }
        }

        return page.ToString();
    }

    private static string Joined(string? first, IEnumerable<string> others) =>
        string.Join(", ", first is null ? others : others.Prepend(first));

    private static void Row(StringBuilder page, IEnumerable<string> cells) =>
        page.Append(null, $"| {string.Join(" | ", cells)} |\n");

    private string Cell(Decision<TEvent>? decision)
    {
        if (decision is not { } d)
        {
            return string.Empty;
        }

        string[] events = [.. d.Events.Select(e => e.GetType().Name)];
        _events.UnionWith(events);
        string done = Joined(d.Rejection is { } r ? $"*{r.Code}*" : null, events);
        string told = Joined(d.Sweep ? "all outstanding" : null, d.Messages.Select(m => m.GetType().Name).Distinct());
        return (done.Length == 0 ? "–" : done) + (told.Length == 0 ? string.Empty : $" → {told}");
    }
}

using System.Collections.Immutable;

namespace Elasticity.Domain.Queues;

/// <summary>
/// Which of the kinds that an agent asks for comes first: the one of which it was given a task the longest time ago. So
/// a kind of which tasks can be given is passed over by no more requests of the agent than it offers other kinds: each
/// of them is given one of those, which then comes behind it. Not stored: an agent that comes back begins with the
/// first kind that it names. Not thread-safe; deterministic.
/// </summary>
/// <remarks>For each agent, and not one for all: turns that others take in between must not come in step with
/// its own.</remarks>
public sealed class KindTurns
{
    /// <summary>The kinds that were given, the latest last.</summary>
    private readonly List<string> _given = [];

    /// <summary>Puts kinds in order.</summary>
    /// <param name="kinds">The kinds asked for.</param>
    /// <returns>The same kinds: those that were never given first, as they are, then the others, the latest
    /// last.</returns>
    public ImmutableArray<string> Order(ImmutableArray<string> kinds) =>
        kinds.Length < 2 || _given.Count == 0 ? kinds : [.. kinds.OrderBy(_given.IndexOf)];

    /// <summary>A task was given.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="offered">The kinds that the agent offers: others are forgotten.</param>
    public void Gave(string kind, ImmutableArray<string> offered)
    {
        if (_given.Count > 0 && _given[^1] == kind)
        {
            return;
        }

        _given.Remove(kind);
        _given.Add(kind);
        if (_given.Count > offered.Length)
        {
            _given.RemoveAll(k => !offered.Contains(k));
        }
    }
}

namespace Elasticity.Domain.Queues;

/// <summary>
/// Requests that wait at one queue, in the order in which they came. Who is woken has a claim on one task until it asks
/// for some, or says that it will not: the task wakes nobody else, and nobody else is given it. Who was woken and finds
/// nothing waits again where it waited before. Not thread-safe; deterministic.
/// </summary>
/// <remarks>While somebody waits there are no more free tasks than claims: whoever changes either wakes.</remarks>
public sealed class WaitingLine
{
    private readonly SortedDictionary<long, Guid> _line = [];
    private readonly Dictionary<Guid, long> _places = [];

    // Since the last look for old claims, and since the one before.
    private HashSet<Guid> _claims = [];
    private HashSet<Guid> _olderClaims = [];

    // Where they waited who have left, and when they did.
    private readonly Dictionary<Guid, (long Place, TimeSpan At)> _left = [];
    private long _next;

    /// <summary>How many wait.</summary>
    public int Count => _line.Count;

    /// <summary>Those who wait, in their order.</summary>
    public IReadOnlyList<Guid> Tickets => [.. _line.Values];

    private int ClaimCount => _claims.Count + _olderClaims.Count;

    /// <summary>One begins to wait, or goes on with it; a claim that it had has ended.</summary>
    /// <param name="ticket">The wait's name; nobody waits under it.</param>
    public void Join(Guid ticket)
    {
        TryEndClaim(ticket);
        long place = _left.Remove(ticket, out (long Place, TimeSpan At) left) ? left.Place : _next++;
        _places.Add(ticket, place);
        _line.Add(place, ticket);
    }

    /// <summary>Wakes the first, as many as there are tasks that nobody has a claim on.</summary>
    /// <param name="free">How many tasks may be leased now.</param>
    /// <param name="now">Monotonic.</param>
    /// <returns>Who is to ask now, in their order; they wait no more.</returns>
    public IReadOnlyList<Guid> Wake(int free, TimeSpan now)
    {
        Guid[] woken = [.. _line.Values.Take(free - ClaimCount)];
        foreach (Guid ticket in woken)
        {
            Leave(ticket, now);
            _claims.Add(ticket);
        }

        return woken;
    }

    /// <summary>One asks for tasks, who may have been woken: its claim has ended.</summary>
    /// <param name="ticket">The name under which it waited, if it did.</param>
    /// <param name="free">How many tasks may be leased now.</param>
    /// <returns>How many of them nobody else has a claim on.</returns>
    public int Ask(Guid ticket, int free)
    {
        TryEndClaim(ticket);
        return Math.Max(0, free - ClaimCount);
    }

    /// <summary>One who was woken will not ask.</summary>
    /// <param name="ticket">The wait's name.</param>
    /// <returns>False when it had no claim.</returns>
    public bool TryEndClaim(Guid ticket) => _claims.Remove(ticket) || _olderClaims.Remove(ticket);

    /// <summary>Ends the claims that were there when this was last called: whoever has them had time enough to ask, and
    /// may have died.</summary>
    public void EndOldClaims()
    {
        _olderClaims.Clear();
        (_claims, _olderClaims) = (_olderClaims, _claims);
    }

    /// <summary>One waits no more.</summary>
    /// <param name="ticket">The wait's name.</param>
    /// <param name="now">Monotonic.</param>
    /// <returns>False when it did not wait.</returns>
    public bool Leave(Guid ticket, TimeSpan now)
    {
        if (!_places.Remove(ticket, out long place))
        {
            return false;
        }

        _line.Remove(place);
        _left[ticket] = (place, now);
        return true;
    }

    /// <summary>Forgets where they waited who left long ago: they will not come back.</summary>
    /// <param name="before">Monotonic: those who left before.</param>
    public void Forget(TimeSpan before)
    {
        foreach (Guid ticket in _left.Where(l => l.Value.At < before).Select(l => l.Key).ToArray())
        {
            _left.Remove(ticket);
        }
    }
}

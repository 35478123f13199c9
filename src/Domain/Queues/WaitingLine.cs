namespace Elasticity.Domain.Queues;

/// <summary>
/// Requests that wait at one queue, in the order in which they came. Who is woken has a claim until it asks for tasks:
/// that the same task is heard of again meanwhile wakes nobody else. Who was woken and found nothing, since others were
/// faster, waits again where it waited before. Not thread-safe; deterministic.
/// </summary>
public sealed class WaitingLine
{
    private readonly SortedDictionary<long, Guid> _line = [];
    private readonly Dictionary<Guid, long> _places = [];
    private readonly HashSet<Guid> _claims = [];

    // Where they waited who have left, and when they did.
    private readonly Dictionary<Guid, (long Place, TimeSpan At)> _left = [];
    private long _next;

    /// <summary>How many wait.</summary>
    public int Count => _line.Count;

    /// <summary>Those who wait, in their order.</summary>
    public IReadOnlyList<Guid> Tickets => [.. _line.Values];

    /// <summary>Whether there is a task that nobody who was woken has a claim on.</summary>
    /// <param name="ready">How many tasks there are.</param>
    /// <returns>False: who comes now waits.</returns>
    public bool HasUnclaimed(int ready) => ready > _claims.Count;

    /// <summary>One begins to wait, or goes on with it.</summary>
    /// <param name="ticket">The wait's name; nobody waits under it.</param>
    public void Join(Guid ticket)
    {
        _claims.Remove(ticket);
        long place = _left.Remove(ticket, out (long Place, TimeSpan At) left) ? left.Place : _next++;
        _places.Add(ticket, place);
        _line.Add(place, ticket);
    }

    /// <summary>Wakes the first, as many as there are tasks that nobody has a claim on.</summary>
    /// <param name="ready">How many tasks there are.</param>
    /// <param name="now">Monotonic.</param>
    /// <returns>Who is to ask now, in their order; they wait no more.</returns>
    public IReadOnlyList<Guid> Wake(int ready, TimeSpan now)
    {
        Guid[] woken = [.. _line.Values.Take(ready - _claims.Count)];
        foreach (Guid ticket in woken)
        {
            Leave(ticket, now);
            _claims.Add(ticket);
        }

        return woken;
    }

    /// <summary>One who was woken asks for tasks, or will not: what remains may be for others.</summary>
    /// <param name="ticket">The wait's name.</param>
    /// <returns>False when it had no claim.</returns>
    public bool TryEndClaim(Guid ticket) => _claims.Remove(ticket);

    /// <summary>Those who were woken have had time enough to ask: they may have died.</summary>
    public void EndClaims() => _claims.Clear();

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

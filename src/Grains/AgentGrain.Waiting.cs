using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Leases;
using Elasticity.Engine;

namespace Elasticity.Grains;

/// <summary>Lease requests that wait at queues. The fronts wait; here is noted who does.</summary>
public sealed partial class AgentGrain
{
    /// <summary>A wait that is over for so long was given up by a front that died.</summary>
    private static readonly TimeSpan WaitOverMax = TimeSpan.FromSeconds(5);

    private readonly Dictionary<(Holder Holder, string Request), Wait> _waits = [];

    // Requests that were given up before they arrived, and when: the two come by different ways.
    private readonly Dictionary<(Holder Holder, string Request), TimeSpan> _givenUp = [];

    /// <inheritdoc/>
    public async Task<LeaseOpening> OpenLeaseAsync(LeaseRequest request, Guid ticket)
    {
        if (await ProblemAsync(request) is { } problem)
        {
            return Refused(problem);
        }

        if (_waits.Count >= options.WaitsPerAgentMax)
        {
            return Refused(new Rejection(
                RejectionCode.LimitExceeded, $"{options.WaitsPerAgentMax} lease requests of {_id} wait already."));
        }

        _seenAt = clock.Monotonic;
        ImmutableArray<WatchedLease> given =
            _leases.OfRequest(request.Holder, request.RequestId, request.Max);
        if (_givenUp.Remove((request.Holder, request.RequestId)) && given.IsEmpty)
        {
            // Where something was given, it was given up because the answer was lost.
            return new LeaseOpening(null, IsReplaced: true, [], [], 0, null);
        }

        _waits.Remove((request.Holder, request.RequestId), out Wait? older);
        Wait wait = Begin(request, ticket);
        LeaseWait? replaced = older is null ? null : new LeaseWait(older.Ticket, older.Kinds);
        return new LeaseOpening(null, false, given, wait.Kinds, Room(request), replaced);
    }

    /// <inheritdoc/>
    public async Task<LeaseOpening> ReopenLeaseAsync(LeaseRequest request, Guid ticket)
    {
        if (await ProblemAsync(request) is { } problem)
        {
            return Refused(problem);
        }

        _seenAt = clock.Monotonic;
        bool isKnown = _waits.TryGetValue((request.Holder, request.RequestId), out Wait? wait);
        bool isReplaced = isKnown && wait!.Ticket != ticket;
        wait = isKnown ? wait! : Begin(request, ticket); // This activation is younger than the wait.
        return new LeaseOpening(null, isReplaced, [], wait.Kinds, Room(request), null);
    }

    /// <inheritdoc/>
    public Task<LeaseWait?> AbandonLeaseAsync(SessionId session, string request)
    {
        if (!_waits.TryGetValue((new Holder(_id, session), request), out Wait? wait))
        {
            if (_givenUp.Count < options.WaitsPerAgentMax)
            {
                _givenUp[(new Holder(_id, session), request)] = clock.Monotonic;
            }

            return Task.FromResult<LeaseWait?>(null);
        }

        // As if another call had taken over, so that who waits gives up when it asks again. Remembered for a while from
        // now on, as it may ask only then.
        _waits[(new Holder(_id, session), request)] = wait with { Ticket = Guid.Empty, Until = clock.Monotonic };
        return Task.FromResult<LeaseWait?>(new LeaseWait(wait.Ticket, wait.Kinds));
    }

    /// <inheritdoc/>
    public Task CloseLeaseAsync(Guid ticket)
    {
        foreach ((Holder, string) key in _waits.Where(w => w.Value.Ticket == ticket).Select(w => w.Key).ToArray())
        {
            _waits.Remove(key);
        }

        return Task.CompletedTask;
    }

    private static LeaseOpening Refused(Rejection rejection) => new(rejection, false, [], [], 0, null);

    /// <summary>A refusal is told only when no younger activation knows better.</summary>
    private async Task<Rejection?> ProblemAsync(LeaseRequest request)
    {
        while ((request.Problem() ?? request.Problem(Current)) is { } problem)
        {
            if (await IsUpToDateAsync())
            {
                return problem;
            }
        }

        return null;
    }

    private Wait Begin(LeaseRequest request, Guid ticket)
    {
        Wait wait = new(ticket, _turns.Order(request.KindsFor(Current)), clock.Monotonic + request.Wait);
        _waits[(request.Holder, request.RequestId)] = wait;
        return wait;
    }

    private int Room(LeaseRequest request) =>
        Math.Max(0, options.Limits.LeasesPerSessionMax - _leases.CountOf(request.Holder));

    /// <summary>What changed may concern everybody who waits: they ask again.</summary>
    private ImmutableArray<LeaseWait> EndWaits() => [.. _waits.Values.Select(w => new LeaseWait(w.Ticket, w.Kinds))];

    private bool IsAnybodyWaiting(TimeSpan now)
    {
        foreach ((Holder, string) key in _waits.Where(w => w.Value.Until + WaitOverMax < now)
            .Select(w => w.Key).ToArray())
        {
            _waits.Remove(key);
        }

        foreach ((Holder, string) key in _givenUp.Where(g => g.Value + WaitOverMax < now)
            .Select(g => g.Key).ToArray())
        {
            _givenUp.Remove(key);
        }

        return _waits.Count > 0;
    }

    private sealed record Wait(Guid Ticket, ImmutableArray<string> Kinds, TimeSpan Until);
}

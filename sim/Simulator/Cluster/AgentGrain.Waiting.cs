using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Leases;
using Elasticity.Engine;

namespace Elasticity.Simulator.Cluster;

/// <summary>Lease requests that wait at queues: see <c>src/Grains/AgentGrain.Waiting.cs</c>.</summary>
internal sealed partial class AgentGrain
{
    private const int WaitsMax = 1_000;
    private static readonly TimeSpan WaitOverMax = TimeSpan.FromSeconds(5);

    private readonly Dictionary<(Holder Holder, string Request), Wait> _waits = [];
    private readonly Dictionary<(Holder Holder, string Request), TimeSpan> _givenUp = [];

    public async Task<LeaseOpening> OpenLeaseAsync(LeaseRequest request, Guid ticket)
    {
        if (await ProblemAsync(request) is { } problem)
        {
            return Refused(problem);
        }

        if (_waits.Count >= WaitsMax)
        {
            return Refused(new Rejection(RejectionCode.LimitExceeded, $"{WaitsMax} requests of {_id} wait already."));
        }

        _seenAt = Silo.Monotonic;
        ImmutableArray<WatchedLease> given =
            _leases.OfRequest(request.Holder, request.RequestId, request.Max);
        if (_givenUp.Remove((request.Holder, request.RequestId)) && given.IsEmpty)
        {
            return new LeaseOpening(null, IsReplaced: true, [], [], 0, null);
        }

        _waits.Remove((request.Holder, request.RequestId), out Wait? older);
        Wait wait = Begin(request, ticket);
        LeaseWait? replaced = older is null ? null : new LeaseWait(older.Ticket, older.Kinds);
        return new LeaseOpening(null, false, given, wait.Kinds, Room(request), replaced);
    }

    public async Task<LeaseOpening> ReopenLeaseAsync(LeaseRequest request, Guid ticket)
    {
        if (await ProblemAsync(request) is { } problem)
        {
            return Refused(problem);
        }

        _seenAt = Silo.Monotonic;
        bool isKnown = _waits.TryGetValue((request.Holder, request.RequestId), out Wait? wait);
        bool isReplaced = isKnown && wait!.Ticket != ticket;
        wait = isKnown ? wait! : Begin(request, ticket); // This activation is younger than the wait.
        return new LeaseOpening(null, isReplaced, [], wait.Kinds, Room(request), null);
    }

    public Task<LeaseWait?> AbandonLeaseAsync(SessionId session, string request)
    {
        (Holder, string) key = (new Holder(_id, session), request);
        if (!_waits.TryGetValue(key, out Wait? wait))
        {
            _givenUp[key] = Silo.Monotonic;
            return Task.FromResult<LeaseWait?>(null);
        }

        _waits[key] = wait with { Ticket = Guid.Empty, Until = Silo.Monotonic };
        return Task.FromResult<LeaseWait?>(new LeaseWait(wait.Ticket, wait.Kinds));
    }

    public Task CloseLeaseAsync(Guid ticket)
    {
        foreach ((Holder, string) key in _waits.Where(w => w.Value.Ticket == ticket).Select(w => w.Key).ToArray())
        {
            _waits.Remove(key);
        }

        return Task.CompletedTask;
    }

    private static LeaseOpening Refused(Rejection rejection) => new(rejection, false, [], [], 0, null);

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
        Wait wait = new(ticket, _turns.Order(request.KindsFor(Current)), Silo.Monotonic + request.Wait);
        _waits[(request.Holder, request.RequestId)] = wait;
        return wait;
    }

    private int Room(LeaseRequest request) =>
        Math.Max(0, Limits.LeasesPerSessionMax - _leases.CountOf(request.Holder));

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

using Elasticity.Domain;
using Elasticity.Engine;
using Elasticity.Engine.Embedded.Core;
using Elasticity.Simulator.World;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Checks;

/// <summary>
/// Who waits for tasks of one kind is served before whoever comes later; in a cluster, of those who wait, a few may be
/// faster. Not so who takes several kinds: while the next task of one is read, it lets the others go by.
/// </summary>
internal sealed class OrderRules(Agenda agenda, Plan plan)
{
    /// <summary>Whose wait is over is answered within that time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Where sessions have room for so many leases, nobody is passed over for want of it.</summary>
    private const int RoomMin = 1_000;

    /// <summary>In a cluster two may be woken for one task that is offered twice.</summary>
    private const int FasterMax = 3;

    /// <summary>In a cluster whoever is woken, or comes, within this time is served in any order.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(1);

    private readonly bool _isHeld =
        (plan.IsQuick || plan.IsQuietCluster) && plan.Engine.Core.Limits.LeasesPerSessionMax >= RoomMin;

    private readonly Dictionary<(Holder Holder, string Request), Waiting> _waiting = [];
    private readonly List<(Waiting Passed, string By, ModelTask Task, TimeSpan At)> _passed = [];
    private long _next;

    /// <summary>An engine is asked for tasks, or no more.</summary>
    public void Asked(Host process, CoreInput input)
    {
        if (input is CoreInput.AbandonLease { Gone: Call gone })
        {
            Over(gone);
        }
        else if (RequestOf(input) is { } r)
        {
            Waiting? before = _waiting.GetValueOrDefault((r.Holder, r.RequestId));
            _waiting[(r.Holder, r.RequestId)] = new Waiting((Call)input.Caller!, r, process, process.ServingSince)
            {
                Number = _next,
                FirstNumber = before?.FirstNumber ?? _next,
            };
            _next++;
        }
    }

    /// <summary>A request was answered, or given up.</summary>
    public void Over(Call call)
    {
        if (RequestOf(call.Input) is { } r && _waiting.GetValueOrDefault((r.Holder, r.RequestId)) is { } over
            && over.Call == call)
        {
            _waiting.Remove((r.Holder, r.RequestId));
        }
    }

    /// <summary>Looks at leases that the log has taken in.</summary>
    public void Check(
        Origin origin, IReadOnlyList<(ModelTask Task, ModelLease Lease)> leased, LogModel log)
    {
        if (!_isHeld)
        {
            return;
        }

        HashSet<(Holder Holder, string Request)> served = [.. leased.Select(l => (l.Lease.Holder, l.Lease.Request))];
        foreach ((Waiting passed, string by, ModelTask task, TimeSpan at) in _passed)
        {
            Require(
                !served.Contains(passed.Key) || !StillWaits(passed), "waits-in-order", task.Id, Said(passed, by, at));
        }

        foreach ((ModelTask task, ModelLease lease) in leased)
        {
            if (_waiting.GetValueOrDefault((lease.Holder, lease.Request)) is not { } later)
            {
                continue;
            }

            foreach (Waiting w in _waiting.Values.Where(
                w => w.Number < later.FirstNumber && IsOf(w, origin) && StillWaits(w)))
            {
                if (!served.Contains(w.Key) && log.Agents.GetValueOrDefault(w.Request.Agent.Value) is
                    { Phase: "live" } agent && agent.Holder == w.Request.Holder && WaitsFor(w, agent, task.Kind))
                {
                    Pass(w, later, task);
                }
            }
        }
    }

    private void Pass(Waiting passed, Waiting later, ModelTask task)
    {
        if (!plan.IsCluster)
        {
            _passed.Add((passed, later.Key.Request, task, agenda.Now));
            return;
        }

        passed.PassedSince ??= agenda.Now;
        if (passed.PassedSince + Together < agenda.Now && later.Call.AskedAt + Together < agenda.Now)
        {
            passed.Faster.Add(later.Key);
        }

        Require(
            passed.Faster.Count <= FasterMax, "waits-in-order", task.Id,
            $"{passed.Faster.Count} were faster: " + Said(passed, later.Key.Request, agenda.Now));
    }

    /// <summary>Looks whether those who were passed over still wait: their time may have been over.</summary>
    public void Look()
    {
        _passed.RemoveAll(p => !StillWaits(p.Passed));
        foreach ((Waiting passed, string by, ModelTask task, TimeSpan at) in _passed)
        {
            Require(
                agenda.Now - at < Patience || passed.Process.FrozenUntil + Patience > agenda.Now
                || !passed.Process.IsServing, "waits-in-order", task.Id, Said(passed, by, at));
        }
    }

    private static string Said(Waiting passed, string by, TimeSpan at) =>
        $"given to request {by} at {at}, and {passed.Request.RequestId} of {passed.Request.Agent} waited for it since "
        + $"{passed.Call.AskedAt}";

    private bool StillWaits(Waiting w) =>
        _waiting.GetValueOrDefault(w.Key) == w && !w.Call.IsOver && w.Life == w.Process.ServingSince;

    private bool IsOf(Waiting w, Origin origin) => plan.IsCluster
        || (w.Process.Name == origin.Process && w.Life == origin.Life);

    /// <summary>Who reports and asks for more does not wait.</summary>
    private static bool WaitsFor(Waiting w, ModelAgent agent, string kind) =>
        w.Call.Input is CoreInput.Lease && (w.Request.Kinds.IsDefaultOrEmpty ? agent.Kinds : [.. w.Request.Kinds]) is [var only] && only == kind;

    private static LeaseRequest? RequestOf(CoreInput input) => input switch
    {
        CoreInput.Lease lease => lease.Request,
        CoreInput.Settle { Request.Lease: { } lease } => lease,
        _ => null,
    };

    private sealed record Waiting(Call Call, LeaseRequest Request, Host Process, TimeSpan Life)
    {
        /// <summary>Its place in the order.</summary>
        public required long Number { get; init; }

        /// <summary>That of the first call that says the same: it may have been served before this one
        /// came.</summary>
        public required long FirstNumber { get; init; }

        /// <summary>When somebody was faster first.</summary>
        public TimeSpan? PassedSince { get; set; }

        /// <summary>Who came later and was served before.</summary>
        public HashSet<(Holder Holder, string Request)> Faster { get; } = [];

        public (Holder Holder, string Request) Key => (Request.Holder, Request.RequestId);
    }
}

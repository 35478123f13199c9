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
/// <remarks>Who was passed over is looked at again some time later, for its wait may have been over, or what it was
/// given not yet stored.</remarks>
internal sealed class OrderRules(Agenda agenda, Plan plan)
{
    /// <summary>In a cluster a task may go to whoever is woken next, while who was woken first is on the way.</summary>
    private const int FasterMax = 3;

    /// <summary>Where sessions have room for so many leases, nobody is passed over for want of it.</summary>
    private const int RoomMin = 1_000;

    /// <summary>In a cluster whoever comes within this time before a lease did not wait.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    /// <summary>Whose wait is over is answered within that time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly bool _isHeld = (plan.IsQuick || plan.IsQuietCluster)
        && plan.Engine.Core.Limits.LeasesPerSessionMax >= RoomMin;

    private readonly Dictionary<(Holder Holder, string Request), Waiting> _waiting = [];

    /// <summary>When each request came first: a call that says the same again finds what the first was given, which may
    /// not be stored yet.</summary>
    private readonly Dictionary<(Holder Holder, string Request), long> _first = [];

    private readonly HashSet<(Holder Holder, string Request)> _served = [];
    private readonly List<Pass> _passes = [];
    private long _next;

    /// <summary>An engine is asked for tasks, or no more.</summary>
    public void Asked(Host process, CoreInput input)
    {
        if (input is CoreInput.AbandonLease { Gone: Call gone })
        {
            Over(gone);
        }
        else if (Ledger.WishIn(input) is { } r)
        {
            _first.TryAdd((r.Holder, r.RequestId), _next);
            _waiting[(r.Holder, r.RequestId)] =
                new Waiting((Call)input.Caller!, r, process, process.ServingSince, _next++);
        }
    }

    /// <summary>A request was answered, or given up.</summary>
    public void Over(Call call)
    {
        if (Ledger.WishIn(call.Input) is { } r && _waiting.GetValueOrDefault((r.Holder, r.RequestId)) is { } over
            && over.Call == call)
        {
            _waiting.Remove((r.Holder, r.RequestId));
        }
    }

    /// <summary>Looks at leases that the log has taken in.</summary>
    public void Check(Origin origin, IReadOnlyList<(ModelTask Task, ModelLease Lease)> leased, LogModel log)
    {
        if (!_isHeld)
        {
            return;
        }

        foreach ((_, ModelLease lease) in leased)
        {
            _served.Add((lease.Holder, lease.Request));
        }

        foreach (Pass pass in _passes)
        {
            Require(
                plan.IsCluster || !_served.Contains(pass.Over.Key) || !StillWaits(pass.Over), "waits-in-order",
                pass.Task.Id, pass.ToString());
        }

        foreach ((ModelTask task, ModelLease lease) in leased)
        {
            if (_waiting.GetValueOrDefault((lease.Holder, lease.Request)) is { } later
                && (!plan.IsCluster || later.Call.AskedAt + Moment < agenda.Now))
            {
                _passes.AddRange(_waiting.Values
                    .Where(w => w.Number < _first[later.Key] && IsOf(w, origin) && WaitsFor(w, task.Kind, log))
                    .Select(w => new Pass(w, later, task, agenda.Now)));
            }
        }
    }

    /// <summary>Looks at those who were passed over some time ago.</summary>
    public void Look()
    {
        _passes.RemoveAll(p => !StillWaits(p.Over) || (plan.IsCluster && _served.Contains(p.Over.Key)));
        Pass[] due =
        [
            .. _passes.Where(p => agenda.Now - p.At >= Patience && p.Over.Process.IsServing
                && p.Over.Process.FrozenUntil + Patience <= agenda.Now),
        ];
        foreach (Pass pass in due)
        {
            _passes.Remove(pass);
            pass.Over.Faster.Add(pass.By.Key);
            Require(
                pass.Over.Faster.Count <= (plan.IsCluster ? FasterMax : 0), "waits-in-order", pass.Task.Id,
                $"{pass}: {pass.Over.Faster.Count}");
        }
    }

    private bool StillWaits(Waiting w) =>
        _waiting.GetValueOrDefault(w.Key) == w && !w.Call.IsOver && w.Life == w.Process.ServingSince;

    private bool IsOf(Waiting w, Origin origin) =>
        plan.IsCluster || (w.Process.Name == origin.Process && w.Life == origin.Life);

    /// <summary>Whether one waits for tasks of a kind, and of no other. Who reports and asks for more does not
    /// wait.</summary>
    private bool WaitsFor(Waiting w, string kind, LogModel log) =>
        w.Call.Input is CoreInput.Lease && StillWaits(w) && !_served.Contains(w.Key)
        && log.Agents.GetValueOrDefault(w.Request.Agent.Value) is { Phase: "live" } agent
        && agent.Holder == w.Request.Holder && agent.KindsFor(w.Request) is [var only] && only == kind;

    private sealed record Pass(Waiting Over, Waiting By, ModelTask Task, TimeSpan At)
    {
        public override string ToString() =>
            $"given to request {By.Request.RequestId} at {At}, and {Over.Request.RequestId} of {Over.Request.Agent} "
            + $"waited for it since {Over.Call.AskedAt}";
    }

    private sealed record Waiting(Call Call, LeaseRequest Request, Host Process, TimeSpan Life, long Number)
    {
        public (Holder Holder, string Request) Key => (Request.Holder, Request.RequestId);

        /// <summary>Who came later and was served before.</summary>
        public HashSet<(Holder Holder, string Request)> Faster { get; } = [];
    }
}

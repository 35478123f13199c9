using Elasticity.Domain;
using Elasticity.Engine;
using Elasticity.Simulator.World;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Checks;

/// <summary>
/// The kinds that an agent asks for take turns: one of which tasks are ready all the time is passed over by no more
/// requests of its session than it offers other kinds.
/// </summary>
internal sealed class KindRules(Agenda agenda, bool isCluster)
{
    /// <summary>For requests of one agent that are under way at once, and offers that were void when their turn
    /// came.</summary>
    private const int Slack = 3;

    /// <summary>In a cluster what comes next of a kind has to be read before it can be given, and others are given
    /// meanwhile.</summary>
    private readonly TimeSpan _readWithin = isCluster ? TimeSpan.FromSeconds(1) : TimeSpan.Zero;

    private readonly Dictionary<(Holder Holder, string Kind), (int Count, TimeSpan Since)> _passed = [];

    /// <summary>What the last request of each agent was given.</summary>
    private readonly Dictionary<AgentId, Given> _last = [];

    /// <summary>The queues were made anew.</summary>
    public void Forget()
    {
        _passed.Clear();
        _last.Clear();
    }

    /// <summary>Looks at leases that the log has taken in.</summary>
    /// <param name="leased">The tasks, each with the lease that it was given.</param>
    /// <param name="waiting">The kinds of which a task was ready long before, and still is.</param>
    /// <param name="ledger">What was asked.</param>
    /// <param name="log">What is stored.</param>
    public void Check(
        IEnumerable<(ModelTask Task, ModelLease Lease)> leased,
        IReadOnlySet<string> waiting,
        Ledger ledger,
        LogModel log)
    {
        foreach (var request in leased.GroupBy(l => (l.Lease.Holder, l.Lease.Request)))
        {
            AgentId agent = request.Key.Holder.Agent;
            if (_last.GetValueOrDefault(agent) is not { } given || given.Request != request.Key)
            {
                Finish(agent);
                LeaseRequest? wish = ledger.LeaseOf(request.Key.Holder, request.Key.Request);
                ModelAgent asker = log.Agents[agent.Value];
                string[] wanted = wish is null ? asker.Kinds : asker.KindsFor(wish);
                _last[agent] = given = new Given(request.Key, wanted, asker.Kinds.Length - 1);
            }

            given.Kinds.UnionWith(request.Select(l => l.Task.Kind));
            given.PassedOver = [.. given.Wanted.Where(waiting.Contains)];
        }

        foreach (var over in _passed.Keys.Where(p => !waiting.Contains(p.Kind)).ToArray())
        {
            _passed.Remove(over);
        }
    }

    private void Finish(AgentId agent)
    {
        if (_last.GetValueOrDefault(agent) is not { } given)
        {
            return;
        }

        Holder holder = given.Request.Holder;
        foreach (string kind in given.Wanted)
        {
            if (!given.PassedOver.Contains(kind) || given.Kinds.Contains(kind))
            {
                _passed.Remove((holder, kind));
                continue;
            }

            (int before, TimeSpan since) = _passed.GetValueOrDefault((holder, kind), (0, agenda.Now));
            int passed = before + 1;
            _passed[(holder, kind)] = (passed, since);
            Require(
                passed <= given.OthersMax + Slack || agenda.Now - since < _readWithin, "kinds-take-turns", agent.Value,
                $"{passed} requests in a row were given no {kind}, of which tasks are ready");
        }
    }

    private sealed record Given((Holder Holder, string Id) Request, string[] Wanted, int OthersMax)
    {
        public HashSet<string> Kinds { get; } = [];

        public string[] PassedOver { get; set; } = [];
    }
}

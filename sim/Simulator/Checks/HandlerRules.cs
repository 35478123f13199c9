using System.Globalization;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Checks;

/// <summary>
/// Where clocks are true and no agent stands still, agents of the SDK that stop when unconfirmed never run two handlers
/// for one task at once, unless the older was asked to stop: such an agent gives a lease up before the engine gives it
/// away.
/// </summary>
internal sealed class HandlerRules(Plan plan, LogModel log)
{
    private readonly Dictionary<(string Agent, string Job, int Index, long Token), bool> _running = [];

    /// <summary>Agents that are no part of this can do nothing to it: they hold other tokens.</summary>
    private readonly bool _isKept = plan.RateOf(Fault.ClockDrifts) == 0 && plan.RateOf(Fault.AgentHangs) == 0
        && (!plan.IsCluster || ClusterTiming.IsExact(plan));

    public void Started(string agent, string job, int index, long token, bool stopsWhenUnconfirmed)
    {
        foreach (((string Agent, string Job, int Index, long Token) other, bool mayOverlap) in _running)
        {
            Require(
                !_isKept || mayOverlap || (other.Job, other.Index) != (job, index) || other.Token == token
                || IsOverrun(other.Agent, job, index, other.Token),
                "one-handler", $"{job}/{index}",
                $"{agent} starts under token {token}, and {other.Agent} still runs it under {other.Token}");
        }

        _running[(agent, job, index, token)] = !stopsWhenUnconfirmed;
    }

    public void AskedToStop(string agent, string job, int index, long token)
    {
        if (_running.ContainsKey((agent, job, index, token)))
        {
            _running[(agent, job, index, token)] = true;
        }
    }

    /// <returns>Whether it ran.</returns>
    public bool Ended(string agent, string job, int index, long token) => _running.Remove((agent, job, index, token));

    /// <summary>Whether a registration that an earlier life of the agent sent came late and ended the session of this
    /// one: nobody can tell that it is older, and the agent has not heard of it yet.</summary>
    private bool IsOverrun(string agent, string job, int index, long token) =>
        log.Find(job, index)?.Leases.GetValueOrDefault(token) is { } lease
        && Number(log.Agents[agent].Session) < Number(lease.Session);

    private static int Number(string session) =>
        int.Parse(session.AsSpan(session.LastIndexOf('-') + 1), CultureInfo.InvariantCulture);

    /// <summary>A process died, and its handlers with it.</summary>
    public void Died(string agent)
    {
        foreach (var running in _running.Keys.Where(r => r.Agent == agent).ToArray())
        {
            _running.Remove(running);
        }
    }
}

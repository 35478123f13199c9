using Elasticity.Engine.Embedded.Core;
using Elasticity.Simulator.World;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Checks;

/// <summary>
/// An engine that has nothing to do at the moment holds in memory what the log says is going on, no more and no less:
/// memory is bounded by the work in hand, and every ready task is in a queue, once.
/// </summary>
internal sealed class MemoryRules
{
    /// <summary>The first steps of a life take up what was going on.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(1);

    public long Looks { get; private set; }

    public void Check(TimeSpan now, IEnumerable<EngineProcess> processes, LogModel log)
    {
        foreach (EngineProcess process in processes)
        {
            if (process.Serving is { IsIdle: true, IsOwner: true, Core: { LoadCount: 0 } core }
                && process.ServingSince + Settled < now && process.FrozenUntil + Settled < now)
            {
                Looks++;
                Check(process.Name, core, log);
            }
        }
    }

    private static void Check(string name, EngineCore core, LogModel log)
    {
        Same(core.JobCount, log.Jobs.Values.Count(j => !j.IsEnded), "unended jobs");
        Same(core.AgentCount, log.Agents.Values.Count(a => a.IsOpen), "live agents");
        Same(core.LeaseCount, log.Jobs.Values.Sum(j => j.Tasks.Count(t => t.Phase == "leased")), "leases");

        int offered = log.Jobs.Values.Sum(j => j.Tasks.Count(t => t.IsOffered));
        Same(core.QueuedCount, offered, "tasks in queues");

        void Same(int held, int stored, string what) => Require(
            held == stored, "memory-is-the-fold", name, $"{held} {what} in memory, {stored} by the log");
    }
}

using Elasticity.Simulator.Actors;
using Elasticity.Simulator.Cluster;
using Elasticity.Simulator.World;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Checks;

/// <summary>When faults have stopped everything ends within a time that can be told beforehand, and nothing stays
/// behind.</summary>
internal static class EndChecks
{
    /// <summary>So many back-offs are not alike by chance: that would come once in 10^13 worlds.</summary>
    private const int DrawsMin = 8;

    /// <summary>How long everything may take once faults have stopped: each task once more, one after the other, with
    /// every delay that it may have.</summary>
    public static TimeSpan TimeLimit(Plan plan, LogModel log)
    {
        TimeSpan limit = TimeSpan.FromMinutes(5); // Frozen engines wake up, standbys take over, clients come back.
        if (plan.RateOf(Fault.WallClockJumps) > 0)
        {
            limit += TimeSpan.FromMinutes(30); // Back-offs run by the wall clock, which may have been set back.
        }

        if (plan.IsCluster)
        {
            limit += TimeSpan.FromMinutes(5); // What was lost is found by sweeps, one after the other.
        }

        if (plan.IsLong)
        {
            limit += TimeSpan.FromDays(365); // Attempts with back-offs of days, in chains of dependencies.
        }

        return limit + (plan.Jobs * plan.TasksMax * (plan.WorkMax + TimeSpan.FromSeconds(3)));
    }

    public static void AllEnded(Watch watch, IEnumerable<SimClient> clients, TimeSpan limit)
    {
        foreach (SimClient client in clients)
        {
            string id = client.Id.Value;
            ModelJob? job = watch.Log.Jobs.GetValueOrDefault(id);
            Require(client.IsDone, "submits-come-through", id, $"not accepted within {limit} after the faults");
            Require(
                job is not null || client.RefusedAs is not null, "accepted-is-kept", id, "neither stored nor refused");
            bool wasCancelledEarly = job is { IsEnded: true, IsSealed: false };
            Require(
                client.RefusedAs == client.Wrong || (client.RefusedAs is "job-state" && wasCancelledEarly),
                "refused-with-reason", id, $"refused for good as {client.RefusedAs}, must be {client.Wrong}");
            ModelTask? stuck = job?.Tasks.Find(t => t.Recorded == 0);
            Require(
                job is null || job.IsEnded, "jobs-end", id,
                $"{job?.Phase} {limit} after the faults; task {stuck?.Index} is {stuck?.Status}, {stuck?.Phase}");
        }

        IReadOnlyList<double> draws = watch.Ledger.Draws;
        Require(
            draws.Count < DrawsMin || draws.Max() - draws.Min() > 0.01, "back-off", "jitter",
            $"{draws.Count} back-offs were drawn, and all of them alike: {draws.Max()}");
        foreach (string id in watch.Accepted)
        {
            Require(
                watch.Log.Jobs.TryGetValue(id, out ModelJob? job) && job.IsSealed && job.IsEnded, "accepted-is-kept",
                id, "accepted, and did not end");
        }
    }

    public static void NothingIsLeft(Watch watch, IReadOnlyCollection<Host> hosts)
    {
        foreach (SiloProcess silo in hosts.OfType<SiloProcess>())
        {
            NothingIsLeft(silo);
        }

        foreach (EngineProcess engine in hosts.OfType<EngineProcess>())
        {
            if (engine.Serving?.Core is { } core)
            {
                int sessions = watch.Log.Agents.Values.Count(a => a.IsOpen);
                Require(
                    core.JobCount == 0 && core.LeaseCount == 0 && core.LoadCount == 0 && core.AgentCount <= sessions,
                    "memory-is-bounded", engine.Name,
                    $"{core.JobCount} jobs, {core.LeaseCount} leases, {core.LoadCount} loads, "
                    + $"{core.AgentCount} agents");
                Require(core.QueuedCount == 0, "memory-is-bounded", engine.Name, $"{core.QueuedCount} tasks queued");
            }
        }
    }

    private static void NothingIsLeft(SiloProcess silo)
    {
        foreach (Grain grain in silo.Grains)
        {
            int left = grain switch
            {
                QueueGrain queue => queue.ReadyCount,
                AgentGrain agent => agent.LeaseCount,
                _ => 0,
            };
            Require(left == 0, "memory-is-bounded", $"{silo.Name} {grain.GetType().Name} {grain.Key}", $"{left} left");
        }
    }
}

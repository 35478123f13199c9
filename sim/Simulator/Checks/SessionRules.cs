using Elasticity.EventStore;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Checks;

/// <summary>A lease does not outlive its session, and a request for tasks that is repeated gets no others.</summary>
internal static class SessionRules
{
    public static void AfterBatch(LogModel log, AppendBatch batch, int leasesMax)
    {
        bool isAnyAgent = batch.Streams.Any(s => s.Stream.Value.StartsWith("agent/", StringComparison.Ordinal));
        IEnumerable<ModelTask> tasks = isAnyAgent ? log.Jobs.Values.SelectMany(j => j.Tasks) : log.TasksTouched;
        foreach (ModelTask task in tasks.Where(t => t.Phase == "leased"))
        {
            ModelAgent agent = log.Agents[task.Lease!.Agent];
            Require(
                agent.IsOpen && agent.Session == task.Lease.Session, "leases-end-with-sessions", task.Id,
                $"leased to {task.Lease.Session} of {agent.Id}, whose session {agent.Session} is {agent.Phase}");
        }

        foreach (ModelTask task in log.TasksTouched.Where(t => t.Lease?.Batch == log.BatchCount))
        {
            ModelLease lease = task.Lease!;
            ModelTask? older = log.OfRequest(lease).Find(t => t.Lease?.At != lease.At);
            Require(
                older is null, "requests-are-served-once", task.Id,
                $"request {lease.Request} holds {older?.Id} since {older?.Lease?.At:O}, and got one more");
            if (leasesMax == int.MaxValue)
            {
                continue; // Nobody knows the bound, and counting costs much in a long log.
            }

            int held = log.Jobs.Values.Sum(j => j.Tasks.Count(t => t.Lease?.Holder == lease.Holder));
            Require(held <= leasesMax, "leases-are-limited", task.Id, $"{lease.Holder} holds {held} leases");
        }
    }
}

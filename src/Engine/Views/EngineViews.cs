using Elasticity.Domain;
using Elasticity.Domain.Agents;

namespace Elasticity.Engine;

/// <summary>An agent as it is shown.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Session">Its session, or the last one.</param>
/// <param name="State"><c>live</c>, <c>draining</c>, <c>gone</c>.</param>
/// <param name="Offer">What it said about itself.</param>
/// <param name="RegisteredAt">When the session began, UTC.</param>
/// <param name="SeenAgo">How long ago it was heard of; since the engine's start at most.</param>
/// <param name="LeaseCount">How many leases it holds.</param>
public sealed record AgentView(
    AgentId Id,
    SessionId Session,
    string State,
    AgentOffer Offer,
    DateTimeOffset RegisteredAt,
    TimeSpan SeenAgo,
    int LeaseCount);

/// <summary>A queue as it is shown.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Ready">Tasks that may be leased now, those of paused jobs among them.</param>
/// <param name="Delayed">Tasks that wait for their not-before or the end of their back-off.</param>
/// <param name="Leased">Tasks of this kind with an agent.</param>
/// <param name="Agents">Live agents that offer the kind, without those that drain; 0 with ready tasks means: no agent
/// offers it.</param>
/// <param name="Waiting">Lease requests that wait for a task of this kind.</param>
public sealed record QueueView(string Kind, int Ready, int Delayed, int Leased, int Agents, int Waiting);

/// <summary>Something that needs a look.</summary>
/// <param name="Code">Stable: <c>no-agent</c>, <c>lease-overdue</c>, <c>submit-unfinished</c>, <c>job-paused</c>,
/// <c>engine-lag</c>, <c>store-lag</c>, <c>dead-letters</c>.</param>
/// <param name="Subject">What it is about: a job, a task, a kind.</param>
/// <param name="Detail">One sentence for a human, with what to do.</param>
public sealed record Finding(string Code, string Subject, string Detail)
{
    /// <summary>Tasks wait that nobody can do.</summary>
    /// <param name="kind">Their kind.</param>
    /// <param name="ready">How many.</param>
    /// <returns>The finding.</returns>
    public static Finding NoAgent(string kind, int ready) =>
        new("no-agent", kind, $"No agent offers {kind}; tasks that wait: {ready}. Start an agent for it.");

    /// <summary>A job is paused.</summary>
    /// <param name="job">The job.</param>
    /// <returns>The finding.</returns>
    public static Finding Paused(JobId job) =>
        new("job-paused", job.Value, $"Job {job} is paused. Resume it when you are ready.");

    /// <summary>An unended job has tasks that were given up.</summary>
    /// <param name="job">The job.</param>
    /// <param name="count">How many.</param>
    /// <returns>The finding.</returns>
    public static Finding DeadLetters(JobId job, int count) =>
        new("dead-letters", job.Value, $"Job {job} has {count} dead-lettered tasks. Redrive them.");

    /// <summary>A submit broke off long ago.</summary>
    /// <param name="job">The job.</param>
    /// <param name="arrived">What has arrived, in words.</param>
    /// <param name="since">When it began, UTC.</param>
    /// <returns>The finding.</returns>
    public static Finding SubmitUnfinished(JobId job, string arrived, DateTimeOffset since) =>
        new(
            "submit-unfinished",
            job.Value,
            $"Job {job} has {arrived} tasks since {since:u}. Submit it again to go on, or cancel it.");
}

/// <summary>How the engine is.</summary>
/// <param name="State"><c>starting</c>, <c>serving</c>, <c>standby</c>, <c>recovering</c> (the store failed),
/// <c>stopped</c>.</param>
/// <param name="IsReady">It serves, its lag is below half the shortest lease, and its log holds nothing back; on a
/// cluster whatever the log holds back.</param>
/// <param name="Reason">Why it is not ready; null when it is.</param>
/// <param name="Code">The stable code of that reason; null when ready.</param>
/// <param name="Lag">How long the oldest command now waiting has waited.</param>
/// <param name="OpenJobs">Jobs in memory.</param>
/// <param name="LeasedTasks">Live leases.</param>
/// <param name="QueuedTasks">Ready and delayed tasks.</param>
/// <param name="Agents">Live agents.</param>
/// <param name="Appends">Batches made durable since the start.</param>
/// <param name="Events">Events made durable since the start.</param>
/// <param name="Granted">Leases given since the start.</param>
/// <param name="Settled">Results recorded since the start.</param>
/// <param name="Refused">Results refused since the start.</param>
/// <param name="TakenBack">Leases taken back, lost and expired, since the start.</param>
public sealed record EngineStatus(
    string State,
    bool IsReady,
    string? Reason,
    string? Code,
    TimeSpan Lag,
    int OpenJobs,
    int LeasedTasks,
    int QueuedTasks,
    int Agents,
    long Appends,
    long Events,
    long Granted,
    long Settled,
    long Refused,
    long TakenBack)
{
    /// <summary>Stored events that readers of the log do not see yet, because another transaction of the database is
    /// open; counted to 10,000. Not ready, with <c>store-lag</c>, when the log has stood still for 5 seconds with
    /// events held back; a cluster stays ready, and says so among the findings.</summary>
    public long LogLagEvents { get; init; }

    /// <summary>Messages between jobs, tasks, queues and agents that did not arrive since the start, because a silo
    /// died or was busy, and that sweeps delivered again; 0 of an engine that is one process.</summary>
    public long Undelivered { get; init; }
}

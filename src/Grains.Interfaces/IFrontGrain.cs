using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Elasticity.EventStore;

namespace Elasticity.Grains;

/// <summary>The port on the silo that was called: gives commands to the grains and delivers what follows. Without state
/// of its own; any number of them, key 0.</summary>
[Alias("elasticity.front")]
public interface IFrontGrain : IGrainWithIntegerKey
{
    /// <summary>Gives commands to a job, in order, until one is refused.</summary>
    /// <param name="job">The job.</param>
    /// <param name="commands">The commands; none asks only where it stands.</param>
    /// <returns>The answer.</returns>
    [Alias("job")]
    Task<JobAnswer> CommandAsync(JobId job, ImmutableArray<JobCommand> commands);

    /// <inheritdoc cref="IJobs.ErasePayloadsAsync"/>
    [Alias("erase")]
    [ResponseTimeout("00:05:00")]
    Task<Reply<JobSummary>> ErasePayloadsAsync(JobId job, int? index);

    /// <inheritdoc cref="IJobs.TrimAsync"/>
    [Alias("trim")]
    [ResponseTimeout("00:05:00")]
    Task<Reply<JobSummary>> TrimAsync(JobId job);

    /// <summary>Gives a command to an agent.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="command">The command.</param>
    /// <returns>The agent, or why not.</returns>
    [Alias("agent")]
    Task<Reply<AgentView>> CommandAsync(AgentId agent, AgentCommand command);

    /// <summary>Leases ready tasks; waits for some when there are none.</summary>
    /// <param name="request">How many, of which kinds.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The leases, none when the wait is over.</returns>
    [Alias("lease")]
    [ResponseTimeout("00:02:00")]
    Task<LeaseReply> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken);

    /// <summary>Gives up a lease request whose caller has gone: the cancellation of a call may not find its way to the
    /// one of many fronts that serves it.</summary>
    /// <param name="agent">Who asked.</param>
    /// <param name="session">Its session.</param>
    /// <param name="request">The id of the request.</param>
    /// <returns>When nobody waits under it any more.</returns>
    [Alias("abandon")]
    Task AbandonLeaseAsync(AgentId agent, SessionId session, string request);

    /// <inheritdoc cref="IWork.HeartbeatAsync"/>
    [Alias("beat")]
    Task<Reply<HeartbeatAnswer>> HeartbeatAsync(Heartbeat heartbeat);

    /// <inheritdoc cref="IWork.SettleAsync"/>
    [Alias("settle")]
    Task<Reply<SettleAnswer>> SettleAsync(SettleRequest request);

    /// <summary>Delivers what concerns many tasks, after the answer.</summary>
    /// <param name="letters">What to deliver.</param>
    /// <returns>When delivered.</returns>
    [Alias("deliver")]
    [ResponseTimeout("00:10:00")]
    Task DeliverAsync(ImmutableArray<Letter> letters);

    /// <summary>Takes leases back and delivers what follows.</summary>
    /// <param name="leases">The leases.</param>
    /// <returns>When done.</returns>
    [Alias("take-back")]
    [ResponseTimeout("00:10:00")]
    Task TakeBackAsync(ImmutableArray<EndedLease> leases);

    /// <inheritdoc cref="IInspection.GetJobAsync"/>
    [Alias("get-job")]
    Task<Reply<JobSummary>> GetJobAsync(JobId job, long? version);

    /// <inheritdoc cref="IInspection.ListJobsAsync"/>
    [Alias("list-jobs")]
    Task<Reply<Page<JobSummary>>> ListJobsAsync(JobFilter filter, string? cursor, int limit);

    /// <inheritdoc cref="IInspection.GetTaskAsync"/>
    [Alias("get-task")]
    Task<Reply<TaskView>> GetTaskAsync(TaskId task, long? version, bool withPayloads);

    /// <inheritdoc cref="IInspection.ListTasksAsync"/>
    [Alias("list-tasks")]
    Task<Reply<Page<TaskView>>> ListTasksAsync(JobId job, TaskQuery query, string? cursor, int limit);

    /// <inheritdoc cref="IInspection.ReadHistoryAsync"/>
    [Alias("history")]
    Task<ImmutableArray<StoredEvent>> ReadHistoryAsync(StreamId stream, long from, int limit);

    /// <inheritdoc cref="IInspection.ReadLogAsync"/>
    [Alias("log")]
    Task<LogPage> ReadLogAsync(LogCursor after, int limit);

    /// <summary>Shows queues, agents, findings and the state of the engine.</summary>
    /// <returns>All of it, of one moment.</returns>
    [Alias("look")]
    Task<ClusterLook> LookAsync();
}

/// <summary>What a lease request is answered.</summary>
/// <param name="Reply">The answer.</param>
/// <param name="IsReplaced">Another call with the same request id has taken over.</param>
public sealed record LeaseReply(Reply<LeaseGrant> Reply, bool IsReplaced = false);

/// <summary>The engine as it is shown.</summary>
/// <param name="Queues">By kind.</param>
/// <param name="Agents">By id.</param>
/// <param name="Findings">What needs a look.</param>
/// <param name="Status">How it is.</param>
public sealed record ClusterLook(
    ImmutableArray<QueueView> Queues,
    ImmutableArray<AgentView> Agents,
    ImmutableArray<Finding> Findings,
    EngineStatus Status);

using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Elasticity.EventStore;

using StreamId = Elasticity.EventStore.StreamId;

namespace Elasticity.Grains.Tests.Support;

/// <summary>The port, with a count of the lease requests under way: a test that lets time pass waits until they
/// wait.</summary>
internal sealed class CallCounter(IElasticity inner) : IElasticity
{
    private int _leases;

    public int LeasesUnderWay => Volatile.Read(ref _leases);

    public async ValueTask<Reply<LeaseGrant>> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _leases);
        try
        {
            return await inner.LeaseAsync(request, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _leases);
        }
    }

    public ValueTask<Reply<SubmitReceipt>> SubmitAsync(
        JobSubmission submission, CancellationToken cancellationToken) =>
        inner.SubmitAsync(submission, cancellationToken);

    public ValueTask<Reply<SubmitProgress>> OpenAsync(
        JobId job, JobHeader header, string digest, int taskCount, CancellationToken cancellationToken) =>
        inner.OpenAsync(job, header, digest, taskCount, cancellationToken);

    public ValueTask<Reply<SubmitProgress>> AddTasksAsync(
        JobId job, int first, ImmutableArray<TaskSpec> tasks, CancellationToken cancellationToken) =>
        inner.AddTasksAsync(job, first, tasks, cancellationToken);

    public ValueTask<Reply<JobSummary>> SealAsync(JobId job, CancellationToken cancellationToken) =>
        inner.SealAsync(job, cancellationToken);

    public ValueTask<Reply<JobSummary>> CancelAsync(JobId job, CancellationToken cancellationToken) =>
        inner.CancelAsync(job, cancellationToken);

    public ValueTask<Reply<JobSummary>> PauseAsync(JobId job, CancellationToken cancellationToken) =>
        inner.PauseAsync(job, cancellationToken);

    public ValueTask<Reply<JobSummary>> ResumeAsync(JobId job, CancellationToken cancellationToken) =>
        inner.ResumeAsync(job, cancellationToken);

    public ValueTask<Reply<JobSummary>> RedriveAsync(
        JobId job, int? index, string? request, CancellationToken cancellationToken) =>
        inner.RedriveAsync(job, index, request, cancellationToken);

    public ValueTask<Reply<JobSummary>> ErasePayloadsAsync(
        JobId job, int? index, CancellationToken cancellationToken) =>
        inner.ErasePayloadsAsync(job, index, cancellationToken);

    public ValueTask<Reply<JobSummary>> TrimAsync(JobId job, CancellationToken cancellationToken) =>
        inner.TrimAsync(job, cancellationToken);

    public ValueTask<Reply<AgentView>> RegisterAsync(
        AgentId agent, SessionId session, AgentOffer offer, CancellationToken cancellationToken) =>
        inner.RegisterAsync(agent, session, offer, cancellationToken);

    public ValueTask<Reply<HeartbeatAnswer>> HeartbeatAsync(
        Heartbeat heartbeat, CancellationToken cancellationToken) =>
        inner.HeartbeatAsync(heartbeat, cancellationToken);

    public ValueTask<Reply<SettleAnswer>> SettleAsync(
        SettleRequest request, CancellationToken cancellationToken) =>
        inner.SettleAsync(request, cancellationToken);

    public ValueTask<Reply<AgentView>> DrainAsync(
        AgentId agent, SessionId session, CancellationToken cancellationToken) =>
        inner.DrainAsync(agent, session, cancellationToken);

    public ValueTask<Reply<AgentView>> CloseAsync(
        AgentId agent, SessionId session, CancellationToken cancellationToken) =>
        inner.CloseAsync(agent, session, cancellationToken);

    public ValueTask<Reply<JobSummary>> GetJobAsync(
        JobId job, long? version, CancellationToken cancellationToken) =>
        inner.GetJobAsync(job, version, cancellationToken);

    public ValueTask<Reply<Page<JobSummary>>> ListJobsAsync(
        JobFilter filter, string? cursor, int limit, CancellationToken cancellationToken) =>
        inner.ListJobsAsync(filter, cursor, limit, cancellationToken);

    public ValueTask<Reply<TaskView>> GetTaskAsync(
        TaskId task, long? version, bool withPayloads, CancellationToken cancellationToken) =>
        inner.GetTaskAsync(task, version, withPayloads, cancellationToken);

    public ValueTask<Reply<Page<TaskView>>> ListTasksAsync(
        JobId job, TaskQuery query, string? cursor, int limit, CancellationToken cancellationToken) =>
        inner.ListTasksAsync(job, query, cursor, limit, cancellationToken);

    public ValueTask<IReadOnlyList<StoredEvent>> ReadHistoryAsync(
        StreamId stream, long from, int limit, CancellationToken cancellationToken) =>
        inner.ReadHistoryAsync(stream, from, limit, cancellationToken);

    public ValueTask<LogPage> ReadLogAsync(LogCursor after, int limit, CancellationToken cancellationToken) =>
        inner.ReadLogAsync(after, limit, cancellationToken);

    public ValueTask WaitForNewsAsync(CancellationToken cancellationToken) =>
        inner.WaitForNewsAsync(cancellationToken);

    public ValueTask<IReadOnlyList<QueueView>> ListQueuesAsync(CancellationToken cancellationToken) =>
        inner.ListQueuesAsync(cancellationToken);

    public ValueTask<IReadOnlyList<AgentView>> ListAgentsAsync(CancellationToken cancellationToken) =>
        inner.ListAgentsAsync(cancellationToken);

    public ValueTask<IReadOnlyList<Finding>> DiagnoseAsync(CancellationToken cancellationToken) =>
        inner.DiagnoseAsync(cancellationToken);

    public EngineStatus GetStatus() => inner.GetStatus();
}

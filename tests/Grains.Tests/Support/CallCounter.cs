using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Elasticity.EventStore;

using StreamId = Elasticity.EventStore.StreamId;

namespace Elasticity.Grains.Tests.Support;

/// <summary>The port, with a count of the lease requests under way: a test that lets time pass waits until they wait.
/// A call that met the death of a silo is made again when that is over, as a client does whose time is up.</summary>
/// <param name="inner">The port, which repeats what could not be done.</param>
/// <param name="impatient">The port, which does not.</param>
internal sealed class CallCounter(IElasticity inner, IElasticity impatient) : IElasticity
{
    private int _leases;

    public int LeasesUnderWay => Volatile.Read(ref _leases);

    /// <summary>The death that is to come; null: none.</summary>
    public SiloDeath? Death { get; set; }

    public ValueTask<Reply<LeaseGrant>> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken) =>
        CallAsync(async e =>
        {
            Interlocked.Increment(ref _leases);
            try
            {
                return await e.LeaseAsync(request, cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref _leases);
            }
        });

    public ValueTask<Reply<SubmitReceipt>> SubmitAsync(
        JobSubmission submission, CancellationToken cancellationToken) =>
        CallAsync(e => e.SubmitAsync(submission, cancellationToken));

    public ValueTask<Reply<SubmitProgress>> OpenAsync(
        JobId job, JobHeader header, string digest, int taskCount, CancellationToken cancellationToken) =>
        CallAsync(e => e.OpenAsync(job, header, digest, taskCount, cancellationToken));

    public ValueTask<Reply<SubmitProgress>> AddTasksAsync(
        JobId job, int first, ImmutableArray<TaskSpec> tasks, CancellationToken cancellationToken) =>
        CallAsync(e => e.AddTasksAsync(job, first, tasks, cancellationToken));

    public ValueTask<Reply<JobSummary>> SealAsync(JobId job, CancellationToken cancellationToken) =>
        CallAsync(e => e.SealAsync(job, cancellationToken));

    public ValueTask<Reply<JobSummary>> CancelAsync(JobId job, CancellationToken cancellationToken) =>
        CallAsync(e => e.CancelAsync(job, cancellationToken));

    public ValueTask<Reply<JobSummary>> PauseAsync(JobId job, CancellationToken cancellationToken) =>
        CallAsync(e => e.PauseAsync(job, cancellationToken));

    public ValueTask<Reply<JobSummary>> ResumeAsync(JobId job, CancellationToken cancellationToken) =>
        CallAsync(e => e.ResumeAsync(job, cancellationToken));

    public ValueTask<Reply<JobSummary>> RedriveAsync(
        JobId job, int? index, string? request, CancellationToken cancellationToken)
    {
        string id = request ?? Guid.NewGuid().ToString("N"); // Who makes it again says that it is the same.
        return CallAsync(e => e.RedriveAsync(job, index, id, cancellationToken));
    }

    public ValueTask<Reply<JobSummary>> ErasePayloadsAsync(
        JobId job, int? index, CancellationToken cancellationToken) =>
        CallAsync(e => e.ErasePayloadsAsync(job, index, cancellationToken));

    public ValueTask<Reply<JobSummary>> TrimAsync(JobId job, CancellationToken cancellationToken) =>
        CallAsync(e => e.TrimAsync(job, cancellationToken));

    public ValueTask<Reply<AgentView>> RegisterAsync(
        AgentId agent, SessionId session, AgentOffer offer, CancellationToken cancellationToken) =>
        CallAsync(e => e.RegisterAsync(agent, session, offer, cancellationToken));

    public ValueTask<Reply<HeartbeatAnswer>> HeartbeatAsync(
        Heartbeat heartbeat, CancellationToken cancellationToken) =>
        CallAsync(e => e.HeartbeatAsync(heartbeat, cancellationToken));

    public ValueTask<Reply<SettleAnswer>> SettleAsync(
        SettleRequest request, CancellationToken cancellationToken) =>
        CallAsync(e => e.SettleAsync(request, cancellationToken));

    public ValueTask<Reply<AgentView>> DrainAsync(
        AgentId agent, SessionId session, CancellationToken cancellationToken) =>
        CallAsync(e => e.DrainAsync(agent, session, cancellationToken));

    public ValueTask<Reply<AgentView>> CloseAsync(
        AgentId agent, SessionId session, CancellationToken cancellationToken) =>
        CallAsync(e => e.CloseAsync(agent, session, cancellationToken));

    public ValueTask<Reply<JobSummary>> GetJobAsync(
        JobId job, long? version, CancellationToken cancellationToken) =>
        CallAsync(e => e.GetJobAsync(job, version, cancellationToken));

    public ValueTask<Reply<Page<JobSummary>>> ListJobsAsync(
        JobFilter filter, string? cursor, int limit, CancellationToken cancellationToken) =>
        CallAsync(e => e.ListJobsAsync(filter, cursor, limit, cancellationToken));

    public ValueTask<Reply<TaskView>> GetTaskAsync(
        TaskId task, long? version, bool withPayloads, CancellationToken cancellationToken) =>
        CallAsync(e => e.GetTaskAsync(task, version, withPayloads, cancellationToken));

    public ValueTask<Reply<Page<TaskView>>> ListTasksAsync(
        JobId job, TaskQuery query, string? cursor, int limit, CancellationToken cancellationToken) =>
        CallAsync(e => e.ListTasksAsync(job, query, cursor, limit, cancellationToken));

    public ValueTask<IReadOnlyList<StoredEvent>> ReadHistoryAsync(
        StreamId stream, long from, int limit, CancellationToken cancellationToken) =>
        CallAsync(e => e.ReadHistoryAsync(stream, from, limit, cancellationToken));

    public ValueTask<LogPage> ReadLogAsync(LogCursor after, int limit, CancellationToken cancellationToken) =>
        CallAsync(e => e.ReadLogAsync(after, limit, cancellationToken));

    public ValueTask WaitForNewsAsync(CancellationToken cancellationToken) =>
        inner.WaitForNewsAsync(cancellationToken);

    public ValueTask<IReadOnlyList<QueueView>> ListQueuesAsync(CancellationToken cancellationToken) =>
        CallAsync(e => e.ListQueuesAsync(cancellationToken));

    public ValueTask<IReadOnlyList<AgentView>> ListAgentsAsync(CancellationToken cancellationToken) =>
        CallAsync(e => e.ListAgentsAsync(cancellationToken));

    public ValueTask<IReadOnlyList<Finding>> DiagnoseAsync(CancellationToken cancellationToken) =>
        CallAsync(e => e.DiagnoseAsync(cancellationToken));

    public EngineStatus GetStatus() => inner.GetStatus();

    private async ValueTask<T> CallAsync<T>(Func<IElasticity, ValueTask<T>> call) => Death is { IsBegun: false } death
        ? await death.CallAsync(() => call(impatient).AsTask(), () => call(inner).AsTask())
        : await call(inner);
}

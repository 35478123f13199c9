using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Elasticity.EventStore;

namespace Elasticity.Server;

/// <summary>Passes every call to the engine there is.</summary>
internal sealed partial class HostedEngine
{
    public ValueTask<Reply<SubmitReceipt>> SubmitAsync(
        JobSubmission submission, CancellationToken cancellationToken) =>
        Current.SubmitAsync(submission, cancellationToken);

    public ValueTask<Reply<SubmitProgress>> OpenAsync(
        JobId job, JobHeader header, string digest, int taskCount, CancellationToken cancellationToken) =>
        Current.OpenAsync(job, header, digest, taskCount, cancellationToken);

    public ValueTask<Reply<SubmitProgress>> AddTasksAsync(
        JobId job, int first, ImmutableArray<TaskSpec> tasks, CancellationToken cancellationToken) =>
        Current.AddTasksAsync(job, first, tasks, cancellationToken);

    public ValueTask<Reply<JobSummary>> SealAsync(JobId job, CancellationToken cancellationToken) =>
        Current.SealAsync(job, cancellationToken);

    public ValueTask<Reply<JobSummary>> CancelAsync(JobId job, CancellationToken cancellationToken) =>
        Current.CancelAsync(job, cancellationToken);

    public ValueTask<Reply<JobSummary>> PauseAsync(JobId job, CancellationToken cancellationToken) =>
        Current.PauseAsync(job, cancellationToken);

    public ValueTask<Reply<JobSummary>> ResumeAsync(JobId job, CancellationToken cancellationToken) =>
        Current.ResumeAsync(job, cancellationToken);

    public ValueTask<Reply<JobSummary>> RedriveAsync(
        JobId job, int? index, string? request, CancellationToken cancellationToken) =>
        Current.RedriveAsync(job, index, request, cancellationToken);

    public ValueTask<Reply<JobSummary>> ErasePayloadsAsync(
        JobId job, int? index, CancellationToken cancellationToken) =>
        Current.ErasePayloadsAsync(job, index, cancellationToken);

    public ValueTask<Reply<JobSummary>> TrimAsync(JobId job, CancellationToken cancellationToken) =>
        Current.TrimAsync(job, cancellationToken);

    public ValueTask<Reply<AgentView>> RegisterAsync(
        AgentId agent, SessionId session, AgentOffer offer, CancellationToken cancellationToken) =>
        Current.RegisterAsync(agent, session, offer, cancellationToken);

    public ValueTask<Reply<LeaseGrant>> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken) =>
        Current.LeaseAsync(request, cancellationToken);

    public ValueTask<Reply<HeartbeatAnswer>> HeartbeatAsync(
        Heartbeat heartbeat, CancellationToken cancellationToken) =>
        Current.HeartbeatAsync(heartbeat, cancellationToken);

    public ValueTask<Reply<SettleAnswer>> SettleAsync(SettleRequest request, CancellationToken cancellationToken) =>
        Current.SettleAsync(request, cancellationToken);

    public ValueTask<Reply<AgentView>> DrainAsync(
        AgentId agent, SessionId session, CancellationToken cancellationToken) =>
        Current.DrainAsync(agent, session, cancellationToken);

    public ValueTask<Reply<AgentView>> CloseAsync(
        AgentId agent, SessionId session, CancellationToken cancellationToken) =>
        Current.CloseAsync(agent, session, cancellationToken);

    public ValueTask<Reply<JobSummary>> GetJobAsync(JobId job, long? version, CancellationToken cancellationToken) =>
        Current.GetJobAsync(job, version, cancellationToken);

    public ValueTask<Reply<Page<JobSummary>>> ListJobsAsync(
        JobFilter filter, string? cursor, int limit, CancellationToken cancellationToken) =>
        Current.ListJobsAsync(filter, cursor, limit, cancellationToken);

    public ValueTask<Reply<TaskView>> GetTaskAsync(
        TaskId task, long? version, bool withPayloads, CancellationToken cancellationToken) =>
        Current.GetTaskAsync(task, version, withPayloads, cancellationToken);

    public ValueTask<Reply<Page<TaskView>>> ListTasksAsync(
        JobId job, TaskQuery query, string? cursor, int limit, CancellationToken cancellationToken) =>
        Current.ListTasksAsync(job, query, cursor, limit, cancellationToken);

    public ValueTask<IReadOnlyList<StoredEvent>> ReadHistoryAsync(
        StreamId stream, long from, int limit, CancellationToken cancellationToken) =>
        Current.ReadHistoryAsync(stream, from, limit, cancellationToken);

    public ValueTask<LogPage> ReadLogAsync(LogCursor after, int limit, CancellationToken cancellationToken) =>
        Current.ReadLogAsync(after, limit, cancellationToken);

    public ValueTask WaitForNewsAsync(CancellationToken cancellationToken) =>
        Current.WaitForNewsAsync(cancellationToken);

    public ValueTask<IReadOnlyList<QueueView>> ListQueuesAsync(CancellationToken cancellationToken) =>
        Current.ListQueuesAsync(cancellationToken);

    public ValueTask<IReadOnlyList<AgentView>> ListAgentsAsync(CancellationToken cancellationToken) =>
        Current.ListAgentsAsync(cancellationToken);

    public ValueTask<IReadOnlyList<Finding>> DiagnoseAsync(CancellationToken cancellationToken) =>
        Current.DiagnoseAsync(cancellationToken);
}

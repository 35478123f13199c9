using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Elasticity.EventStore;

namespace Elasticity.Api.Tests.Support;

/// <summary>An engine that says what the test wants. Each call is noted, in words.</summary>
internal sealed class FakeElasticity : IElasticity
{
    public List<string> Calls { get; } = [];

    public Func<JobSubmission, Reply<SubmitReceipt>> Submit { get; set; } =
        s => new SubmitReceipt(Some.Job(s.Id.Value), IsNew: true);

    public Func<Reply<SubmitProgress>> Progress { get; set; } = () => new SubmitProgress(3, IsSealed: false);

    public Func<JobId, Reply<JobSummary>> Job { get; set; } = id => Some.Job(id.Value);

    public Func<TaskId, Reply<TaskView>> Task { get; set; } = id => Some.Task(id);

    public Func<Reply<Page<JobSummary>>> Jobs { get; set; } = () => new Page<JobSummary>([], null);

    public Func<Reply<Page<TaskView>>> Tasks { get; set; } = () => new Page<TaskView>([], null);

    public Func<AgentId, SessionId, Reply<AgentView>> Agent { get; set; } = (a, s) => Some.Agent(a.Value, s.Value);

    public Func<LeaseRequest, CancellationToken, ValueTask<Reply<LeaseGrant>>> Lease { get; set; } =
        (_, _) => ValueTask.FromResult<Reply<LeaseGrant>>(LeaseGrant.Nothing);

    public Func<Heartbeat, Reply<HeartbeatAnswer>> Heartbeat { get; set; } =
        h => new HeartbeatAnswer([.. h.Leases.Select(_ => Domain.Leases.LeaseAnswer.Renewed)], IsDraining: false);

    public Func<SettleRequest, Reply<SettleAnswer>> Settle { get; set; } =
        r => new SettleAnswer([.. r.Results.Select(_ => (Rejection?)null)], [], null);

    public Func<long, int, IReadOnlyList<StoredEvent>> History { get; set; } = (_, _) => [];

    public Func<LogCursor, int, LogPage> Log { get; set; } = (after, _) => new LogPage([], after, IsEnd: true);

    public Func<CancellationToken, ValueTask> News { get; set; } = _ => ValueTask.CompletedTask;

    public Func<CancellationToken, ValueTask<IReadOnlyList<QueueView>>> Queues { get; set; } =
        _ => ValueTask.FromResult<IReadOnlyList<QueueView>>([]);

    public IReadOnlyList<AgentView> Agents { get; set; } = [];

    public IReadOnlyList<Finding> Findings { get; set; } = [];

    public EngineStatus Status { get; set; } = Some.Status;

    public ValueTask<Reply<SubmitReceipt>> SubmitAsync(
        JobSubmission submission, CancellationToken cancellationToken)
    {
        Note($"submit {submission.Id} of {submission.Tasks.Count}");
        return Answer(Submit(submission));
    }

    public ValueTask<Reply<SubmitProgress>> OpenAsync(
        JobId job, JobHeader header, string digest, int taskCount, CancellationToken cancellationToken)
    {
        Note($"open {job} '{header.Name}' {digest[..4]} of {taskCount}");
        return Answer(Progress());
    }

    public ValueTask<Reply<SubmitProgress>> AddTasksAsync(
        JobId job, int first, ImmutableArray<TaskSpec> tasks, CancellationToken cancellationToken)
    {
        Note($"add {tasks.Length} at {first} to {job}");
        return Answer(Progress());
    }

    public ValueTask<Reply<JobSummary>> SealAsync(JobId job, CancellationToken cancellationToken) =>
        OfJob($"seal {job}", job);

    public ValueTask<Reply<JobSummary>> CancelAsync(JobId job, CancellationToken cancellationToken) =>
        OfJob($"cancel {job}", job);

    public ValueTask<Reply<JobSummary>> PauseAsync(JobId job, CancellationToken cancellationToken) =>
        OfJob($"pause {job}", job);

    public ValueTask<Reply<JobSummary>> ResumeAsync(JobId job, CancellationToken cancellationToken) =>
        OfJob($"resume {job}", job);

    public ValueTask<Reply<JobSummary>> RedriveAsync(
        JobId job, int? index, string? request, CancellationToken cancellationToken) =>
        OfJob($"redrive {job} {index?.ToString() ?? "all"}{(request is null ? null : $" as {request}")}", job);

    public ValueTask<Reply<JobSummary>> ErasePayloadsAsync(
        JobId job, int? index, CancellationToken cancellationToken) =>
        OfJob($"erase {job} {index?.ToString() ?? "all"}", job);

    public ValueTask<Reply<JobSummary>> TrimAsync(JobId job, CancellationToken cancellationToken) =>
        OfJob($"trim {job}", job);

    public ValueTask<Reply<AgentView>> RegisterAsync(
        AgentId agent, SessionId session, AgentOffer offer, CancellationToken cancellationToken) =>
        OfAgent($"register {agent} {session} {string.Join('+', offer.Kinds)} x{offer.Slots}", agent, session);

    public ValueTask<Reply<LeaseGrant>> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        Note($"lease {request.RequestId} {request.Max} wait {request.Wait.TotalSeconds}");
        return Lease(request, cancellationToken);
    }

    public ValueTask<Reply<HeartbeatAnswer>> HeartbeatAsync(Heartbeat heartbeat, CancellationToken cancellationToken)
    {
        Note($"heartbeat {heartbeat.Agent} of {heartbeat.Leases.Length}");
        return Answer(Heartbeat(heartbeat));
    }

    public ValueTask<Reply<SettleAnswer>> SettleAsync(SettleRequest request, CancellationToken cancellationToken)
    {
        Note($"settle {request.Results.Length} and lease {request.Lease?.Max.ToString() ?? "none"}");
        return Answer(Settle(request));
    }

    public ValueTask<Reply<AgentView>> DrainAsync(
        AgentId agent, SessionId session, CancellationToken cancellationToken) =>
        OfAgent($"drain {agent} {session}", agent, session);

    public ValueTask<Reply<AgentView>> CloseAsync(
        AgentId agent, SessionId session, CancellationToken cancellationToken) =>
        OfAgent($"close {agent} {session}", agent, session);

    public ValueTask<Reply<JobSummary>> GetJobAsync(JobId job, long? version, CancellationToken cancellationToken) =>
        OfJob($"show {job}@{version?.ToString() ?? "now"}", job);

    public ValueTask<Reply<Page<JobSummary>>> ListJobsAsync(
        JobFilter filter, string? cursor, int limit, CancellationToken cancellationToken)
    {
        Note($"jobs {filter.State}/{filter.Search} after {cursor} limit {limit}");
        return Answer(Jobs());
    }

    public ValueTask<Reply<TaskView>> GetTaskAsync(
        TaskId task, long? version, bool withPayloads, CancellationToken cancellationToken)
    {
        Note($"show {task}@{version?.ToString() ?? "now"}{(withPayloads ? " with payloads" : string.Empty)}");
        return Answer(Task(task));
    }

    public ValueTask<Reply<Page<TaskView>>> ListTasksAsync(
        JobId job, TaskQuery query, string? cursor, int limit, CancellationToken cancellationToken)
    {
        Note($"tasks {job} {query.State} after {cursor} limit {limit} payloads {query.WithPayloads}");
        return Answer(Tasks());
    }

    public ValueTask<IReadOnlyList<StoredEvent>> ReadHistoryAsync(
        StreamId stream, long from, int limit, CancellationToken cancellationToken)
    {
        Note($"history {stream} from {from}");
        return ValueTask.FromResult(History(from, limit));
    }

    public ValueTask<LogPage> ReadLogAsync(LogCursor after, int limit, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Log(after, limit));

    public ValueTask WaitForNewsAsync(CancellationToken cancellationToken) => News(cancellationToken);

    public ValueTask<IReadOnlyList<QueueView>> ListQueuesAsync(CancellationToken cancellationToken) =>
        Queues(cancellationToken);

    public ValueTask<IReadOnlyList<AgentView>> ListAgentsAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(Agents);

    public ValueTask<IReadOnlyList<Finding>> DiagnoseAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(Findings);

    public EngineStatus GetStatus() => Status;

    private ValueTask<Reply<JobSummary>> OfJob(string call, JobId job)
    {
        Note(call);
        return Answer(Job(job));
    }

    private ValueTask<Reply<AgentView>> OfAgent(string call, AgentId agent, SessionId session)
    {
        Note(call);
        return Answer(Agent(agent, session));
    }

    private void Note(string call)
    {
        lock (Calls)
        {
            Calls.Add(call);
        }
    }

    private static ValueTask<Reply<T>> Answer<T>(Reply<T> reply)
        where T : class => ValueTask.FromResult(reply);
}

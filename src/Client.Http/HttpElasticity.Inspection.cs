using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Engine;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;

namespace Elasticity.Client.Http;

/// <content>What people and monitors ask for.</content>
public sealed partial class HttpElasticity
{
    /// <summary>The largest page of tasks with payloads that a server gives unless configured otherwise.</summary>
    private const int PageWithPayloadsMax = 100;

    /// <inheritdoc/>
    public async ValueTask<Reply<JobSummary>> GetJobAsync(
        JobId job, long? version, CancellationToken cancellationToken) => WhyNoJob(job) is { } rejection
        ? rejection
        : Reply(
            await GetAsync(
                Paths.Job(Routes.Job, job).With(("version", Paths.Text(version))),
                ContractsJson.Tolerant.JobDocument,
                cancellationToken).ConfigureAwait(false),
            JobMapping.ToSummary);

    /// <inheritdoc/>
    public async ValueTask<Reply<Page<JobSummary>>> ListJobsAsync(
        JobFilter filter, string? cursor, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return Reply(
            await GetAsync(
                Routes.Jobs.With(
                    ("state", filter.State),
                    ("search", filter.Search),
                    ("cursor", cursor),
                    ("limit", Paths.Text(limit))),
                ContractsJson.Tolerant.PageDocumentJobDocument,
                cancellationToken).ConfigureAwait(false),
            static d => new Page<JobSummary>([.. d.Items.Select(JobMapping.ToSummary)], d.Next));
    }

    /// <inheritdoc/>
    public async ValueTask<Reply<TaskView>> GetTaskAsync(
        TaskId task, long? version, bool withPayloads, CancellationToken cancellationToken) =>
        WhyNoJob(task.Job) is { } rejection
        ? rejection
        : Reply(
            await GetAsync(
                Paths.Task(Routes.Task, task).With(
                    ("version", Paths.Text(version)), ("payloads", withPayloads ? "true" : null)),
                ContractsJson.Tolerant.TaskDocument,
                cancellationToken).ConfigureAwait(false),
            TaskMapping.ToView);

    /// <inheritdoc/>
    public async ValueTask<Reply<Page<TaskView>>> ListTasksAsync(
        JobId job, TaskQuery query, string? cursor, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (WhyNoJob(job) is { } rejection)
        {
            return rejection;
        }

        int most = query.WithPayloads ? Math.Min(limit, PageWithPayloadsMax) : limit;
        return Reply(
            await GetAsync(
                Paths.Job(Routes.Tasks, job).With(
                    ("state", query.State),
                    ("cursor", cursor),
                    ("limit", Paths.Text(most)),
                    ("payloads", query.WithPayloads ? "true" : null)),
                ContractsJson.Tolerant.PageDocumentTaskDocument,
                cancellationToken).ConfigureAwait(false),
            static d => new Page<TaskView>([.. d.Items.Select(TaskMapping.ToView)], d.Next));
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<StoredEvent>> ReadHistoryAsync(
        StreamId stream, long from, int limit, CancellationToken cancellationToken)
    {
        if (PathOf(stream) is not { } path)
        {
            return [];
        }

        Answered<PageDocument<EventDocument>> answered = await GetAsync(
            path.With(("cursor", Paths.Text(from)), ("limit", Paths.Text(limit))),
            ContractsJson.Tolerant.PageDocumentEventDocument,
            cancellationToken).ConfigureAwait(false);
        return answered.Problem is { Status: 404, Code: not (ProblemCode.NotFound or Transport.Unreachable) }
            ? []
            : [.. Require(answered).Items.Select(EventMapping.ToEvent)];
    }

    /// <inheritdoc/>
    public async ValueTask<LogPage> ReadLogAsync(LogCursor after, int limit, CancellationToken cancellationToken)
    {
        Answered<LogDocument> answered = await GetAsync(
            Routes.Log.With(
                ("cursor", string.IsNullOrEmpty(after.Value) ? null : after.Value), ("limit", Paths.Text(limit))),
            ContractsJson.Tolerant.LogDocument,
            cancellationToken).ConfigureAwait(false);
        return answered.Problem switch
        {
            { Code: ProblemCode.CursorUnknown } problem => throw new CursorUnknownException(problem.Detail),
            { Code: RejectionCode.Invalid or RejectionCode.LimitExceeded } problem =>
                throw new ArgumentException(problem.Detail),
            _ => EventMapping.ToPage(Require(answered)),
        };
    }

    /// <inheritdoc/>
    public async ValueTask WaitForNewsAsync(CancellationToken cancellationToken) =>
        await Task.Delay(_options.NewsInterval, _time, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<QueueView>> ListQueuesAsync(CancellationToken cancellationToken) =>
        [
            .. (await AllAsync(
                Routes.Queues, ContractsJson.Tolerant.PageDocumentQueueDocument, cancellationToken)
                .ConfigureAwait(false)).Select(EventMapping.ToView),
        ];

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<AgentView>> ListAgentsAsync(CancellationToken cancellationToken) =>
        [
            .. (await AllAsync(
                Routes.Agents, ContractsJson.Tolerant.PageDocumentAgentDocument, cancellationToken)
                .ConfigureAwait(false)).Select(WorkMapping.ToView),
        ];

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Finding>> DiagnoseAsync(CancellationToken cancellationToken)
    {
        Answered<PageDocument<FindingDocument>> answered = await GetAsync(
            Routes.Doctor, ContractsJson.Tolerant.PageDocumentFindingDocument, cancellationToken)
            .ConfigureAwait(false);
        return [.. Require(answered).Items.Select(EventMapping.ToFinding)];
    }

    /// <inheritdoc/>
    /// <remarks>Blocks until the server answers; prefer <see cref="GetStatusAsync"/>.</remarks>
    public EngineStatus GetStatus() =>
        Task.Run(() => GetStatusAsync(CancellationToken.None).AsTask()).GetAwaiter().GetResult();

    /// <summary>Says how the engine is. Never throws <see cref="EngineUnavailableException"/>: a server that cannot be
    /// reached is a status too, with the code <c>server-unreachable</c> and the state <c>stopped</c>.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The status.</returns>
    public async ValueTask<EngineStatus> GetStatusAsync(CancellationToken cancellationToken)
    {
        try
        {
            return EventMapping.ToStatus(Require(await GetAsync(
                Routes.Status, ContractsJson.Tolerant.StatusDocument, cancellationToken).ConfigureAwait(false)));
        }
        catch (EngineUnavailableException exception)
        {
            return new EngineStatus(
                "stopped", false, exception.Message, exception.Code, TimeSpan.Zero, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        }
    }

    private async Task<List<T>> AllAsync<T>(
        string path, JsonTypeInfo<PageDocument<T>> type, CancellationToken cancellationToken)
    {
        List<T> all = [];
        string? cursor = null;
        do
        {
            PageDocument<T> page = Require(await GetAsync(
                path.With(("cursor", cursor), ("limit", "1000")), type, cancellationToken).ConfigureAwait(false));
            all.AddRange(page.Items);
            cursor = page.Items.Count == 0 ? null : page.Next;
        }
        while (cursor is not null);

        return all;
    }

    /// <summary>Where the history of a stream is; null for a stream that has none to show.</summary>
    private static string? PathOf(StreamId stream)
    {
        string[] parts = stream.Value.Split('/');
        return (parts[0] + "/", parts) switch
        {
            (StreamNames.JobPrefix, [_, string job]) => Paths.Job(Routes.JobHistory, new JobId(job)),
            (StreamNames.AgentPrefix, [_, string agent]) => Paths.Agent(Routes.AgentHistory, new AgentId(agent)),
            (StreamNames.TaskPrefix, [_, string job, string index])
                when int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out int place) =>
                Paths.Task(Routes.TaskHistory, new TaskId(new JobId(job), place)),
            _ => null,
        };
    }
}

using System.Globalization;
using System.Text.Json;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Engine.Embedded.Core;
using Elasticity.EventStore;

namespace Elasticity.Engine.Embedded;

/// <summary>The questions of the port: answered from the store, which knows only what is durable, and from the core's
/// snapshots.</summary>
public sealed partial class EmbeddedEngine
{
    /// <summary>A lag of so much, when no lease is live, is worth saying.</summary>
    private static readonly TimeSpan LagMax = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public async ValueTask<Reply<JobSummary>> GetJobAsync(JobId job, long? version, CancellationToken cancellationToken)
    {
        if (!Identifier.IsValid(job.Value))
        {
            return Unknown(job);
        }

        if (version is not { } asOf)
        {
            JobRow? row = await ReadAsync(s => s.Jobs.FindAsync(job.Value, cancellationToken)).ConfigureAwait(false);
            return row is null ? Unknown(job) : Summary(row);
        }

        (JobState state, _) = await ReadAsync(_ => _loader.JobAsync(job, asOf, cancellationToken))
            .ConfigureAwait(false);
        return state.Phase == JobPhase.None ? Unknown(job) : JobSummary.Of(job, state);
    }

    /// <inheritdoc/>
    public async ValueTask<Reply<Page<JobSummary>>> ListJobsAsync(
        JobFilter filter, string? cursor, int limit, CancellationToken cancellationToken)
    {
        JobListCursor? after = null;
        if (cursor is not null && (after = ParseCursor(cursor)) is null)
        {
            return new Rejection(RejectionCode.Invalid, "The cursor is not one that a page gave.");
        }

        IReadOnlyList<JobRow> rows = await ReadAsync(s => s.Jobs.ListAsync(filter, after, limit, cancellationToken))
            .ConfigureAwait(false);
        string? next = rows.Count < limit
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{rows[^1].CreatedAt.UtcTicks}.{rows[^1].Id}");
        return new Page<JobSummary>([.. rows.Select(Summary)], next);
    }

    /// <inheritdoc/>
    public ValueTask<Reply<TaskView>> GetTaskAsync(
        TaskId task, long? version, bool withPayloads, CancellationToken cancellationToken) =>
        ReadAsync<Reply<TaskView>>(async _ =>
    {
        TaskViews views = NewViews();
        if (await views.OpenAsync(task.Job, cancellationToken).ConfigureAwait(false) is not { } job)
        {
            return Unknown(task.Job);
        }

        return task.Index < 0 || task.Index >= job.State.TasksAdded || job.State.IsTrimmed
            ? new Rejection(
                RejectionCode.TaskUnknown, $"Job {task.Job} has {job.State.TasksAdded} tasks; {task.Index} is none.")
            : await views.ViewAsync(job, task.Index, version, withPayloads, cancellationToken).ConfigureAwait(false);
    });

    /// <inheritdoc/>
    public ValueTask<Reply<Page<TaskView>>> ListTasksAsync(
        JobId job, TaskQuery query, string? cursor, int limit, CancellationToken cancellationToken) =>
        ReadAsync<Reply<Page<TaskView>>>(async _ =>
    {
        int first = 0;
        if (cursor is not null && !int.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out first))
        {
            return new Rejection(RejectionCode.Invalid, "The cursor is not one that a page gave.");
        }

        TaskViews views = NewViews();
        if (await views.OpenAsync(job, cancellationToken).ConfigureAwait(false) is not { } opened)
        {
            return Unknown(job);
        }

        if (opened.State.IsTrimmed)
        {
            return new Page<TaskView>([], null);
        }

        (IReadOnlyList<TaskView> items, int? next) = await views
            .ListAsync(opened, query, first, limit, cancellationToken).ConfigureAwait(false);
        return new Page<TaskView>(items, next?.ToString(CultureInfo.InvariantCulture));
    });

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEvent>> ReadHistoryAsync(
        StreamId stream, long from, int limit, CancellationToken cancellationToken) =>
        ReadAsync(s => s.ReadStreamAsync(stream, from, limit, withAttachments: true, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<LogPage> ReadLogAsync(LogCursor after, int limit, CancellationToken cancellationToken) =>
        ReadAsync(s => s.ReadLogAsync(after, limit, withAttachments: false, cancellationToken));

    /// <inheritdoc/>
    public ValueTask WaitForNewsAsync(CancellationToken cancellationToken) =>
        Serving.WaitForNewsAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<QueueView>> ListQueuesAsync(CancellationToken cancellationToken) =>
        (await LookAsync(null, withLists: true, cancellationToken).ConfigureAwait(false)).Queues;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<AgentView>> ListAgentsAsync(CancellationToken cancellationToken)
    {
        CoreSnapshot snapshot = await LookAsync(null, withLists: true, cancellationToken).ConfigureAwait(false);
        return [.. snapshot.Agents.OrderBy(a => a.Id.Value, StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Finding>> DiagnoseAsync(CancellationToken cancellationToken)
    {
        CoreSnapshot snapshot = await LookAsync(null, withLists: true, cancellationToken).ConfigureAwait(false);
        EngineStatus status = GetStatus();
        return status.IsReady
            ? snapshot.Findings
            : [new Finding(status.Code!, "engine", status.Reason!), .. snapshot.Findings];
    }

    /// <inheritdoc/>
    public EngineStatus GetStatus()
    {
        if (_pump is not { } pump)
        {
            return new EngineStatus(
                _state, false, _absence.Message, _absence.Code, TimeSpan.Zero, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        }

        TimeSpan lag = pump.Lag;
        EngineGauges seen = pump.Gauges;
        TimeSpan lagMax = seen.ShortestLease / 2 ?? LagMax;
        bool isReady = lag <= lagMax;
        return new EngineStatus(
            _state,
            isReady,
            isReady ? null : $"Commands wait for {lag.TotalSeconds:0.0} s; the limit is {lagMax.TotalSeconds:0.0} s.",
            isReady ? null : "engine-lag",
            lag,
            seen.Jobs,
            seen.Leases,
            seen.Queued,
            seen.Agents,
            pump.Durable.Appends,
            pump.Durable.Events,
            seen.Granted,
            seen.Settled,
            seen.Refused,
            seen.TakenBack);
    }

    private static Rejection Unknown(JobId job) => new(RejectionCode.JobUnknown, $"There is no job {job}.");

    private static JobSummary Summary(JobRow row) =>
        JsonSerializer.Deserialize(row.Summary.Span, SummaryJson.Default.JobSummary)!;

    private static JobListCursor? ParseCursor(string cursor)
    {
        int dot = cursor.IndexOf('.', StringComparison.Ordinal);
        return dot > 0
            && long.TryParse(cursor.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out long ticks)
            && ticks <= DateTimeOffset.MaxValue.UtcTicks
            ? new JobListCursor(new DateTimeOffset(ticks, TimeSpan.Zero), cursor[(dot + 1)..])
            : null;
    }

    private TaskViews NewViews() =>
        new(_loader, job => LookAsync(job, withLists: false, CancellationToken.None), _time);

    private Task<CoreSnapshot> LookAsync(JobId? job, bool withLists, CancellationToken cancellationToken) =>
        AskAsync<CoreSnapshot>(new CoreInput.Look(job, withLists), cancellationToken);

    /// <summary>Reads the store while the engine serves; trouble with the store is the engine's.</summary>
    private async ValueTask<T> ReadAsync<T>(Func<IEventStore, ValueTask<T>> read)
    {
        _ = Serving;
        try
        {
            return await read(_store).ConfigureAwait(false);
        }
        catch (EventStoreException e)
        {
            throw new EngineUnavailableException(e.Code, e.Message, e);
        }
    }
}

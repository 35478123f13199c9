using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;

namespace Elasticity.Engine;

/// <summary>The questions of the port that the store alone can answer: also for somebody who may only read it, while
/// another process owns it.</summary>
/// <remarks>Safe for concurrent use. Trouble with the store is an <see cref="EventStoreException"/>.</remarks>
public sealed class StoreInspection
{
    private static readonly JobGlance NotInMemory = new(null, ImmutableDictionary<int, string>.Empty);

    private readonly IEventStore _store;
    private readonly Func<JobId, Task<JobGlance>> _look;
    private readonly TimeProvider _time;
    private readonly StateReader _states;

    // Page after page of a large job that has ended would fold it again and again. Gone when memory is wanted.
    private readonly WeakReference<FoldedJob?> _last = new(null);

    /// <summary>Answers from a store.</summary>
    /// <param name="store">The store; the caller disposes of it.</param>
    /// <param name="time">The clock, to tell whether a task waits for its time.</param>
    public StoreInspection(IEventStore store, TimeProvider time)
        : this(store, static _ => Task.FromResult(NotInMemory), time)
    {
    }

    /// <summary>Answers from a store, and from an engine that has open jobs in memory.</summary>
    /// <param name="store">The store; the caller disposes of it.</param>
    /// <param name="look">What the engine knows of a job.</param>
    /// <param name="time">The clock, to tell whether a task waits for its time.</param>
    public StoreInspection(IEventStore store, Func<JobId, Task<JobGlance>> look, TimeProvider time)
    {
        _store = store;
        _look = look;
        _time = time;
        _states = new StateReader(store);
    }

    /// <inheritdoc cref="IInspection.GetJobAsync"/>
    public async ValueTask<Reply<JobSummary>> GetJobAsync(JobId job, long? version, CancellationToken cancellationToken)
    {
        if (!Identifier.IsValid(job.Value))
        {
            return Unknown(job);
        }

        if (version is not { } asOf)
        {
            JobRow? row = await _store.Jobs.FindAsync(job.Value, cancellationToken).ConfigureAwait(false);
            return row is null ? Unknown(job) : Summary(row);
        }

        (JobState state, StreamHead head) = await _states.JobAsync(job, asOf, cancellationToken).ConfigureAwait(false);
        return state.Phase == JobPhase.None ? Unknown(job)
            : head.Version > 0 && asOf > head.Version ? Beyond($"Job {job}", head.Version, asOf)
            : JobSummary.Of(job, state);
    }

    /// <inheritdoc cref="IInspection.ListJobsAsync"/>
    public async ValueTask<Reply<Page<JobSummary>>> ListJobsAsync(
        JobFilter filter, string? cursor, int limit, CancellationToken cancellationToken)
    {
        JobListCursor? after = null;
        if (cursor is not null && (after = ParseCursor(cursor)) is null)
        {
            return new Rejection(RejectionCode.Invalid, "The cursor is not one that a page gave.");
        }

        IReadOnlyList<JobRow> rows = await _store.Jobs.ListAsync(filter, after, limit, cancellationToken)
            .ConfigureAwait(false);
        string? next = rows.Count < limit
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{rows[^1].CreatedAt.UtcTicks}.{rows[^1].Id}");
        return new Page<JobSummary>([.. rows.Select(Summary)], next);
    }

    /// <inheritdoc cref="IInspection.GetTaskAsync"/>
    public async ValueTask<Reply<TaskView>> GetTaskAsync(
        TaskId task, long? version, bool withPayloads, CancellationToken cancellationToken)
    {
        if (await OpenAsync(task.Job, cancellationToken).ConfigureAwait(false) is not { } job)
        {
            return Unknown(task.Job);
        }

        if (job.State.IsTrimmed)
        {
            return new Rejection(RejectionCode.TaskUnknown, $"Job {task.Job} was trimmed: its tasks are gone.");
        }

        if (task.Index < 0 || task.Index >= job.State.TasksAdded)
        {
            return new Rejection(
                RejectionCode.TaskUnknown, $"Job {task.Job} has {job.State.TasksAdded} tasks; {task.Index} is none.");
        }

        TaskView view = await new TaskViews(_states, _time)
            .ViewAsync(job, task.Index, version, withPayloads, cancellationToken).ConfigureAwait(false);
        return version > view.Version ? Beyond($"Task {task}", view.Version, version.Value) : view;
    }

    /// <inheritdoc cref="IInspection.ListTasksAsync"/>
    public async ValueTask<Reply<Page<TaskView>>> ListTasksAsync(
        JobId job, TaskQuery query, string? cursor, int limit, CancellationToken cancellationToken)
    {
        int first = 0;
        if (cursor is not null && !int.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out first))
        {
            return new Rejection(RejectionCode.Invalid, "The cursor is not one that a page gave.");
        }

        if (await OpenAsync(job, cancellationToken).ConfigureAwait(false) is not { } opened)
        {
            return Unknown(job);
        }

        if (opened.State.IsTrimmed)
        {
            return new Page<TaskView>([], null);
        }

        (IReadOnlyList<TaskView> items, int? next) = await new TaskViews(_states, _time)
            .ListAsync(opened, query, first, limit, cancellationToken).ConfigureAwait(false);
        return new Page<TaskView>(items, next?.ToString(CultureInfo.InvariantCulture));
    }

    /// <inheritdoc cref="IInspection.ReadHistoryAsync"/>
    public async ValueTask<IReadOnlyList<StoredEvent>> ReadHistoryAsync(
        StreamId stream, long from, int limit, CancellationToken cancellationToken)
    {
        IReadOnlyList<StoredEvent> page = await _store
            .ReadStreamAsync(stream, from, limit, withAttachments: false, cancellationToken).ConfigureAwait(false);
        return page.Count == 0 && StreamNames.TryParseJob(stream, out JobId? job)
            ? await _store.ReadStreamAsync(
                StreamNames.TombstoneOf(job.Value), from, limit, withAttachments: false, cancellationToken)
                .ConfigureAwait(false)
            : page;
    }

    /// <inheritdoc cref="IInspection.ReadLogAsync"/>
    public ValueTask<LogPage> ReadLogAsync(LogCursor after, int limit, CancellationToken cancellationToken) =>
        _store.ReadLogAsync(after, limit, withAttachments: false, cancellationToken);

    private static Rejection Unknown(JobId job) => new(RejectionCode.JobUnknown, $"There is no job {job}.");

    private static Rejection Beyond(string who, long last, long asked) =>
        new(RejectionCode.Invalid, $"{who} is at version {last}: there is no version {asked} yet.");

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

    /// <summary>Reads a job: from the core if it is in memory there, otherwise from its stream.</summary>
    private async Task<TaskViews.OpenedJob?> OpenAsync(JobId id, CancellationToken cancellationToken)
    {
        if (!Identifier.IsValid(id.Value))
        {
            return null;
        }

        JobGlance glance = await _look(id).ConfigureAwait(false);
        JobState state = glance.Job ?? await FoldAsync(id, cancellationToken).ConfigureAwait(false);
        return state.Phase == JobPhase.None ? null : new TaskViews.OpenedJob(id, state, glance.Progress);
    }

    private async Task<JobState> FoldAsync(JobId id, CancellationToken cancellationToken)
    {
        if (_last.TryGetTarget(out FoldedJob? last) && last.Id == id
            && last.Head == await _store.ReadHeadAsync(StreamNames.Of(id), cancellationToken).ConfigureAwait(false))
        {
            return last.State;
        }

        (JobState state, StreamHead head) = await _states.JobAsync(id, long.MaxValue, cancellationToken)
            .ConfigureAwait(false);
        _last.SetTarget(new FoldedJob(id, state, head));
        return state;
    }

    private sealed record FoldedJob(JobId Id, JobState State, StreamHead Head);
}

/// <summary>What an engine has in memory of a job.</summary>
/// <param name="Job">Its state; null when the store is to be asked.</param>
/// <param name="Progress">What agents said of the progress of its leased tasks, by index.</param>
public sealed record JobGlance(JobState? Job, IReadOnlyDictionary<int, string> Progress);

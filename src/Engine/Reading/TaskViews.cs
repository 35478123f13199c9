using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.EventStore;

namespace Elasticity.Engine;

/// <summary>Tasks as they are shown: from the job's state, its chunks and the tasks' own streams.</summary>
internal sealed class TaskViews(StateReader states, TimeProvider time)
{
    /// <summary>How many tasks one page looks at: a rare state in a large job comes in several short pages, not in one
    /// long wait.</summary>
    private const int ScanMax = 100_000;

    private (long Version, JobEvent.TasksAdded Tasks)? _chunk;

    /// <summary>Lists tasks from an index on.</summary>
    public async Task<(IReadOnlyList<TaskView> Items, int? Next)> ListAsync(
        OpenedJob job, TaskQuery query, int first, int limit, CancellationToken cancellationToken)
    {
        List<TaskView> items = [];
        int index = first;
        int end = (int)Math.Min(job.State.TasksAdded, (long)first + ScanMax);
        for (; index < end && items.Count < limit; index++)
        {
            if (!MayBe(job.State, index, query.State))
            {
                continue;
            }

            TaskView view = await ViewAsync(job, index, version: null, query.WithPayloads, cancellationToken)
                .ConfigureAwait(false);
            if (query.State is null || query.State == view.State)
            {
                items.Add(view);
            }
        }

        return (items, index < job.State.TasksAdded ? index : null);
    }

    /// <summary>Shows one task, now or as of a version of its stream.</summary>
    public async Task<TaskView> ViewAsync(
        OpenedJob job, int index, long? version, bool withPayloads, CancellationToken cancellationToken)
    {
        TaskId id = new(job.Id, index);
        TaskSpec spec = await SpecAsync(job, index, cancellationToken).ConfigureAwait(false);
        (TaskState state, StreamHead head) = await states.TaskAsync(id, version ?? long.MaxValue, cancellationToken)
            .ConfigureAwait(false);
        if (version is null && job.State.SealedAt is not null && job.State.RunOf(index) is var run && state.Run < run)
        {
            // A run that nobody has leased yet: what the stream says is of the run before.
            state = TaskState.Untouched with { Run = run, Token = state.Token };
        }

        DateTimeOffset? notBefore = state.RetryAt ?? (state.Phase == TaskPhase.Untouched ? spec.NotBefore : null);
        bool isSettled = state.LastSettledToken > state.TokenBefore;
        return new TaskView(
            id,
            spec.Name,
            spec.Kind,
            WordFor(job.State, index, state, notBefore),
            spec.Terms(job.State.Header.Policy).Priority,
            spec.DependsOn.IsDefault ? [] : spec.DependsOn,
            notBefore,
            Math.Max(state.Run, 1),
            state.Failures,
            state.LeasesLost,
            state.LeasesExpired,
            state.Token,
            state.Lease,
            job.Progress.GetValueOrDefault(index),
            state.LastFailure,
            state.DeadLetterReason,
            state.SkipCause,
            state.StartedAt,
            state.EndedAt,
            head.Version,
            withPayloads ? spec.Payload : Payload.None,
            withPayloads && isSettled ? ResultOf(state) : Payload.None);
    }

    private static Payload ResultOf(TaskState state) => state.LastSettlement switch
    {
        Settlement.Succeeded s => s.Result,
        Settlement.Failed s => s.Result,
        _ => Payload.None,
    };

    private string WordFor(JobState job, int index, TaskState task, DateTimeOffset? notBefore) => task.Phase switch
    {
        TaskPhase.Leased => "leased",
        TaskPhase.Ended => TaskDecider.Word(task.Outcome!.Value),
        _ when job.SealedAt is null || job.Status[index] is JobTaskStatus.Blocked or JobTaskStatus.SkipAsked =>
            "blocked",
        _ => notBefore > time.GetUtcNow() ? "pending" : "ready",
    };

    /// <summary>Whether the job's own knowledge allows the state asked for, so that most tasks need not be
    /// read.</summary>
    private static bool MayBe(JobState job, int index, string? state)
    {
        if (state is null || job.SealedAt is null)
        {
            return true;
        }

        return job.Status[index] switch
        {
            JobTaskStatus.Blocked or JobTaskStatus.SkipAsked => state == "blocked",
            JobTaskStatus.Released => state is "ready" or "pending" or "leased",
            JobTaskStatus.Succeeded => state == "succeeded",
            JobTaskStatus.DeadLettered => state == "dead-lettered",
            JobTaskStatus.Cancelled => state == "cancelled",
            _ => state == "skipped",
        };
    }

    private async ValueTask<TaskSpec> SpecAsync(OpenedJob job, int index, CancellationToken cancellationToken)
    {
        TaskChunk chunk = job.State.ChunkOf(index);
        if (_chunk?.Version != chunk.Version)
        {
            _chunk = (
                chunk.Version, await states.ChunkAsync(job.Id, chunk.Version, cancellationToken).ConfigureAwait(false));
        }

        return _chunk.Value.Tasks.Tasks[index - chunk.First];
    }

    /// <summary>A job whose tasks are shown.</summary>
    internal sealed record OpenedJob(JobId Id, JobState State, IReadOnlyDictionary<int, string> Progress);
}

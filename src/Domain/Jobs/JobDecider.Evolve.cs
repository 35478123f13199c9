using System.Collections.Immutable;
using System.Diagnostics;
using Elasticity.Domain.Tasks;

namespace Elasticity.Domain.Jobs;

public static partial class JobDecider
{
    /// <summary>Applies one stored event. Total: what is in the log has happened and cannot be refused.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="event">The fact.</param>
    /// <returns>The state after, one version on; a tombstone begins a stream of its own.</returns>
    public static JobState Evolve(JobState state, JobEvent @event)
    {
        JobState next = @event switch
        {
            JobEvent.Opened e => state with
            {
                Phase = JobPhase.Opening,
                Header = e.Header,
                Digest = e.Digest,
                DigestSoFar = JobDigest.Start(e.Header.Policy, e.TaskCount).Value(),
                TaskCount = e.TaskCount,
                CreatedAt = e.At,
            },
            JobEvent.TasksAdded e => Add(state, e),
            JobEvent.Sealed e => Seal(state, e.At),
            JobEvent.OutcomesRecorded e => Record(state, e.Outcomes),
            JobEvent.Failing => state with { Phase = JobPhase.Failing },
            JobEvent.CancelRequested => state with { Phase = JobPhase.Cancelling },
            JobEvent.Paused => state with { IsPaused = true },
            JobEvent.Resumed => state with { IsPaused = false },
            JobEvent.Redriven e => Redrive(Remember(state, e), [.. e.Tasks, .. e.Restored]),
            JobEvent.Checkpointed => state with { LastCheckpoint = state.Version + 1 },
            JobEvent.PayloadsErased e => state with { Erased = Erased(state, e.Index) },
            JobEvent.Trimmed e => JobState.None with // It stands for all that was before.
            {
                Phase = PhaseOf(e.Outcome),
                Header = e.Header,
                Digest = e.Digest,
                TaskCount = e.TaskCount,
                Counts = e.Counts,
                TasksAdded = e.SealedAt is null ? 0 : e.TaskCount,
                CreatedAt = e.CreatedAt,
                SealedAt = e.SealedAt,
                EndedAt = e.EndedAt,
                TrimmedAt = e.At,
            },
            JobEvent.Ended e => state with
            {
                Phase = PhaseOf(e.Outcome),
                EndedAt = e.At,
                IsPaused = false,
            },
            _ => throw new UnreachableException($"Unknown job event {@event.GetType().Name}."),
        };
        return next with { Version = @event is JobEvent.Trimmed ? 1 : state.Version + 1 };
    }

    private static JobPhase PhaseOf(JobOutcome outcome) => outcome switch
    {
        JobOutcome.Succeeded => JobPhase.Succeeded,
        JobOutcome.Failed => JobPhase.Failed,
        JobOutcome.Cancelled => JobPhase.Cancelled,
        _ => throw new UnreachableException($"Unknown job outcome {outcome}."),
    };

    private static JobState Add(JobState state, JobEvent.TasksAdded e)
    {
        ImmutableArray<TaskSegment>.Builder segments = ImmutableArray.CreateBuilder<TaskSegment>();
        int dependencies = 0;
        for (int i = 0; i < e.Tasks.Length; i++)
        {
            TaskSpec task = e.Tasks[i];
            int priority = task.Priority ?? state.Header.Policy.Priority ?? 0;
            if (segments.Count == 0 || segments[^1] is var last
                && (last.Kind != task.Kind || last.Priority != priority || last.NotBefore != task.NotBefore))
            {
                segments.Add(new TaskSegment(e.First + i, task.Kind, priority, task.NotBefore));
            }

            dependencies += task.DependsOn.IsDefault ? 0 : task.DependsOn.Length;
        }

        ImmutableArray<ImmutableArray<int>>? dependsOn = dependencies == 0
            ? null
            : [.. e.Tasks.Select(t => t.DependsOn)];
        TaskChunk chunk = new(e.First, e.Tasks.Length, state.Version + 1, segments.DrainToImmutable(), dependsOn);
        return state with
        {
            Chunks = state.Chunks.Add(chunk),
            TasksAdded = state.TasksAdded + e.Tasks.Length,
            DependenciesAdded = state.DependenciesAdded + dependencies,
            DigestSoFar = e.Digest,
        };
    }

    private static JobState Seal(JobState state, DateTimeOffset at)
    {
        JobState open = state with
        {
            Phase = JobPhase.Open,
            SealedAt = at,
            LastCheckpoint = state.Version + 1,
            Status = PersistentArray<JobTaskStatus>.Of(state.TaskCount, JobTaskStatus.Released),
            Counts = new TaskCounts().Add(JobTaskStatus.Released, state.TaskCount),
        };
        if (DependencyGraph.Build(state.Chunks, state.TaskCount) is not { } graph)
        {
            return open;
        }

        PersistentArray<int> unmet = Unmet(graph, open.Status);
        Statuses statuses = new(open);
        for (int i = 0; i < state.TaskCount; i++)
        {
            if (unmet[i] > 0)
            {
                statuses.Set(i, JobTaskStatus.Blocked);
            }
        }

        // The graph holds the dependencies from here on; the chunks need not hold them twice.
        return statuses.Into(open) with
        {
            Graph = graph,
            Unmet = unmet,
            Chunks = [.. state.Chunks.Select(c => c with { DependsOn = null })],
        };
    }

    private static JobState Record(JobState state, ImmutableArray<OutcomeRecord> outcomes)
    {
        Statuses statuses = new(state);
        PersistentArray<int>.Builder? unmet = state.Graph is null ? null : state.Unmet.Change();
        foreach (OutcomeRecord o in outcomes)
        {
            JobTaskStatus status = o.Outcome switch
            {
                TaskOutcome.Succeeded => JobTaskStatus.Succeeded,
                TaskOutcome.DeadLettered => JobTaskStatus.DeadLettered,
                TaskOutcome.Cancelled => JobTaskStatus.Cancelled,
                TaskOutcome.Skipped => JobTaskStatus.Skipped,
                _ => throw new UnreachableException($"Unknown task outcome {o.Outcome}."),
            };
            statuses.Set(o.Index, status);
            foreach (int dependent in state.Graph is null ? [] : state.Graph.DependentsOf(o.Index))
            {
                if (status == JobTaskStatus.Succeeded)
                {
                    unmet![dependent]--;
                }

                if (statuses.Of(dependent) == JobTaskStatus.Blocked)
                {
                    statuses.Set(dependent, status != JobTaskStatus.Succeeded ? JobTaskStatus.SkipAsked
                        : unmet![dependent] == 0 ? JobTaskStatus.Released
                        : JobTaskStatus.Blocked);
                }
            }
        }

        JobState next = statuses.Into(state);
        return unmet is null ? next : next with { Unmet = unmet.Build() };
    }

    private static PersistentArray<bool> Erased(JobState state, int? index)
    {
        if (index is not { } one)
        {
            return PersistentArray<bool>.Of(state.TaskCount, true);
        }

        PersistentArray<bool>.Builder erased =
            (state.Erased.Count > 0 ? state.Erased : PersistentArray<bool>.Of(state.TaskCount, false)).Change();
        erased[one] = true;
        return erased.Build();
    }

    private static JobState Remember(JobState state, JobEvent.Redriven e)
    {
        if (e.Request is not { } request)
        {
            return state;
        }

        ImmutableArray<KnownRedrive> known = state.Redrives.Length < RedrivesKnownMax
            ? state.Redrives
            : state.Redrives.RemoveAt(0);
        return state with { Redrives = known.Add(new KnownRedrive(request, e.Index)) };
    }

    private static JobState Redrive(JobState state, ImmutableArray<IndexRange> ranges)
    {
        int[] indexes = [.. ranges.SelectMany(r => Enumerable.Range(r.First, r.Count))];
        ImmutableDictionary<int, int>.Builder runs = state.Runs.ToBuilder();
        Statuses statuses = new(state);
        foreach (int index in indexes)
        {
            runs[index] = state.RunOf(index) + 1;
            statuses.Set(index, JobTaskStatus.Blocked);
        }

        // Only now, when all of them count as not ended, it shows who can run.
        foreach (int index in indexes)
        {
            bool isDoomed = state.Graph is { } graph && FirstBad(graph, index) is not null;
            bool isFree = state.Graph is null || state.Unmet[index] == 0;
            statuses.Set(
                index, isDoomed ? JobTaskStatus.SkipAsked : isFree ? JobTaskStatus.Released : JobTaskStatus.Blocked);
        }

        return statuses.Into(state) with { Phase = JobPhase.Open, EndedAt = null, Runs = runs.ToImmutable() };

        int? FirstBad(DependencyGraph graph, int index)
        {
            foreach (int dependency in graph.DependenciesOf(index))
            {
                if (IsEndedBadly(statuses.Of(dependency)))
                {
                    return dependency;
                }
            }

            return null;
        }
    }

    /// <summary>Changes statuses and keeps their counts in step.</summary>
    private sealed class Statuses(JobState origin)
    {
        private readonly PersistentArray<JobTaskStatus>.Builder _status = origin.Status.Change();
        private TaskCounts _counts = origin.Counts;

        public JobTaskStatus Of(int index) => _status[index];

        public void Set(int index, JobTaskStatus status)
        {
            JobTaskStatus before = _status[index];
            if (before != status)
            {
                _counts = _counts.Add(before, -1).Add(status, 1);
                _status[index] = status;
            }
        }

        public JobState Into(JobState state) => state with { Status = _status.Build(), Counts = _counts };
    }
}

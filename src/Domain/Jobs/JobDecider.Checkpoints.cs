using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using JobDecision = Elasticity.Domain.Decision<Elasticity.Domain.Jobs.JobEvent>;

namespace Elasticity.Domain.Jobs;

/// <summary>
/// The stream of a job grows with every outcome, and whoever takes the job over reads it: after a crash, or when a
/// grain moves. So a job writes down now and then where it stands. What is read then is the beginning, which says what
/// the tasks are, and the end, from the last checkpoint on.
/// </summary>
public static partial class JobDecider
{
    /// <summary>A checkpoint may be as long as the job has tasks, so a large job writes fewer: one in as many events as
    /// a hundredth of its tasks. An event costs two hundred bytes more then at most, which is about its own
    /// length.</summary>
    private const int TasksPerEvent = 100;

    /// <summary>How far from the end of a job's stream the last checkpoint is at most, in events, if the limits are no
    /// greater than <see cref="Limits.Default"/>. Twice what is due, since one decision may have several
    /// events, and the last may be the end of the job.</summary>
    /// <param name="state">The job, sealed.</param>
    /// <returns>Events.</returns>
    public static long CheckpointReach(JobState state) => 2 * CheckpointInterval(state, Limits.Default);

    /// <summary>Takes the state of a job from a checkpoint.</summary>
    /// <param name="sealed">The fold of its stream up to the seal, or further.</param>
    /// <param name="checkpoint">The event.</param>
    /// <param name="version">Its version.</param>
    /// <param name="restored">The fold of the stream up to and including the checkpoint.</param>
    /// <returns>False when it is no checkpoint of such a job.</returns>
    public static bool TryRestore(
        JobState @sealed, JobEvent.Checkpointed checkpoint, long version, [NotNullWhen(true)] out JobState? restored)
    {
        restored = null;
        int count = @sealed.TaskCount;
        PersistentArray<JobTaskStatus>.Builder status =
            PersistentArray<JobTaskStatus>.Of(count, JobTaskStatus.Released).Change();
        TaskCounts counts = new();
        ImmutableDictionary<int, int>.Builder runs = ImmutableDictionary.CreateBuilder<int, int>();
        PersistentArray<bool>.Builder erased = PersistentArray<bool>.Of(count, false).Change();
        if (@sealed.SealedAt is null
            || checkpoint.Phase is not (JobPhase.Open or JobPhase.Failing or JobPhase.Cancelling)
            || !TryReadStatuses()
            || !TryRead(checkpoint.Runs, int.MaxValue, (i, run) => runs[i] = run)
            || !TryRead(checkpoint.Erased, 1, (i, _) => erased[i] = true))
        {
            return false;
        }

        PersistentArray<JobTaskStatus> all = status.Build();
        restored = @sealed with
        {
            Phase = checkpoint.Phase,
            IsPaused = checkpoint.IsPaused,
            Status = all,
            Counts = counts,
            Unmet = @sealed.Graph is { } graph ? Unmet(graph, all) : @sealed.Unmet,
            Runs = runs.ToImmutable(),
            Redrives = checkpoint.Redrives,
            Erased = checkpoint.Erased is null ? PersistentArray<bool>.Empty : erased.Build(),
            EndedAt = null,
            LastCheckpoint = version,
            Version = version,
        };
        return true;

        bool TryReadStatuses() => RunLengths.TryRead(
            checkpoint.Statuses,
            count,
            (int)JobTaskStatus.Skipped,
            (first, length, value) =>
            {
                counts = counts.Add((JobTaskStatus)value, length);
                for (int i = first; i < first + length; i++)
                {
                    status[i] = (JobTaskStatus)value;
                }
            });

        bool TryRead(string? text, int max, Action<int, int> take) => text is null || RunLengths.TryRead(
            text,
            count,
            max,
            (first, length, value) =>
            {
                for (int i = first; value > 0 && i < first + length; i++)
                {
                    take(i, value);
                }
            });
    }

    /// <summary>Whether a checkpoint says what the events before it come to.</summary>
    /// <param name="state">The fold of all events before it.</param>
    /// <param name="checkpoint">The event.</param>
    /// <returns>False when it says anything else.</returns>
    public static bool IsTrue(JobState state, JobEvent.Checkpointed checkpoint)
    {
        JobEvent.Checkpointed due = CheckpointOf(state, checkpoint.At);
        return due.Redrives.SequenceEqual(checkpoint.Redrives) && due == checkpoint with { Redrives = due.Redrives };
    }

    private static long CheckpointInterval(JobState state, Limits limits) =>
        Math.Max(limits.EventsPerCheckpointMin, state.TaskCount / TasksPerEvent);

    private static JobDecision WithCheckpoint(JobState state, JobDecision decision, DateTimeOffset now, Limits limits)
    {
        long since = state.Version + decision.Events.Length - state.LastCheckpoint;
        if (decision.Events.IsEmpty || state.LastCheckpoint == 0 || since < CheckpointInterval(state, limits))
        {
            return decision;
        }

        JobState next = decision.Events.Aggregate(state, Evolve);
        return next.IsOpen ? decision with { Events = decision.Events.Add(CheckpointOf(next, now)) } : decision;
    }

    private static JobEvent.Checkpointed CheckpointOf(JobState state, DateTimeOffset now) => new(
        now,
        state.Phase,
        state.IsPaused,
        RunLengths.Write(state.TaskCount, i => (int)state.Status[i]),
        state.Runs.IsEmpty ? null : RunLengths.Write(state.TaskCount, i => state.Runs.GetValueOrDefault(i)),
        state.Erased.Count == 0 ? null : RunLengths.Write(state.TaskCount, i => state.Erased[i] ? 1 : 0),
        state.Redrives);

    /// <summary>How many dependencies of each task have not succeeded. What has stays so: a redrive takes up only what
    /// has not.</summary>
    private static PersistentArray<int> Unmet(DependencyGraph graph, PersistentArray<JobTaskStatus> status)
    {
        PersistentArray<int>.Builder unmet = PersistentArray<int>.Of(status.Count, 0).Change();
        for (int i = 0; i < status.Count; i++)
        {
            int count = 0;
            foreach (int dependency in graph.DependenciesOf(i))
            {
                count += status[dependency] == JobTaskStatus.Succeeded ? 0 : 1;
            }

            if (count > 0)
            {
                unmet[i] = count;
            }
        }

        return unmet.Build();
    }
}

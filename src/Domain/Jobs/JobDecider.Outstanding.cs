using System.Collections.Immutable;

namespace Elasticity.Domain.Jobs;

public static partial class JobDecider
{
    /// <summary>How many tasks one page of <see cref="Outstanding"/> looks at.</summary>
    public const int SweepLength = 65_536;

    /// <summary>How many messages one page of <see cref="Outstanding"/> gives at most, apart from one for the job as a
    /// whole.</summary>
    public const int SweepMessagesMax = 1_000;

    /// <summary>
    /// Everything this job still waits for others to do, page by page: to start it after the seal, to stop it, and to
    /// recover. Sending any of it again changes nothing that was done.
    /// </summary>
    /// <param name="id">The job.</param>
    /// <param name="state">Its state.</param>
    /// <param name="cursor">0 at first, then what the page before gave.</param>
    /// <returns>The messages, and the next cursor; null at the end.</returns>
    public static (ImmutableArray<Message> Messages, int? Next) Outstanding(JobId id, JobState state, int cursor)
    {
        if (!state.IsOpen || state.SealedAt is null)
        {
            return ([], null);
        }

        ImmutableArray<Message>.Builder messages = ImmutableArray.CreateBuilder<Message>();
        if (cursor == 0)
        {
            // Also that it is not paused: a queue that missed this would hold the job back for ever.
            messages.Add(state.IsStopping
                ? new Message.Withdraw(id, state.Version)
                : new Message.SetPaused(id, state.IsPaused));
        }

        int limit = Math.Min(state.TaskCount, cursor + SweepLength);
        int index = cursor;
        while (index < limit && messages.Count < SweepMessagesMax)
        {
            int end = EndOfAlike(state, index, limit);
            if (MessageFor(id, state, index, end - index) is { } message)
            {
                messages.Add(message);
            }

            index = end;
        }

        return (messages.DrainToImmutable(), index < state.TaskCount ? index : null);
    }

    /// <summary>What follows from new outcomes: dependents that are free now, or never will be.</summary>
    private static IEnumerable<Message> FollowsFrom(
        JobId id, JobState before, JobState next, ImmutableArray<OutcomeRecord> outcomes)
    {
        if (next.Graph is not { } graph || next.IsStopping)
        {
            return [];
        }

        SortedSet<int> changed = [];
        foreach (OutcomeRecord o in outcomes)
        {
            foreach (int dependent in graph.DependentsOf(o.Index))
            {
                if (next.Status[dependent] != before.Status[dependent])
                {
                    changed.Add(dependent);
                }
            }
        }

        return Told(id, next, changed);
    }

    /// <summary>The messages for given tasks, neighbours that are alike in one.</summary>
    private static IEnumerable<Message> Told(JobId id, JobState state, IEnumerable<int> tasks)
    {
        foreach (IndexRange range in Ranges([.. tasks.Order()]))
        {
            int end = range.First + range.Count;
            for (int first = range.First; first < end;)
            {
                int next = EndOfAlike(state, first, end);
                if (MessageFor(id, state, first, next - first) is { } message)
                {
                    yield return message;
                }

                first = next;
            }
        }
    }

    private static Message? MessageFor(JobId id, JobState state, int first, int count)
    {
        JobTaskStatus status = state.Status[first];
        if (IsEnded(status))
        {
            return null;
        }

        if (state.IsStopping)
        {
            return new Message.Cancel(id, first, count, state.RunOf(first));
        }

        switch (status)
        {
            case JobTaskStatus.Released:
                TaskSegment segment = state.SegmentOf(first).Segment;
                return new Message.Offer(
                    id,
                    first,
                    count,
                    state.RunOf(first),
                    Token: 0,
                    state.Version,
                    segment.Kind,
                    segment.Priority,
                    segment.NotBefore);
            case JobTaskStatus.SkipAsked:
                return new Message.Skip(id, first, count, state.RunOf(first), CauseOf(state, first));
            default:
                return null;
        }
    }

    private static int EndOfAlike(JobState state, int first, int limit)
    {
        JobTaskStatus status = state.Status[first];
        int run = state.RunOf(first);
        int end = first + 1;
        int? cause = status == JobTaskStatus.SkipAsked && !state.IsStopping ? CauseOf(state, first) : null;
        limit = status == JobTaskStatus.Released ? Math.Min(limit, state.SegmentOf(first).End) : limit;
        while (end < limit && state.Status[end] == status && state.RunOf(end) == run
            && (cause is null || cause == CauseOf(state, end)))
        {
            end++;
        }

        return end;
    }

    private static int CauseOf(JobState state, int index)
    {
        foreach (int dependency in state.Graph!.DependenciesOf(index))
        {
            if (IsEndedBadly(state.Status[dependency]))
            {
                return dependency;
            }
        }

        throw new System.Diagnostics.UnreachableException(
            $"Task {index} is to be skipped, but no dependency ended badly.");
    }
}

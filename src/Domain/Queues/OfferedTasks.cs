using Elasticity.Domain.Jobs;

namespace Elasticity.Domain.Queues;

/// <summary>
/// Which tasks a queue holds, so that an offer that comes again changes nothing: whoever recovers may offer everything.
/// Not thread-safe; deterministic. A million tasks offered as one range cost one entry.
/// </summary>
public sealed class OfferedTasks
{
    // By job and run: ranges in order that neither touch nor overlap.
    private readonly Dictionary<JobId, Dictionary<int, List<IndexRange>>> _jobs = [];

    /// <summary>How many runs of jobs are remembered: those with a task that is held.</summary>
    internal int RunCount => _jobs.Values.Sum(j => j.Count);

    /// <summary>How many ranges are kept.</summary>
    internal int RangeCount => _jobs.Values.SelectMany(j => j.Values).Sum(r => r.Count);

    /// <summary>How many jobs are remembered: those with a task that is held.</summary>
    internal int JobCount => _jobs.Count;

    /// <summary>Notes an offer.</summary>
    /// <param name="offer">The tasks.</param>
    /// <returns>Those of them that were not held yet, in order; may be nothing.</returns>
    public IReadOnlyList<Message.Offer> Add(Message.Offer offer)
    {
        if (!_jobs.TryGetValue(offer.Job, out Dictionary<int, List<IndexRange>>? runs))
        {
            _jobs.Add(offer.Job, runs = []);
        }

        if (!runs.TryGetValue(offer.Run, out List<IndexRange>? ranges))
        {
            runs.Add(offer.Run, ranges = []);
        }

        List<Message.Offer> fresh = [];
        int first = offer.First;
        int end = offer.First + offer.Count;
        int from = FirstTouching(ranges, first);
        int to = from;
        (int mergedFirst, int mergedEnd) = (first, end);
        for (; to < ranges.Count && ranges[to].First <= end; to++)
        {
            IndexRange held = ranges[to];
            mergedFirst = Math.Min(mergedFirst, held.First);
            mergedEnd = Math.Max(mergedEnd, EndOf(held));
            if (held.First > first)
            {
                fresh.Add(offer with { First = first, Count = held.First - first });
            }

            first = Math.Max(first, EndOf(held));
        }

        if (end > first)
        {
            fresh.Add(offer with { First = first, Count = end - first });
        }

        ranges.RemoveRange(from, to - from);
        ranges.Insert(from, new IndexRange(mergedFirst, mergedEnd - mergedFirst));
        return fresh;
    }

    /// <summary>Notes that a task was taken out.</summary>
    /// <param name="task">The task; nothing happens when it is not held.</param>
    public void Remove(ReadyTask task)
    {
        if (!_jobs.TryGetValue(task.Task.Job, out Dictionary<int, List<IndexRange>>? runs)
            || !runs.TryGetValue(task.Run, out List<IndexRange>? ranges))
        {
            return;
        }

        int index = task.Task.Index;
        int place = FirstTouching(ranges, index + 1);
        if (place == ranges.Count || ranges[place].First > index)
        {
            return;
        }

        IndexRange held = ranges[place];
        int before = index - held.First;
        int after = EndOf(held) - index - 1;
        switch (before, after)
        {
            case (0, 0): ranges.RemoveAt(place); break;
            case (0, _): ranges[place] = new IndexRange(index + 1, after); break;
            case (_, 0): ranges[place] = held with { Count = before }; break;
            default:
                ranges[place] = held with { Count = before };
                ranges.Insert(place + 1, new IndexRange(index + 1, after));
                break;
        }

        if (ranges.Count == 0)
        {
            Forget(task.Task.Job, runs, task.Run);
        }
    }

    /// <summary>Forgets all tasks of a job.</summary>
    /// <param name="job">The job.</param>
    public void Withdraw(JobId job) => _jobs.Remove(job);

    private void Forget(JobId job, Dictionary<int, List<IndexRange>> runs, int run)
    {
        runs.Remove(run);
        if (runs.Count == 0)
        {
            _jobs.Remove(job);
        }
    }

    /// <summary>The place of the first range that ends at an index or after it.</summary>
    private static int FirstTouching(List<IndexRange> ranges, int index)
    {
        int low = 0;
        int high = ranges.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = EndOf(ranges[middle]) < index ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static int EndOf(IndexRange range) => range.First + range.Count;
}

namespace Elasticity.Domain.Queues;

/// <summary>What a queue gave away a moment ago. A sweep, which asks jobs what they wait for, may still offer it: it
/// does not know yet. Not thread-safe; deterministic.</summary>
public sealed class HandedOutTasks
{
    private readonly Dictionary<JobId, SortedSet<(int Run, int Index)>> _jobs = [];
    private readonly Dictionary<ReadyTask, TimeSpan> _last = [];
    private readonly Queue<(TimeSpan At, ReadyTask Task)> _order = new(); // Once each time.

    // A sweep that asked just before may offer them still; their own offers, as after a redrive, come otherwise.
    private readonly Dictionary<JobId, TimeSpan> _withdrawn = [];

    /// <summary>How much is remembered: jobs, and tasks in two ways.</summary>
    internal (int Jobs, int Tasks, int Times) Counts => (_jobs.Count, _last.Count, _order.Count);

    /// <summary>Notes a task that was given to somebody.</summary>
    /// <param name="task">The task.</param>
    /// <param name="now">Monotonic, never less than before.</param>
    public void Add(ReadyTask task, TimeSpan now)
    {
        if (!_jobs.TryGetValue(task.Task.Job, out SortedSet<(int Run, int Index)>? tasks))
        {
            _jobs.Add(task.Task.Job, tasks = []);
        }

        tasks.Add((task.Run, task.Task.Index));
        _last[task] = now;
        _order.Enqueue((now, task));
    }

    /// <summary>Notes a job that gave up what it had offered.</summary>
    /// <param name="job">The job.</param>
    /// <param name="now">Monotonic.</param>
    public void Withdraw(JobId job, TimeSpan now) => _withdrawn[job] = now;

    /// <summary>What of a sweep's offer is news.</summary>
    /// <param name="offer">The offer.</param>
    /// <returns>The rest of it, in order.</returns>
    public IEnumerable<Message.Offer> Without(Message.Offer offer)
    {
        if (_withdrawn.ContainsKey(offer.Job))
        {
            return [];
        }

        return _jobs.TryGetValue(offer.Job, out SortedSet<(int Run, int Index)>? tasks)
            ? offer.Without(tasks
                .GetViewBetween((offer.Run, offer.First), (offer.Run, offer.First + offer.Count - 1))
                .Select(t => t.Index))
            : [offer];
    }

    /// <summary>Forgets what is long ago.</summary>
    /// <param name="before">Monotonic: what was noted before.</param>
    public void Forget(TimeSpan before)
    {
        while (_order.TryPeek(out (TimeSpan At, ReadyTask Task) oldest) && oldest.At < before)
        {
            (TimeSpan at, ReadyTask task) = _order.Dequeue();
            if (_last.GetValueOrDefault(task, TimeSpan.MaxValue) != at)
            {
                continue; // It was given back, and given away again.
            }

            _last.Remove(task);
            SortedSet<(int Run, int Index)> tasks = _jobs[task.Task.Job];
            tasks.Remove((task.Run, task.Task.Index));
            if (tasks.Count == 0)
            {
                _jobs.Remove(task.Task.Job);
            }
        }

        foreach (JobId job in _withdrawn.Where(w => w.Value < before).Select(w => w.Key).ToArray())
        {
            _withdrawn.Remove(job);
        }
    }
}

namespace Elasticity.Domain.Queues;

/// <summary>What a queue gave away a moment ago. A sweep, which asks jobs and tasks what they wait for, may still offer
/// it: it does not know yet. What is offered since, of a new run or after another lease, is news. Not thread-safe;
/// deterministic.</summary>
public sealed class HandedOutTasks
{
    private readonly Dictionary<JobId, SortedSet<(int Run, int Index)>> _jobs = [];
    private readonly Dictionary<(TaskId Task, int Run), (TimeSpan At, long Token)> _last = [];
    private readonly Queue<(TimeSpan At, TaskId Task, int Run)> _order = new(); // Once each time.

    // A sweep that asked just before may offer them still.
    private readonly Dictionary<JobId, (TimeSpan At, long Version)> _withdrawn = [];

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
        long before = _last.GetValueOrDefault((task.Task, task.Run)).Token;
        _last[(task.Task, task.Run)] = (now, Math.Max(before, task.Token));
        _order.Enqueue((now, task.Task, task.Run));
    }

    /// <summary>Notes a job that gave up what it had offered.</summary>
    /// <param name="withdrawal">What it said.</param>
    /// <param name="now">Monotonic.</param>
    public void Withdraw(Message.Withdraw withdrawal, TimeSpan now)
    {
        long before = _withdrawn.GetValueOrDefault(withdrawal.Job).Version;
        _withdrawn[withdrawal.Job] = (now, Math.Max(before, withdrawal.Version));
    }

    /// <summary>What of a sweep's offer is news.</summary>
    /// <param name="offer">The offer.</param>
    /// <returns>The rest of it, in order.</returns>
    public IEnumerable<Message.Offer> Without(Message.Offer offer)
    {
        if (_withdrawn.TryGetValue(offer.Job, out (TimeSpan At, long Version) withdrawn)
            && offer.Version <= withdrawn.Version)
        {
            return [];
        }

        return _jobs.TryGetValue(offer.Job, out SortedSet<(int Run, int Index)>? tasks)
            ? offer.Without(tasks
                .GetViewBetween((offer.Run, offer.First), (offer.Run, offer.First + offer.Count - 1))
                .Where(t => _last[(new TaskId(offer.Job, t.Index), t.Run)].Token >= offer.Token)
                .Select(t => t.Index))
            : [offer];
    }

    /// <summary>Forgets what is long ago.</summary>
    /// <param name="before">Monotonic: what was noted before.</param>
    public void Forget(TimeSpan before)
    {
        while (_order.TryPeek(out (TimeSpan At, TaskId Task, int Run) oldest) && oldest.At < before)
        {
            (TimeSpan at, TaskId task, int run) = _order.Dequeue();
            if (!_last.TryGetValue((task, run), out (TimeSpan At, long Token) last) || last.At != at)
            {
                continue; // It was given back, and given away again.
            }

            _last.Remove((task, run));
            SortedSet<(int Run, int Index)> tasks = _jobs[task.Job];
            tasks.Remove((run, task.Index));
            if (tasks.Count == 0)
            {
                _jobs.Remove(task.Job);
            }
        }

        foreach (JobId job in _withdrawn.Where(w => w.Value.At < before).Select(w => w.Key).ToArray())
        {
            _withdrawn.Remove(job);
        }
    }
}

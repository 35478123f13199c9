using System.Collections.Immutable;
using Elasticity.Domain.Tasks;

namespace Elasticity.Domain.Leases;

/// <summary>
/// The live leases, their deadlines and what heartbeats make of them. Not stored: it is rebuilt from the leased tasks.
/// Not thread-safe; deterministic. All times are monotonic, see <see cref="Instant.Monotonic"/>.
/// </summary>
public sealed class LeaseBook
{
    /// <summary>Below so many deadlines, tidying up is not worth it.</summary>
    internal const int DeadlinesMin = 4_096;

    private readonly Dictionary<TaskId, Entry> _entries = [];
    private readonly Dictionary<Holder, HashSet<TaskId>> _holders = [];
    private readonly PriorityQueue<(TaskId Task, long Token), TimeSpan> _deadlines = new();

    /// <summary>How many leases are live.</summary>
    public int Count => _entries.Count;

    /// <summary>The shortest lease ever minded; null before the first. The engine's clock is late by it.</summary>
    public TimeSpan? ShortestLength { get; private set; }

    /// <summary>When the next lease may run out; null when no lease is waited for. Early after renewals and for leases
    /// that ended before their deadline, never late.</summary>
    public TimeSpan? NextDeadline => _deadlines.TryPeek(out _, out TimeSpan deadline) ? deadline : null;

    /// <summary>How many deadlines are kept, those of ended leases among them.</summary>
    internal int DeadlineCount => _deadlines.Count;

    /// <summary>How many holders are remembered: those with a lease.</summary>
    internal int HolderCount => _holders.Count;

    /// <summary>Minds a lease. Minding it again changes nothing but what <paramref name="watch"/> says of
    /// cancelling.</summary>
    /// <param name="watch">The lease.</param>
    /// <param name="now">Monotonic.</param>
    /// <param name="isRestored">It was granted before this start of the engine: it has one full length of grace from
    /// now, and counts as not confirmed.</param>
    public void Watch(Message.WatchLease watch, TimeSpan now, bool isRestored = false)
    {
        if (_entries.TryGetValue(watch.Task, out Entry? known) && known.Lease.Token >= watch.Lease.Token)
        {
            known.IsCancelRequested |= known.Lease.Token == watch.Lease.Token && watch.IsCancelRequested;
            return;
        }

        Forget(watch.Task, long.MaxValue);
        Entry entry = new(watch.Task, watch.Lease, watch.Length)
        {
            Deadline = now + watch.Length,
            IsCancelRequested = watch.IsCancelRequested,
            IsGraceUsed = isRestored,
        };
        _entries.Add(watch.Task, entry);
        if (!_holders.TryGetValue(watch.Lease.Holder, out HashSet<TaskId>? tasks))
        {
            _holders.Add(watch.Lease.Holder, tasks = []);
        }

        tasks.Add(watch.Task);
        _deadlines.Enqueue((watch.Task, watch.Lease.Token), entry.Deadline);
        ForgetOldDeadlines();
        ShortestLength = ShortestLength < watch.Length ? ShortestLength : watch.Length;
    }

    /// <summary>Stops minding a lease.</summary>
    /// <param name="task">The task.</param>
    /// <param name="token">The lease, and any before it.</param>
    public void Forget(TaskId task, long token)
    {
        if (!_entries.TryGetValue(task, out Entry? entry) || entry.Lease.Token > token)
        {
            return;
        }

        _entries.Remove(task);
        HashSet<TaskId> tasks = _holders[entry.Lease.Holder];
        tasks.Remove(task);
        if (tasks.Count == 0)
        {
            _holders.Remove(entry.Lease.Holder);
        }
    }

    /// <summary>A heartbeat says that somebody works on a lease.</summary>
    /// <param name="holder">Who.</param>
    /// <param name="task">The task.</param>
    /// <param name="token">The lease.</param>
    /// <param name="progress">What the agent says of its progress; null keeps what it said before.</param>
    /// <param name="now">Monotonic.</param>
    /// <returns>What to answer.</returns>
    public LeaseAnswer Renew(Holder holder, TaskId task, long token, string? progress, TimeSpan now)
    {
        if (!_entries.TryGetValue(task, out Entry? entry) || entry.Lease.Token < token)
        {
            return LeaseAnswer.Unknown;
        }

        if (entry.Lease.Token > token || entry.Lease.Holder != holder)
        {
            return LeaseAnswer.Lost;
        }

        entry.Deadline = now + entry.Length;
        entry.IsConfirmed = true;
        entry.IsGraceUsed = false; // The agent lives; only for one that says nothing grace ends.
        entry.Progress = progress ?? entry.Progress;
        return entry.IsCancelRequested ? LeaseAnswer.CancelRequested : LeaseAnswer.Renewed;
    }

    /// <summary>Takes out the leases that ran out. They are minded no longer.</summary>
    /// <param name="now">Monotonic.</param>
    /// <param name="limit">The most to take out at once; at least 1.</param>
    /// <returns>The leases, those due first before the others.</returns>
    public IReadOnlyList<DueLease> TakeDue(TimeSpan now, int limit)
    {
        List<DueLease> due = [];
        while (
            due.Count < limit && _deadlines.TryPeek(out (TaskId Task, long Token) next, out TimeSpan at) && at <= now)
        {
            _deadlines.Dequeue();
            if (!_entries.TryGetValue(next.Task, out Entry? entry) || entry.Lease.Token != next.Token)
            {
                continue; // Ended since.
            }

            if (entry.Deadline > now)
            {
                _deadlines.Enqueue(next, entry.Deadline); // Renewed since.
                continue;
            }

            Forget(next.Task, next.Token);
            due.Add(new DueLease(next.Task, next.Token, entry.IsConfirmed));
        }

        return due;
    }

    /// <summary>Gives leases one full length from now: the engine itself was away, so that nobody could renew. Once per
    /// token until the next heartbeat, so that an engine that stalls again and again does not keep the leases of a dead
    /// agent alive.</summary>
    /// <param name="now">Monotonic.</param>
    public void GiveGrace(TimeSpan now)
    {
        foreach (Entry entry in _entries.Values)
        {
            if (!entry.IsGraceUsed)
            {
                entry.IsGraceUsed = true;
                entry.Deadline = now + entry.Length; // Never earlier: the old one is a length after an instant before.
            }
        }
    }

    /// <summary>The leases that somebody holds.</summary>
    /// <param name="holder">Who.</param>
    /// <returns>The leases; empty for none.</returns>
    public IReadOnlyList<WatchedLease> OfHolder(Holder holder) =>
        _holders.TryGetValue(holder, out HashSet<TaskId>? tasks)
        ? [.. tasks.Select(t => _entries[t].Seen())]
        : [];

    /// <summary>The leases that one lease request was given, as far as they still live.</summary>
    /// <param name="holder">Who asked.</param>
    /// <param name="request">The id of the request.</param>
    /// <param name="max">How many it asked for. Where two calls of one request were served at once it was given more:
    /// those are never confirmed, and come back when one length is over.</param>
    /// <returns>Its leases, at most <paramref name="max"/>; empty when it was given none.</returns>
    public ImmutableArray<WatchedLease> OfRequest(Holder holder, string request, int max)
    {
        ImmutableArray<WatchedLease>.Builder? found = null;
        foreach (TaskId task in _holders.TryGetValue(holder, out HashSet<TaskId>? tasks) ? tasks : [])
        {
            if (found?.Count >= max)
            {
                break;
            }

            if (_entries[task].Lease.Request == request)
            {
                (found ??= ImmutableArray.CreateBuilder<WatchedLease>()).Add(_entries[task].Seen());
            }
        }

        return found?.DrainToImmutable() ?? [];
    }

    /// <summary>How many leases somebody holds.</summary>
    /// <param name="holder">Who.</param>
    /// <returns>0 or more.</returns>
    public int CountOf(Holder holder) =>
        _holders.TryGetValue(holder, out HashSet<TaskId>? tasks) ? tasks.Count : 0;

    /// <summary>The lease of a task.</summary>
    /// <param name="task">The task.</param>
    /// <returns>The lease, or null.</returns>
    public WatchedLease? Find(TaskId task) => _entries.TryGetValue(task, out Entry? entry) ? entry.Seen() : null;

    /// <summary>The deadlines of leases that ended long before them would pile up: half of the heap is the most that
    /// may be dead.</summary>
    private void ForgetOldDeadlines()
    {
        if (_deadlines.Count <= DeadlinesMin || _deadlines.Count <= 2 * _entries.Count)
        {
            return;
        }

        _deadlines.Clear();
        _deadlines.EnqueueRange(_entries.Values.Select(e => ((e.Task, e.Lease.Token), e.Deadline)));
    }

    private sealed class Entry(TaskId task, Lease lease, TimeSpan length)
    {
        public TaskId Task => task;

        public Lease Lease => lease;

        public TimeSpan Length => length;

        public TimeSpan Deadline { get; set; }

        public bool IsConfirmed { get; set; }

        public bool IsCancelRequested { get; set; }

        public bool IsGraceUsed { get; set; }

        public string? Progress { get; set; }

        public WatchedLease Seen() => new(task, lease, Deadline, IsConfirmed, IsCancelRequested, Progress);
    }
}

/// <summary>What a heartbeat is answered for one lease.</summary>
public enum LeaseAnswer
{
    /// <summary>Extended by its full length.</summary>
    Renewed,

    /// <summary>Extended, but the job asks to stop.</summary>
    CancelRequested,

    /// <summary>Another lease of the task is current: stop.</summary>
    Lost,

    /// <summary>The book does not know it: ask the task before calling it lost.</summary>
    Unknown,
}

/// <summary>A lease that ran out.</summary>
/// <param name="Task">The task.</param>
/// <param name="Token">The lease.</param>
/// <param name="IsConfirmed">A heartbeat confirmed it once: it expired. Otherwise it was lost: nobody knows that the
/// agent ever had it.</param>
public readonly record struct DueLease(TaskId Task, long Token, bool IsConfirmed);

/// <summary>A live lease as it stands.</summary>
/// <param name="Task">The task.</param>
/// <param name="Lease">The lease.</param>
/// <param name="Deadline">Monotonic.</param>
/// <param name="IsConfirmed">A heartbeat confirmed it.</param>
/// <param name="IsCancelRequested">The job asks to stop.</param>
/// <param name="Progress">What the agent said last; null for nothing.</param>
public sealed record WatchedLease(
    TaskId Task, Lease Lease, TimeSpan Deadline, bool IsConfirmed, bool IsCancelRequested, string? Progress);

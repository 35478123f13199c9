using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Leases;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;

namespace Elasticity.Cli.Work;

/// <summary>What a worker holds: leased tasks that wait for a slot, that run, and that wait to be recorded.</summary>
/// <remarks>
/// Safe for concurrent use. What was started and is not recorded yet is what a crash wastes: it is never more than
/// twice the slots.
/// </remarks>
internal sealed class WorkBook(int slots, int ahead)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TaskId, HeldTask> _held = [];
    private readonly Queue<HeldTask> _waiting = new();
    private List<HeldTask> _finished = [];
    private int _running;
    private int _unrecorded;
    private bool _isDraining;

    /// <summary>The shortest lease seen; null before the first.</summary>
    public TimeSpan? ShortestLease { get; private set; }

    /// <summary>How many more tasks it wants to lease.</summary>
    public int Room
    {
        get
        {
            lock (_gate)
            {
                return _isDraining ? 0 : Math.Max(0, slots + ahead - _held.Count);
            }
        }
    }

    /// <summary>How many tasks run.</summary>
    public int Running
    {
        get
        {
            lock (_gate)
            {
                return _running;
            }
        }
    }

    /// <summary>Whether nothing is held.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                return _held.Count == 0;
            }
        }
    }

    /// <summary>Takes leased tasks in. One that is held already, because a request was repeated, is not taken
    /// twice.</summary>
    public void Add(ImmutableArray<LeasedTask> tasks)
    {
        lock (_gate)
        {
            foreach (LeasedTask task in tasks)
            {
                if (_held.TryGetValue(task.Task, out HeldTask? older))
                {
                    if (older.Task.Token >= task.Token)
                    {
                        continue;
                    }

                    Lose(older);
                }

                HeldTask held = new(task);
                _held[task.Task] = held;
                _waiting.Enqueue(held);
                ShortestLease = ShortestLease < task.LeaseLength ? ShortestLease : task.LeaseLength;
            }

            if (_isDraining)
            {
                ReturnWaiting();
            }
        }
    }

    /// <summary>The next task to execute, if a slot is free.</summary>
    public HeldTask? TryStart()
    {
        lock (_gate)
        {
            while (_running < slots && _running + _unrecorded < 2 * slots && _waiting.TryDequeue(out HeldTask? held))
            {
                if (held.IsLost)
                {
                    continue;
                }

                _running++;
                return held;
            }

            return null;
        }
    }

    /// <summary>A task was executed.</summary>
    public void Finish(HeldTask held, Settlement settlement)
    {
        lock (_gate)
        {
            _running--;
            held.Dispose();
            if (!held.IsLost)
            {
                held.Settlement = settlement;
                _unrecorded++;
                _finished.Add(held);
            }
        }
    }

    /// <summary>What waits to be recorded; it is still held.</summary>
    public IReadOnlyList<HeldTask> TakeFinished(int max)
    {
        lock (_gate)
        {
            _finished.RemoveAll(h => h.IsLost && Uncount());
            List<HeldTask> taken = _finished.Count <= max ? _finished : _finished[..max];
            _finished = _finished.Count <= max ? [] : _finished[max..];
            return taken;
        }

        bool Uncount()
        {
            _unrecorded--;
            return true;
        }
    }

    /// <summary>The engine has the results, or does not want them: they are held no longer.</summary>
    public void Release(IReadOnlyList<HeldTask> recorded)
    {
        lock (_gate)
        {
            foreach (HeldTask held in recorded)
            {
                _unrecorded--;
                Forget(held);
            }
        }
    }

    /// <summary>What a heartbeat says.</summary>
    public ImmutableArray<HeldLease> Leases()
    {
        lock (_gate)
        {
            return [.. _held.Values.Select(h => new HeldLease(h.Task.Task, h.Task.Token))];
        }
    }

    /// <summary>What a heartbeat was answered.</summary>
    /// <param name="leases">What it said.</param>
    /// <param name="answers">The answers, in that order.</param>
    public void Heed(ImmutableArray<HeldLease> leases, ImmutableArray<LeaseAnswer> answers)
    {
        lock (_gate)
        {
            for (int i = 0; i < leases.Length; i++)
            {
                if (!_held.TryGetValue(leases[i].Task, out HeldTask? held) || held.Task.Token != leases[i].Token
                    || held.Settlement is not null)
                {
                    continue; // Ended meanwhile; the engine's verdict on the result says the rest.
                }

                if (answers[i] == LeaseAnswer.Lost)
                {
                    Lose(held);
                }
                else if (answers[i] == LeaseAnswer.CancelRequested)
                {
                    held.Stop();
                }
            }
        }
    }

    /// <summary>The session is over: nothing that is held counts any more.</summary>
    public void LoseAll()
    {
        lock (_gate)
        {
            foreach (HeldTask held in _held.Values.ToArray())
            {
                Lose(held);
            }
        }
    }

    /// <summary>Takes nothing new, gives back what waits, stops what runs.</summary>
    public void Drain()
    {
        lock (_gate)
        {
            _isDraining = true;
            ReturnWaiting();
            foreach (HeldTask held in _held.Values.Where(h => h.Settlement is null))
            {
                held.Stop();
            }
        }
    }

    private void ReturnWaiting()
    {
        while (_waiting.TryDequeue(out HeldTask? held))
        {
            if (!held.IsLost)
            {
                held.Settlement = new Settlement.GivenBack();
                _unrecorded++;
                _finished.Add(held);
            }
        }
    }

    private void Lose(HeldTask held)
    {
        held.IsLost = true;
        Forget(held);
        if (held.Settlement is null)
        {
            held.Stop();
        }
    }

    private void Forget(HeldTask held)
    {
        if (_held.TryGetValue(held.Task.Task, out HeldTask? current) && ReferenceEquals(current, held))
        {
            _held.Remove(held.Task.Task);
        }
    }
}

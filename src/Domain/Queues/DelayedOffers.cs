namespace Elasticity.Domain.Queues;

/// <summary>Offers that wait for their not-before, those due first before the others.</summary>
/// <remarks>
/// The offers of a withdrawn job stay in the heap as void entries until they come up, but not more of them than of live
/// ones: a job withdrawn today may have asked for next year.
/// </remarks>
internal sealed class DelayedOffers
{
    /// <summary>Below so many entries, tidying up is not worth it.</summary>
    internal const int VoidMin = 64;

    private readonly PriorityQueue<Message.Offer, (DateTimeOffset At, long Order)> _heap = new();
    private readonly Dictionary<JobId, (int Offers, int Tasks)> _live = [];
    private readonly Dictionary<JobId, long> _withdrawn = []; // Offers taken in before this one are void.
    private int _void;
    private long _order;

    /// <summary>How many tasks wait.</summary>
    public int TaskCount { get; private set; }

    /// <summary>How many entries there are, void ones among them.</summary>
    public int EntryCount => _heap.Count;

    /// <summary>How many jobs are remembered: those with an offer, and those that withdrew theirs.</summary>
    internal (int Live, int Withdrawn) JobCounts => (_live.Count, _withdrawn.Count);

    /// <summary>When the next one is due, UTC; null when there is none.</summary>
    public DateTimeOffset? NextDue =>
        _heap.TryPeek(out _, out (DateTimeOffset At, long Order) next) ? next.At : null;

    public void Add(Message.Offer offer, DateTimeOffset due)
    {
        _heap.Enqueue(offer, (due, _order++));
        Count(offer.Job, 1, offer.Count);
    }

    public bool TryTakeDue(DateTimeOffset now, out Message.Offer offer)
    {
        if (!_heap.TryPeek(out offer!, out (DateTimeOffset At, long Order) next) || next.At > now)
        {
            return false;
        }

        _heap.Dequeue();
        Count(offer.Job, -1, -offer.Count);
        DropVoidAtHead();
        return true;
    }

    public void Withdraw(JobId job)
    {
        if (!_live.Remove(job, out (int Offers, int Tasks) gone))
        {
            return;
        }

        TaskCount -= gone.Tasks;
        _void += gone.Offers;
        _withdrawn[job] = _order;
        DropVoidAtHead();
        if (Math.Max(_void, _withdrawn.Count) > Math.Max(VoidMin, _heap.Count / 2))
        {
            Tidy();
        }
    }

    private void Count(JobId job, int offers, int tasks)
    {
        TaskCount += tasks;
        (int Offers, int Tasks) live = _live.GetValueOrDefault(job);
        live = (live.Offers + offers, live.Tasks + tasks);
        if (live.Offers > 0)
        {
            _live[job] = live;
        }
        else
        {
            _live.Remove(job);
        }
    }

    private bool IsVoid(Message.Offer offer, long order) =>
        _withdrawn.TryGetValue(offer.Job, out long before) && order < before;

    // So that the head, which NextDue tells, is always live.
    private void DropVoidAtHead()
    {
        while (_heap.TryPeek(out Message.Offer? offer, out (DateTimeOffset At, long Order) next)
            && IsVoid(offer, next.Order))
        {
            _heap.Dequeue();
            _void--;
        }
    }

    private void Tidy()
    {
        (Message.Offer Offer, (DateTimeOffset At, long Order) Due)[] live =
            [.. _heap.UnorderedItems.Where(e => !IsVoid(e.Element, e.Priority.Order))];
        _heap.Clear();
        _heap.EnqueueRange(live);
        _withdrawn.Clear();
        _void = 0;
    }
}

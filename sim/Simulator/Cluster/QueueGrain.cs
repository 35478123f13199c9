using System.Collections.Immutable;
using System.Diagnostics;
using Elasticity.Domain;
using Elasticity.Domain.Queues;

namespace Elasticity.Simulator.Cluster;

/// <summary>The ready tasks of one kind, in memory only: see <c>src/Grains/QueueGrain.cs</c>.</summary>
internal sealed class QueueGrain(SiloProcess silo, string key) : Grain(silo, key)
{
    private static readonly TimeSpan HandOutTime = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan IdleMax = TimeSpan.FromMinutes(5);

    private const int RemindersMissed = 3;

    private readonly ReadyQueue _ready = new();
    private readonly OfferedTasks _offered = new();
    private readonly HandedOutTasks _handedOut = new();
    private readonly HeardPauses _pauses = new();
    private readonly LinkedList<Waiter> _waiting = new();
    private readonly Dictionary<Guid, TimeSpan> _abandoned = [];
    private TimeSpan _usedAt;

    /// <summary>What it would hand out now.</summary>
    public int ReadyCount => _ready.ReadyCount;

    /// <summary>How long it believes that a job is paused of which nobody speaks any more.</summary>
    public static TimeSpan PausesKept(Plan plan) => RemindersMissed * plan.Reminder;

    public override Task ActivateAsync()
    {
        _usedAt = Silo.Monotonic;
        Every(Silo.Plan.GrainTick, TickAsync);
        Silo.Cluster.Nudge(Silo); // It is new, and empty: what it should hold is to be offered again.
        return Task.CompletedTask;
    }

    public Task TellAsync(ImmutableArray<Message> messages, bool isSweep)
    {
        _usedAt = Silo.Monotonic;
        foreach (Message message in messages)
        {
            switch (message)
            {
                case Message.Offer m: Add(m, isSweep); break;
                case Message.SetPaused m: SetPaused(m.Job, m.IsPaused); break;
                case Message.Withdraw m:
                    _ready.Withdraw(m.Job);
                    _offered.Withdraw(m.Job);
                    _handedOut.Withdraw(m, Silo.Monotonic);
                    _pauses.Hear(m.Job, isPaused: false, Silo.Monotonic);
                    break;
                default: throw new UnreachableException($"A queue is not told {message.GetType().Name}.");
            }
        }

        WakeSome();
        return Task.CompletedTask;
    }

    public Task<ImmutableArray<ReadyTask>> TakeAsync(int max)
    {
        _usedAt = Silo.Monotonic;
        _ready.Advance(Silo.Utc);
        ImmutableArray<ReadyTask>.Builder taken = ImmutableArray.CreateBuilder<ReadyTask>();
        while (taken.Count < max && _ready.TryTake(out ReadyTask task))
        {
            _offered.Remove(task);
            _handedOut.Add(task, Silo.Monotonic);
            taken.Add(task);
        }

        return Task.FromResult(taken.DrainToImmutable());
    }

    /// <summary>Waits until there may be a task, in the order of the calls.</summary>
    public async Task WaitAsync(Guid ticket, TimeSpan wait)
    {
        if (_ready.TryPeek(out _) || _abandoned.Remove(ticket))
        {
            return;
        }

        LinkedListNode<Waiter> node = _waiting.AddLast(new Waiter(ticket));
        await Task.WhenAny(node.Value.Woken.Task, Silo.DelayAsync(wait));
        if (node.List is not null)
        {
            _waiting.Remove(node);
        }
    }

    public Task AbandonAsync(Guid ticket)
    {
        if (!Wake(w => w.Ticket == ticket))
        {
            _abandoned[ticket] = Silo.Monotonic;
        }

        return Task.CompletedTask;
    }

    protected override void Left() => Wake(static _ => true); // They ask again, and find the next activation.

    private Task TickAsync()
    {
        TimeSpan now = Silo.Monotonic;
        _ready.Advance(Silo.Utc);
        WakeSome();
        _handedOut.Forget(now - HandOutTime);
        foreach (JobId job in _pauses.TakeUnheard(now - PausesKept(Silo.Plan)))
        {
            Drop(job);
        }

        foreach (Guid ticket in _abandoned.Where(a => now - a.Value > HandOutTime).Select(a => a.Key).ToArray())
        {
            _abandoned.Remove(ticket);
        }

        if (_waiting.Count > 0 || _ready.ReadyCount + _ready.DelayedCount > 0)
        {
            _usedAt = now;
        }
        else if (now - _usedAt > IdleMax)
        {
            Silo.Cluster.Forget(Silo, new GrainId(GrainKind.Queue, Key));
        }

        return Task.CompletedTask;
    }

    private void SetPaused(JobId job, bool isPaused)
    {
        _pauses.Hear(job, isPaused, Silo.Monotonic);
        _ready.SetPaused(job, isPaused);
    }

    private void Drop(JobId job)
    {
        _ready.Withdraw(job);
        _offered.Withdraw(job);
        _ready.SetPaused(job, isPaused: true);
    }

    private void Add(Message.Offer offer, bool isSweep)
    {
        IEnumerable<Message.Offer> offers = isSweep ? _handedOut.Without(offer) : [offer];
        foreach (Message.Offer fresh in offers.SelectMany(_offered.Add).ToArray())
        {
            _ready.Add(fresh, Silo.Utc);
        }
    }

    private void WakeSome()
    {
        if (_ready.TryPeek(out _))
        {
            for (int i = _ready.ReadyCount; i > 0 && _waiting.First is { } first; i--)
            {
                Wake(first);
            }
        }
    }

    private bool Wake(Func<Waiter, bool> which)
    {
        bool isAny = false;
        for (LinkedListNode<Waiter>? node = _waiting.First, next; node is not null; node = next)
        {
            next = node.Next;
            if (which(node.Value))
            {
                Wake(node);
                isAny = true;
            }
        }

        return isAny;
    }

    private void Wake(LinkedListNode<Waiter> node)
    {
        _waiting.Remove(node);
        Silo.Soon(() => node.Value.Woken.TrySetResult());
    }

    private sealed record Waiter(Guid Ticket)
    {
        public TaskCompletionSource Woken { get; } = new();
    }
}

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
    private readonly WaitingLine _line = new();
    private readonly Dictionary<Guid, TaskCompletionSource> _waiting = [];
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

    public Task<ImmutableArray<ReadyTask>> TakeAsync(int max, Guid ticket)
    {
        _usedAt = Silo.Monotonic;
        _ready.Advance(Silo.Utc);
        int mine = _line.Ask(ticket, _ready.FreeCount);
        ImmutableArray<ReadyTask>.Builder taken = ImmutableArray.CreateBuilder<ReadyTask>();
        while (taken.Count < max && taken.Count < mine && _ready.TryTake(out ReadyTask task))
        {
            _offered.Remove(task);
            _handedOut.Add(task, Silo.Monotonic);
            taken.Add(task);
        }

        WakeSome(); // What it leaves.
        return Task.FromResult(taken.DrainToImmutable());
    }

    /// <summary>Waits until there may be a task, in the order of the calls.</summary>
    public async Task WaitAsync(Guid ticket, TimeSpan wait)
    {
        if (_abandoned.Remove(ticket))
        {
            return;
        }

        if (!_waiting.TryGetValue(ticket, out TaskCompletionSource? woken)) // A call may arrive twice.
        {
            woken = new TaskCompletionSource();
            _line.Join(ticket);
            _waiting.Add(ticket, woken);
        }

        WakeSome(); // There may be a task already.
        await Task.WhenAny(woken.Task, Silo.DelayAsync(wait));
        TryRelease(ticket); // Unless it was woken.
    }

    public Task AbandonAsync(Guid ticket)
    {
        if (_line.TryEndClaim(ticket))
        {
            WakeSome(); // It will not ask.
        }

        if (!TryRelease(ticket)) // Also who was woken may be about to wait again, for what has changed since.
        {
            _abandoned[ticket] = Silo.Monotonic;
        }

        return Task.CompletedTask;
    }

    protected override void Left() => ReleaseAll(); // They ask again, and find the next activation.

    private Task TickAsync()
    {
        TimeSpan now = Silo.Monotonic;
        _ready.Advance(Silo.Utc);
        _line.EndOldClaims();
        WakeSome();
        _line.Forget(now - HandOutTime);
        _handedOut.Forget(now - HandOutTime);
        foreach (JobId job in _pauses.TakeUnheard(now - PausesKept(Silo.Plan)))
        {
            Drop(job);
        }

        foreach (Guid ticket in _abandoned.Where(a => now - a.Value > HandOutTime).Select(a => a.Key).ToArray())
        {
            _abandoned.Remove(ticket);
        }

        if (_line.Count > 0 || _ready.ReadyCount + _ready.DelayedCount > 0)
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
        foreach (Guid ticket in _line.Wake(_ready.FreeCount, Silo.Monotonic))
        {
            Wake(ticket);
        }
    }

    private bool TryRelease(Guid ticket)
    {
        if (!_line.Leave(ticket, Silo.Monotonic))
        {
            return false;
        }

        Wake(ticket);
        return true;
    }

    private void ReleaseAll()
    {
        foreach (Guid ticket in _line.Tickets)
        {
            TryRelease(ticket);
        }
    }

    private void Wake(Guid ticket)
    {
        _waiting.Remove(ticket, out TaskCompletionSource? woken);
        Silo.Soon(() => woken!.SetResult());
    }
}

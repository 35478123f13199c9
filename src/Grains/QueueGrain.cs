using System.Collections.Immutable;
using System.Diagnostics;
using Elasticity.Domain;
using Elasticity.Domain.Queues;
using Elasticity.EventStore;
using Orleans.Concurrency;

namespace Elasticity.Grains;

/// <inheritdoc cref="IQueueGrain"/>
/// <param name="store">The log, for its number of shards.</param>
/// <param name="options">How often to tick.</param>
/// <param name="clock">The clocks.</param>
[Reentrant]
public sealed class QueueGrain(IEventStore store, GrainsOptions options, EngineClock clock) : Grain, IQueueGrain
{
    /// <summary>How often the registry is told again that this queue exists.</summary>
    private static readonly TimeSpan RegisterInterval = TimeSpan.FromSeconds(10);

    /// <summary>A registry that does not answer for so long is told later: a queue must not depend on it.</summary>
    private static readonly TimeSpan RegisterPatience = TimeSpan.FromSeconds(2);

    /// <summary>So long a task that was handed out is its front's: by then it is leased, or the front has
    /// died.</summary>
    private static readonly TimeSpan HandOutTime = TimeSpan.FromSeconds(10);

    /// <summary>A queue that was empty for so long, and that nobody asked, leaves memory.</summary>
    private static readonly TimeSpan IdleMax = TimeSpan.FromMinutes(5);

    /// <summary>After so many intervals in which reminders alone would have swept, a job that no sweep spoke of is not
    /// open.</summary>
    private const int SweepsMissed = 3;

    private readonly ReadyQueue _ready = new();
    private readonly OfferedTasks _offered = new();
    private readonly HandedOutTasks _handedOut = new();
    private readonly HeardPauses _pauses = new();
    private readonly WaitingLine _line = new();
    private readonly Dictionary<Guid, TaskCompletionSource> _waiting = [];

    // Waits that were ended before they began, and when: the two come by different ways.
    private readonly Dictionary<Guid, TimeSpan> _abandoned = [];
    private TimeSpan _registeredAt;
    private TimeSpan _usedAt;

    private string Key => this.GetPrimaryKeyString();

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (options.TickInterval > TimeSpan.Zero)
        {
            this.RegisterGrainTimer(
                TickAsync,
                new GrainTimerCreationOptions(options.TickInterval, options.TickInterval)
                {
                    Interleave = true,
                    KeepAlive = true,
                });
        }

        _usedAt = clock.Monotonic;
        await RegisterAsync();

        // This queue is new, and empty: what it should hold is to be offered again.
        GrainFactory.NudgeSupervisors(store.ShardCount);
    }

    /// <inheritdoc/>
    public Task TellAsync(ImmutableArray<Message> messages, bool isSweep)
    {
        _usedAt = clock.Monotonic;
        foreach (Message message in messages)
        {
            switch (message)
            {
                case Message.Offer m: Add(m, isSweep); break;
                case Message.SetPaused m: SetPaused(m.Job, m.IsPaused); break;
                case Message.Withdraw m:
                    _ready.Withdraw(m.Job);
                    _offered.Withdraw(m.Job);
                    _handedOut.Withdraw(m, _usedAt);
                    _pauses.Hear(m.Job, isPaused: false, _usedAt);
                    break;
                default: throw new UnreachableException($"A queue is not told {message.GetType().Name}.");
            }
        }

        WakeSome();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<ReadyTask>> TakeAsync(int max, Guid ticket)
    {
        _usedAt = clock.Monotonic;
        _ready.Advance(clock.Utc);

        // A silo of an earlier release says no ticket.
        int mine = ticket == default ? _ready.FreeCount : _line.Ask(ticket, _ready.FreeCount);
        ImmutableArray<ReadyTask>.Builder taken = ImmutableArray.CreateBuilder<ReadyTask>();
        while (taken.Count < max && taken.Count < mine && _ready.TryTake(out ReadyTask task))
        {
            _offered.Remove(task);
            _handedOut.Add(task, _usedAt);
            taken.Add(task);
        }

        WakeSome(); // What it leaves.
        return Task.FromResult(taken.DrainToImmutable());
    }

    /// <inheritdoc/>
    public async Task WaitAsync(Guid ticket, TimeSpan wait)
    {
        if (_abandoned.Remove(ticket))
        {
            return;
        }

        if (!_waiting.TryGetValue(ticket, out TaskCompletionSource? woken)) // A call may arrive twice.
        {
            woken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _line.Join(ticket);
            _waiting.Add(ticket, woken);
        }

        WakeSome(); // There may be a task already.
        try
        {
            // By a timer of its own: those of this activation end before it has let go of who waits.
            await woken.Task.WaitAsync(wait, clock.Time);
        }
        catch (TimeoutException)
        {
            TryRelease(ticket); // Unless it was woken between the end of the wait and this turn.
        }
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        ReleaseAll(); // They ask again, and find the next activation.
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task AbandonAsync(Guid ticket)
    {
        if (_line.TryEndClaim(ticket))
        {
            WakeSome(); // It will not ask.
        }

        if (!TryRelease(ticket)) // Also who was woken may be about to wait again, for what has changed since.
        {
            _abandoned[ticket] = clock.Monotonic;
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task TickAsync()
    {
        TimeSpan now = clock.Monotonic;
        _ready.Advance(clock.Utc);
        _line.EndOldClaims();
        WakeSome();
        _line.Forget(now - HandOutTime);
        _handedOut.Forget(now - HandOutTime);
        foreach (JobId job in _pauses.TakeUnheard(now - (SweepsMissed * options.ReminderInterval)))
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
            // Whoever looks at all queues would call this one back.
            Task removed = GrainFactory.GetGrain<IRegistryGrain>(0).RemoveQueueAsync(Key);
            DeactivateOnIdle();
            await removed;
            return;
        }

        if (now - _registeredAt > RegisterInterval)
        {
            await RegisterAsync();
        }
    }

    /// <inheritdoc/>
    public Task<QueueLook> LookAsync()
    {
        _ready.Advance(clock.Utc);
        return Task.FromResult(
            new QueueLook(_ready.ReadyCount, _ready.DelayedCount, [.. _line.Tickets]));
    }

    private void SetPaused(JobId job, bool isPaused)
    {
        _pauses.Hear(job, isPaused, _usedAt);
        _ready.SetPaused(job, isPaused);
    }

    /// <summary>Forgets what a job offered, but not that it is paused: sweeps do not speak of it, so it is no longer
    /// open. If it is, the next sweep offers all again.</summary>
    private void Drop(JobId job)
    {
        _ready.Withdraw(job);
        _offered.Withdraw(job);
        _ready.SetPaused(job, isPaused: true);
    }

    private async Task RegisterAsync()
    {
        _registeredAt = clock.Monotonic;
        try
        {
            await GrainFactory.GetGrain<IRegistryGrain>(0).AddQueuesAsync([Key]).WaitAsync(RegisterPatience);
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            // The next tick that finds it due tells it again, or a sweep; until then it is missing where queues are
            // listed.
        }
    }

    private void Add(Message.Offer offer, bool isSweep)
    {
        IEnumerable<Message.Offer> offers = isSweep ? _handedOut.Without(offer) : [offer];
        foreach (Message.Offer fresh in offers.SelectMany(_offered.Add))
        {
            _ready.Add(fresh, clock.Utc);
        }
    }

    /// <summary>As many as there are tasks, in the order in which they came.</summary>
    private void WakeSome()
    {
        foreach (Guid ticket in _line.Wake(_ready.FreeCount, clock.Monotonic))
        {
            Wake(ticket);
        }
    }

    private bool TryRelease(Guid ticket)
    {
        if (!_line.Leave(ticket, clock.Monotonic))
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
        woken!.SetResult();
    }
}

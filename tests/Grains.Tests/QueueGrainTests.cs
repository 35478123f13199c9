using Elasticity.Domain;
using Elasticity.Engine.Contract;
using Elasticity.EventStore;
using Xunit;

namespace Elasticity.Grains.Tests;

/// <summary>A queue by itself, outside a silo: its turns are what a test makes of them.</summary>
public sealed class QueueGrainTests : IDisposable
{
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly InMemoryEventStore _store = new(1);
    private readonly Turns _turns = new();
    private readonly QueueGrain _queue;

    public QueueGrainTests() => _queue = new QueueGrain(_store, new GrainsOptions(), new EngineClock(_time));

    public void Dispose() => _store.DisposeAsync().AsTask().GetAwaiter().GetResult();

    [Fact]
    public async Task A_wait_that_is_over_when_it_is_woken_is_over_without_trouble()
    {
        Guid ticket = Guid.NewGuid();
        Task waiting = _turns.Run(() => _queue.WaitAsync(ticket, TimeSpan.FromSeconds(1)));

        _time.Advance(TimeSpan.FromSeconds(1)); // It is over; its turn, in which it leaves the queue, comes later.
        await _queue.AbandonAsync(ticket);
        _turns.RunAll();

        await waiting;
        Assert.Empty((await _queue.LookAsync()).Waiting);
    }

    [Fact]
    public async Task A_task_that_a_sweep_offers_too_wakes_nobody_else()
    {
        Wait(out _);
        Wait(out Guid second);

        await TellAsync(isSweep: false);
        await TellAsync(isSweep: true); // Before the first has asked.

        Assert.Equal([second], await WaitingAsync());
    }

    [Fact]
    public async Task Who_will_not_take_what_it_was_woken_for_leaves_it_to_the_next()
    {
        Wait(out Guid first);
        Wait(out Guid second);
        await TellAsync(isSweep: false);
        Assert.Equal([second], await WaitingAsync());

        await _queue.AbandonAsync(first);

        Assert.Empty(await WaitingAsync());
    }

    [Fact]
    public async Task Who_was_woken_and_died_keeps_the_task_from_the_next_for_two_ticks()
    {
        Wait(out _);
        Wait(out Guid second);
        await TellAsync(isSweep: false);

        await _queue.TickAsync(); // The first may have been woken just before.
        Assert.Equal([second], await WaitingAsync());

        await _queue.TickAsync();
        Assert.Empty(await WaitingAsync());
    }

    [Fact]
    public async Task Who_was_woken_is_given_the_task_although_others_were_faster()
    {
        Wait(out Guid first);
        await TellAsync(isSweep: false);

        Assert.Empty(await _queue.TakeAsync(9, Guid.NewGuid()));
        Assert.Single(await _queue.TakeAsync(9, first));
    }

    [Fact]
    public async Task Who_was_woken_for_nothing_waits_before_those_who_came_later()
    {
        Wait(out Guid first);
        Wait(out Guid second);
        await TellAsync(isSweep: false);
        Assert.Single(await _queue.TakeAsync(1, default)); // A silo of an earlier release takes what there is.
        Assert.Empty(await _queue.TakeAsync(1, first));

        Wait(first);

        Assert.Equal([first, second], await WaitingAsync());
    }

    [Fact]
    public async Task Who_comes_while_the_only_task_is_for_somebody_else_waits_and_is_woken_for_the_next()
    {
        Wait(out Guid first);
        await TellAsync(isSweep: false);

        Wait(out Guid second);
        Assert.Equal([second], await WaitingAsync());

        Assert.Single(await _queue.TakeAsync(1, first));
        await TellAsync(isSweep: false, index: 1);
        Assert.Empty(await WaitingAsync());
    }

    [Fact]
    public async Task Who_comes_when_there_is_a_task_has_a_claim_on_it()
    {
        await TellAsync(isSweep: false);

        Wait(out Guid first);
        Assert.Empty(await WaitingAsync());

        Assert.Empty(await _queue.TakeAsync(1, Guid.NewGuid()));
        Assert.Single(await _queue.TakeAsync(1, first));
    }

    [Fact]
    public async Task Tasks_of_a_paused_job_wake_nobody()
    {
        JobId paused = new("paused");
        await _queue.TellAsync([new Message.SetPaused(paused, true), Offer(paused, 0, 5)], isSweep: false);
        Wait(out _);
        Wait(out Guid second);

        await TellAsync(isSweep: false);

        Assert.Equal([second], await WaitingAsync());
    }

    private void Wait(out Guid ticket) => Wait(ticket = Guid.NewGuid());

    private void Wait(Guid ticket) => _queue.WaitAsync(ticket, TimeSpan.FromHours(1)).Ignore();

    private async Task<Guid[]> WaitingAsync() => [.. (await _queue.LookAsync()).Waiting];

    private Task TellAsync(bool isSweep, int index = 0) =>
        _queue.TellAsync([Offer(new JobId("job"), index, 1)], isSweep);

    private static Message.Offer Offer(JobId job, int first, int count) =>
        new(job, first, count, 1, 0, 0, "a", 0, null);

    /// <summary>What goes on after an await goes on when the test says so, as between the turns of a grain.</summary>
    private sealed class Turns : SynchronizationContext
    {
        private readonly Queue<(SendOrPostCallback Turn, object? State)> _waiting = new();

        public override void Post(SendOrPostCallback d, object? state) => _waiting.Enqueue((d, state));

        public Task Run(Func<Task> turn)
        {
            SynchronizationContext? outer = Current;
            SetSynchronizationContext(this);
            try
            {
                return turn();
            }
            finally
            {
                SetSynchronizationContext(outer);
            }
        }

        public void RunAll()
        {
            while (_waiting.TryDequeue(out (SendOrPostCallback Turn, object? State) next))
            {
                next.Turn(next.State);
            }
        }
    }
}

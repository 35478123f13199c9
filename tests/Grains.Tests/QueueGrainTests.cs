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

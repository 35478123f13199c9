using Elasticity.Engine.Contract;
using Elasticity.EventStore;
using Elasticity.Grains.Tests.Support;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Elasticity.Grains.Tests;

/// <summary>The store of silos may hold events of its log back: what a silo knows of it, by itself.</summary>
public sealed class LogLagTests : IAsyncLifetime
{
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly LaggingStore _store = new();
    private readonly Heard _heard = new();
    private readonly LogLagWatch _watch;

    public LogLagTests() => _watch = new LogLagWatch(
        new CountingEventStore(_store, new SiloCounter()), new EngineClock(_time), _heard);

    public async Task InitializeAsync()
    {
        await _watch.StartAsync(CancellationToken.None);
        while (_store.Asked == 0)
        {
            _time.Advance(TimeSpan.FromSeconds(1)); // Its timer may not be there yet.
            await Task.Delay(1);
        }
    }

    public async Task DisposeAsync()
    {
        await _watch.StopAsync(CancellationToken.None);
        _watch.Dispose();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task Events_that_are_held_back_for_long_are_said_once_until_they_are_seen()
    {
        _store.HeldBack = 3;
        await PassAsync(4);
        Assert.Equal((3, null), (_watch.Events, _watch.Problem)); // A moment is nothing to worry about.

        await PassAsync(5);
        Assert.StartsWith("The log has held 3 events back for ", _watch.Problem, StringComparison.Ordinal);

        _store.HeldBack = 0;
        await PassAsync(2);
        Assert.Equal((0, null), (_watch.Events, _watch.Problem));
        Assert.Collection(
            _heard.Lines,
            l => Assert.StartsWith("Warning: The log has held 3 events back for 5 s: ", l, StringComparison.Ordinal),
            l => Assert.Equal("Information: The log goes on.", l));
    }

    [Fact]
    public async Task A_log_that_goes_on_is_no_problem_however_much_others_write_beside_it()
    {
        (_store.HeldBack, _store.IsMoving) = (3, true);
        await PassAsync(20);
        Assert.Equal((3, null), (_watch.Events, _watch.Problem));
    }

    [Fact]
    public async Task A_lag_that_cannot_be_read_is_left_to_whoever_looks_whether_the_database_is_there()
    {
        _store.IsUnreadable = true;
        await PassAsync(10);
        Assert.Equal((0, null), (_watch.Events, _watch.Problem));
        Assert.Empty(_heard.Lines);
    }

    /// <summary>Lets seconds pass, and one more: what was measured is known when it is measured again.</summary>
    private async Task PassAsync(int seconds)
    {
        for (int i = 0; i <= seconds; i++)
        {
            long asked = _store.Asked;
            _time.Advance(TimeSpan.FromSeconds(1));
            while (_store.Asked == asked)
            {
                await Task.Delay(1);
            }
        }
    }

    private sealed class LaggingStore : SwitchedStore, IOwnedEventStore
    {
        private long _asked;

        public long HeldBack { get; set; }

        public bool IsMoving { get; set; }

        public bool IsUnreadable { get; set; }

        public long Asked => Interlocked.Read(ref _asked);

        public TimeSpan OwnershipTimeout => TimeSpan.FromSeconds(5);

        public ValueTask<OwnershipClaim> TryClaimAsync(string owner, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<bool> RenewAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask ReleaseAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<LogLag> ReadLogLagAsync(CancellationToken cancellationToken)
        {
            long asked = Interlocked.Increment(ref _asked);
            return IsUnreadable
                ? throw new EventStoreException("store-unavailable", "It is gone.", isTransient: true)
                : ValueTask.FromResult(new LogLag(HeldBack, HeldBack, IsMoving ? asked : 0));
        }
    }

    private sealed class Heard : ILogger<LogLagWatch>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => Lines.Add($"{logLevel}: {formatter(state, exception)}");
    }
}

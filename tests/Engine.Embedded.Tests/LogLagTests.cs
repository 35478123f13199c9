using Elasticity.Engine.Contract;
using Elasticity.Engine.Embedded.Tests.Support;
using Elasticity.EventStore;
using Xunit;

namespace Elasticity.Engine.Embedded.Tests;

/// <summary>A store that several processes reach may hold events of its log back.</summary>
public sealed class LogLagTests : IAsyncLifetime
{
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly SharedStore _store = new(new InMemoryEventStore());
    private EmbeddedEngine _engine = null!;

    public async Task InitializeAsync() => _engine = await EmbeddedEngine.StartAsync(_store, time: _time);

    public async Task DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task An_engine_whose_log_holds_events_back_for_long_is_not_ready_until_they_are_seen()
    {
        _store.HeldBack = 3;
        EngineStatus status = await UntilAsync(s => s.LogLagEvents == 3);
        Assert.True(status.IsReady, "A moment is nothing to worry about.");

        status = await UntilAsync(s => !s.IsReady);
        Assert.Equal("store-lag", status.Code);
        Assert.Contains("3 events", status.Reason, StringComparison.Ordinal);
        Assert.Equal("store-lag", (await _engine.DiagnoseAsync(default))[0].Code);

        _store.HeldBack = 0;
        status = await UntilAsync(s => s.IsReady);
        Assert.Equal((null, 0), (status.Code, status.LogLagEvents));
    }

    [Fact]
    public async Task A_log_that_goes_on_is_no_reason_however_much_others_write_beside_it()
    {
        (_store.HeldBack, _store.IsMoving) = (3, true);
        long asked = _store.LagsAsked;
        await UntilAsync(s => _store.LagsAsked > asked + 20 && s.LogLagEvents == 3); // Far more than 5 seconds.
        Assert.True(_engine.GetStatus().IsReady);
    }

    [Fact]
    public async Task A_lag_that_cannot_be_read_is_left_to_whoever_needs_the_store()
    {
        _store.IsLagUnreadable = true;
        long asked = _store.LagsAsked;
        await UntilAsync(_ => _store.LagsAsked > asked + 2);
        Assert.True(_engine.GetStatus().IsReady);
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_a_lag_also_when_nothing_is_written()
    {
        _store.HoldRenewals();
        Task<IReadOnlyList<QueueView>> asked = _engine.ListQueuesAsync(default).AsTask();
        while (!_store.BothWait.IsCompleted)
        {
            // An answer asks whether the store is still owned when that was not heard for a while; so does a timer.
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(asked, _store.BothWait);
            asked = asked.IsCompleted ? _engine.ListQueuesAsync(default).AsTask() : asked;
        }

        Assert.True(_engine.GetStatus().IsReady, "A moment is nothing to worry about.");
        for (int i = 0; i < 51; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal((false, "engine-lag"), (_engine.GetStatus().IsReady, _engine.GetStatus().Code));
        ValueTask<IReadOnlyList<Finding>> diagnosing = _engine.DiagnoseAsync(default);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("engine-lag", Assert.Single(await diagnosing).Code);

        _store.ReleaseRenewals();
        await asked;
        await UntilAsync(s => s.IsReady);
    }

    /// <summary>Lets time pass, in strides that the engine does not take for a freeze.</summary>
    private async Task<EngineStatus> UntilAsync(Func<EngineStatus, bool> isReached)
    {
        for (int i = 0; i < 1_000; i++)
        {
            EngineStatus status = _engine.GetStatus();
            if (isReached(status))
            {
                return status;
            }

            _time.Advance(TimeSpan.FromMilliseconds(100));
            await _engine.ListQueuesAsync(default);
        }

        throw new InvalidOperationException($"It did not happen: {_engine.GetStatus()}");
    }

    private sealed class SharedStore(IEventStore inner) : FaultyEventStore(inner), IOwnedEventStore
    {
        private readonly TaskCompletionSource _bothWait = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile TaskCompletionSource? _renewals;
        private long _lagsAsked;
        private int _waiting;

        public long HeldBack { get; set; }

        public bool IsMoving { get; set; }

        public bool IsLagUnreadable { get; set; }

        /// <summary>Whoever wants to know waits: the timer, and an answer.</summary>
        public Task BothWait => _bothWait.Task;

        public long LagsAsked => Interlocked.Read(ref _lagsAsked);

        public TimeSpan OwnershipTimeout => TimeSpan.FromSeconds(5);

        public ValueTask<OwnershipClaim> TryClaimAsync(string owner, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new OwnershipClaim(true, owner, TimeSpan.Zero));

        public void HoldRenewals() =>
            _renewals = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void ReleaseRenewals() => Interlocked.Exchange(ref _renewals, null)?.SetResult();

        public async ValueTask<bool> RenewAsync(CancellationToken cancellationToken)
        {
            if (_renewals is { } held)
            {
                if (Interlocked.Increment(ref _waiting) == 2)
                {
                    _bothWait.SetResult();
                }

                await held.Task.WaitAsync(cancellationToken);
            }

            return true;
        }

        public ValueTask ReleaseAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask<LogLag> ReadLogLagAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _lagsAsked);
            return IsLagUnreadable
                ? throw new EventStoreException("store-unavailable", "It is gone.", isTransient: true)
                : ValueTask.FromResult(new LogLag(HeldBack, HeldBack, IsMoving ? _lagsAsked : 0));
        }
    }
}

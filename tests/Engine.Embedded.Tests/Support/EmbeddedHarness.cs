using Elasticity.Engine.Contract;
using Elasticity.Engine.Embedded.Core;
using Elasticity.EventStore;
using Elasticity.EventStore.Contract;

namespace Elasticity.Engine.Embedded.Tests.Support;

/// <summary>The embedded engine on a store of a kind, with manual clocks.</summary>
internal sealed class EmbeddedHarness(IStoreFixture fixture) : EngineHarness
{
    /// <summary>
    /// So small that the engine is never late by half the shortest lease, which it would take for a freeze.
    /// </summary>
    private static readonly TimeSpan Stride = TimeSpan.FromMilliseconds(500);

    private EmbeddedEngine? _engine;
    private FaultyEventStore? _store;

    public ManualTime Time { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public EngineOptions Options { get; private set; } = new();

    public override EmbeddedEngine Engine => _engine ?? throw new InvalidOperationException("It is not started.");

    public override IEventStore Store => Faults.Inner;

    public FaultyEventStore Faults => _store ?? throw new InvalidOperationException("It is not started.");

    public override DateTimeOffset Now => Time.GetUtcNow();

    public override Task StartAsync(EngineSettings settings, CancellationToken cancellationToken) => StartAsync(
        new EngineOptions
        {
            Core = new CoreOptions { Limits = settings.Limits, SessionSilenceMax = settings.SessionSilenceMax },
        },
        cancellationToken);

    public async Task StartAsync(EngineOptions options, CancellationToken cancellationToken)
    {
        Options = options;
        IEventStore inner = await fixture.OpenAsync(cancellationToken);
        _store = inner is IOwnedEventStore owned ? new FaultyOwnedEventStore(owned) : new FaultyEventStore(inner);
        _engine = await EmbeddedEngine.StartAsync(_store, Options, Time, null, cancellationToken);
    }

    public override async Task RestartAsync(CancellationToken cancellationToken)
    {
        Faults.Sever();
        await Engine.DisposeAsync();
        await Faults.DisposeAsync();
        await StartAsync(Options, cancellationToken);
    }

    public override async Task AdvanceAsync(TimeSpan by, CancellationToken cancellationToken)
    {
        do
        {
            TimeSpan stride = by < Stride ? by : Stride;
            Time.Advance(stride);
            by -= stride;

            // Any question makes a step, and is answered when that step is durable.
            await Engine.ListQueuesAsync(cancellationToken);
        }
        while (by > TimeSpan.Zero);
    }

    public override async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        await _store!.DisposeAsync();
        await fixture.DisposeAsync();
    }
}

using Elasticity.Engine;
using Elasticity.Engine.Contract;
using Elasticity.Engine.Embedded;
using Elasticity.Engine.Embedded.Core;
using Elasticity.EventStore;

namespace Elasticity.Client.Http.Tests.Support;

/// <summary>The embedded engine with manual clocks, asked over HTTP.</summary>
internal sealed class HttpHarness : EngineHarness
{
    /// <summary>So small that the engine is never late by half the shortest lease, which it would take for a
    /// freeze.</summary>
    private static readonly TimeSpan Stride = TimeSpan.FromMilliseconds(500);

    private readonly ManualTime _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private EngineOptions _options = new();
    private InMemoryEventStore _store = new();
    private EmbeddedEngine? _engine;
    private ServedEngine? _served;

    public override IElasticity Engine => _served!.Client;

    public override IEventStore Store => _store;

    public override DateTimeOffset Now => _time.GetUtcNow();

    public override async Task StartAsync(EngineSettings settings, CancellationToken cancellationToken)
    {
        _options = new EngineOptions
        {
            Core = new CoreOptions { Limits = settings.Limits, SessionSilenceMax = settings.SessionSilenceMax },
        };
        _engine = await EmbeddedEngine.StartAsync(_store, _options, _time, null, cancellationToken);
        _served = await ServedEngine.StartAsync(() => _engine);
    }

    public override async Task RestartAsync(CancellationToken cancellationToken)
    {
        _store = _store.Reopen();
        await _engine!.DisposeAsync();
        _engine = await EmbeddedEngine.StartAsync(_store, _options, _time, null, cancellationToken);
    }

    public override async Task AdvanceAsync(TimeSpan by, CancellationToken cancellationToken)
    {
        await _served!.ArrivalAsync();
        do
        {
            TimeSpan stride = by < Stride ? by : Stride;
            _time.Advance(stride);
            by -= stride;

            // Any question makes a step, and is answered when that step is durable.
            await _engine!.ListQueuesAsync(cancellationToken);
        }
        while (by > TimeSpan.Zero);
    }

    public override async ValueTask DisposeAsync()
    {
        _served?.Dispose();
        if (_engine is not null)
        {
            await _engine.DisposeAsync();
        }

        await _store.DisposeAsync();
    }
}

using Elasticity.EventStore;
using Elasticity.EventStore.Contract;

namespace Elasticity.Grains.Tests.Support;

/// <summary>A store that fails while it is told to.</summary>
internal sealed class FailingStore : SwitchedStore
{
    public FailingStore(IEventStore inner) => Inner = inner;

    /// <summary>What appends fail with; null: they do not.</summary>
    public EventStoreException? Failure { get; set; }

    public override ValueTask<AppendResult> AppendAsync(AppendBatch batch, CancellationToken cancellationToken) =>
        Failure is { } failure ? throw failure : base.AppendAsync(batch, cancellationToken);
}

/// <summary>Opens such a store, in memory.</summary>
internal sealed class FailingFixture : IStoreFixture
{
    private readonly InMemoryFixture _inner = new();

    /// <summary>The store opened last.</summary>
    public FailingStore? Opened { get; private set; }

    public async ValueTask<IEventStore> OpenAsync(CancellationToken cancellationToken) =>
        Opened = new FailingStore(await _inner.OpenAsync(cancellationToken));

    public ValueTask DisposeAsync() => _inner.DisposeAsync();
}

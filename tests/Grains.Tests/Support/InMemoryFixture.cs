using Elasticity.EventStore;
using Elasticity.EventStore.Contract;

namespace Elasticity.Grains.Tests.Support;

/// <summary>An in-memory store that outlives its clusters.</summary>
internal sealed class InMemoryFixture : IStoreFixture
{
    private InMemoryEventStore? _store;

    public ValueTask<IEventStore> OpenAsync(CancellationToken cancellationToken)
    {
        _store = _store?.Reopen() ?? new InMemoryEventStore(ClusterPool.ShardCount);
        return ValueTask.FromResult<IEventStore>(_store);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

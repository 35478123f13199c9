using Elasticity.EventStore.Contract;

namespace Elasticity.EventStore.Tests;

public sealed class InMemoryEventStoreTests : EventStoreContract
{
    protected override ValueTask<IStoreFixture> CreateFixtureAsync() =>
        ValueTask.FromResult<IStoreFixture>(new Fixture());

    private sealed class Fixture : IStoreFixture
    {
        private InMemoryEventStore? _store;

        public ValueTask<IEventStore> OpenAsync(CancellationToken cancellationToken)
        {
            _store = _store?.Reopen() ?? new InMemoryEventStore();
            return ValueTask.FromResult<IEventStore>(_store);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

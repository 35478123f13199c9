using Elasticity.EventStore.Contract;
using Elasticity.EventStore.Sqlite;

namespace Elasticity.EventStore.Tests;

public sealed class SqliteEventStoreTests : EventStoreContract
{
    protected override ValueTask<IStoreFixture> CreateFixtureAsync() =>
        ValueTask.FromResult<IStoreFixture>(new Fixture());

    private sealed class Fixture : IStoreFixture
    {
        private readonly TemporaryDirectory _directory = new();

        public async ValueTask<IEventStore> OpenAsync(CancellationToken cancellationToken) =>
            await SqliteEventStore.OpenAsync(
                new SqliteEventStoreOptions { Directory = _directory.Path }, cancellationToken);

        public ValueTask DisposeAsync()
        {
            _directory.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

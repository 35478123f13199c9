using Elasticity.EventStore;
using Elasticity.EventStore.Contract;
using Elasticity.EventStore.Sqlite;

namespace Elasticity.Engine.Embedded.Tests.Support;

/// <summary>A SQLite file in a directory of its own.</summary>
internal sealed class SqliteFixture : IStoreFixture
{
    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("elasticity-engine-").FullName;

    public async ValueTask<IEventStore> OpenAsync(CancellationToken cancellationToken) =>
        await SqliteEventStore.OpenAsync(new SqliteEventStoreOptions { Directory = Directory }, cancellationToken);

    public ValueTask DisposeAsync()
    {
        System.IO.Directory.Delete(Directory, recursive: true);
        return ValueTask.CompletedTask;
    }
}

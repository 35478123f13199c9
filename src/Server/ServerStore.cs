using Elasticity.EventStore;
using Elasticity.EventStore.PostgreSql;
using Elasticity.EventStore.Sqlite;

namespace Elasticity.Server;

/// <summary>Opens the store that the options name.</summary>
internal static class ServerStore
{
    /// <summary>Opens it.</summary>
    /// <exception cref="EventStoreException">It cannot be opened, now or at all.</exception>
    public static async Task<IEventStore> OpenAsync(ServerOptions options, CancellationToken cancellationToken) =>
        options.PostgreSql is { } connectionString
        ? await PostgreSqlEventStore.OpenAsync(
            options.PostgreSqlStore with { ConnectionString = connectionString, Schema = options.PostgreSqlSchema },
            cancellationToken)
        : await SqliteEventStore.OpenAsync(
            options.Sqlite with { Directory = options.DataDirectory }, cancellationToken);
}

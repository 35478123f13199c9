using Elasticity.EventStore;
using Elasticity.EventStore.PostgreSql;
using Npgsql;

namespace Elasticity.Benchmarks.Append;

/// <summary>PostgreSQL, in a schema of its own.</summary>
internal sealed class MeasuredPostgreSql : MeasuredStore
{
    private const string Schema = "elasticity_append_bench";

    private readonly string _connection;
    private readonly PostgreSqlEventStore _store;

    private MeasuredPostgreSql(string connection, PostgreSqlEventStore store, string durable)
    {
        _connection = connection;
        _store = store;
        Durable = durable;
    }

    /// <inheritdoc/>
    public override string Name => "postgresql";

    /// <inheritdoc/>
    public override string Durable { get; }

    /// <inheritdoc/>
    public override IEventStore Store => _store;

    /// <summary>Opens it, and becomes its owner.</summary>
    /// <param name="connection">An Npgsql connection string.</param>
    public static async Task<MeasuredPostgreSql> OpenAsync(string connection)
    {
        await DropAsync(connection);
        PostgreSqlEventStore store = await PostgreSqlEventStore.OpenAsync(
            new PostgreSqlEventStoreOptions { ConnectionString = connection, Schema = Schema }, CancellationToken.None);
        OwnershipClaim claim = await store.TryClaimAsync("append benchmark", CancellationToken.None);
        return claim.IsMine
            ? new MeasuredPostgreSql(connection, store, await DurableAsync(connection))
            : throw new InvalidOperationException($"The empty store belongs to {claim.Owner}.");
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await DropAsync(_connection);
    }

    private static async Task<string> DurableAsync(string connection)
    {
        const string Query = """
            SELECT string_agg(name || ' ' || setting, ', ' ORDER BY name) FROM pg_settings
            WHERE name IN ('fsync', 'full_page_writes', 'server_version', 'synchronous_commit', 'wal_sync_method')
            """;
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(connection);
        await using NpgsqlCommand command = database.CreateCommand(Query);
        return $"one flush of the log for each commit, as the server has it: {await command.ExecuteScalarAsync()}";
    }

    private static async Task DropAsync(string connection)
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(connection);
        await using NpgsqlCommand command = database.CreateCommand($"DROP SCHEMA IF EXISTS {Schema} CASCADE");
        await command.ExecuteNonQueryAsync();
    }
}

using Elasticity.EventStore.Contract;
using Npgsql;

namespace Elasticity.EventStore.PostgreSql.Tests;

/// <summary>A schema of its own on the server that <c>ELASTICITY_POSTGRES</c> names.</summary>
internal sealed class PostgreSqlFixture : IStoreFixture
{
    public const string Variable = "ELASTICITY_POSTGRES";
    public const string Meaning = "an Npgsql connection string of a PostgreSQL that tests may fill";

    private readonly NpgsqlDataSource _admin;

    public PostgreSqlFixture(string? connectionString = null)
    {
        NpgsqlConnectionStringBuilder settings =
            new(connectionString ?? Environment.GetEnvironmentVariable(Variable)) { ApplicationName = Schema };
        ConnectionString = settings.ConnectionString;
        settings.ApplicationName = "the test";
        settings.SearchPath = Schema;
        settings.Pooling = false;
        _admin = NpgsqlDataSource.Create(settings);
    }

    /// <summary>For stores: their connections carry the schema's name as that of the application.</summary>
    public string ConnectionString { get; }

    public string Schema { get; } = $"test_{Guid.NewGuid():N}";

    public async ValueTask<IEventStore> OpenAsync(CancellationToken cancellationToken)
    {
        PostgreSqlEventStore store = await OpenUnclaimedAsync(cancellationToken);
        OwnershipClaim claim = await store.TryClaimAsync("the suite", cancellationToken);
        return claim.IsMine ? store : throw new InvalidOperationException($"{claim.Owner} owns the store.");
    }

    public Task<PostgreSqlEventStore> OpenUnclaimedAsync(
        CancellationToken cancellationToken,
        Func<PostgreSqlEventStoreOptions, PostgreSqlEventStoreOptions>? change = null)
    {
        PostgreSqlEventStoreOptions options = new() { ConnectionString = ConnectionString, Schema = Schema };
        return PostgreSqlEventStore.OpenAsync(change?.Invoke(options) ?? options, cancellationToken);
    }

    /// <summary>A connection beside the store, for what an administrator or a stranger may do.</summary>
    public async Task<NpgsqlConnection> ConnectAsync() => await _admin.OpenConnectionAsync();

    /// <summary>Runs SQL in the store's schema.</summary>
    public async Task<int> ExecuteAsync(string sql)
    {
        await using NpgsqlCommand command = _admin.CreateCommand(sql);
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>Reads one value in the store's schema.</summary>
    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using NpgsqlCommand command = _admin.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        await ExecuteAsync($"DROP SCHEMA IF EXISTS {Schema} CASCADE");
        await _admin.DisposeAsync();
    }
}

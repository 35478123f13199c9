using Elasticity.EventStore;
using Elasticity.EventStore.Contract;
using Elasticity.EventStore.PostgreSql;
using Npgsql;

namespace Elasticity.Grains.Tests.Support;

/// <summary>A shared store in a schema of its own on the server that <c>ELASTICITY_POSTGRES</c> names.</summary>
internal sealed class PostgreSqlFixture : IStoreFixture
{
    public const string Variable = "ELASTICITY_POSTGRES";
    public const string Meaning = "an Npgsql connection string of a PostgreSQL that tests may fill";

    private readonly string _schema = $"test_{Guid.NewGuid():N}";

    private static string ConnectionString => Environment.GetEnvironmentVariable(Variable)!;

    public async ValueTask<IEventStore> OpenAsync(CancellationToken cancellationToken) =>
        await PostgreSqlEventStore.OpenAsync(
            new PostgreSqlEventStoreOptions
            {
                ConnectionString = ConnectionString,
                Schema = _schema,
                IsShared = true,
                ShardCount = ClusterPool.ShardCount,
            },
            cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await using NpgsqlDataSource admin = NpgsqlDataSource.Create(ConnectionString);
        await using NpgsqlCommand drop = admin.CreateCommand($"DROP SCHEMA IF EXISTS {_schema} CASCADE");
        await drop.ExecuteNonQueryAsync();
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Elasticity.EventStore;
using Npgsql;

namespace Elasticity.Silo;

/// <summary>Creates the tables that Orleans keeps membership and reminders in, and brings older ones up to
/// date.</summary>
internal static class ClusterSchema
{
    /// <summary>What Orleans calls the driver.</summary>
    public const string Invariant = "Npgsql";

    /// <summary>A silo asks for members and reminders now and then, not all the time; without a bound, a hundred
    /// connections of one silo could take all that the server has.</summary>
    private const int ConnectionsMax = 10;

    private static readonly string[] Steps = ["001-cluster.sql"];

    /// <summary>What the schema of the cluster is called, beside the schema of the events.</summary>
    public static string NameOf(SiloOptions options) => options.PostgreSqlSchema + "_cluster";

    /// <summary>A connection string whose connections see the schema of the cluster.</summary>
    public static string ConnectionStringOf(SiloOptions options) =>
        new NpgsqlConnectionStringBuilder(options.PostgreSql)
        {
            SearchPath = NameOf(options),
            MaxPoolSize = ConnectionsMax,
            MinPoolSize = 0,
            ApplicationName = "elasticity-silo",
        }.ConnectionString;

    /// <summary>Makes sure that the schema is as this release wants it.</summary>
    /// <param name="options">Where.</param>
    /// <param name="isMigrating">An older one, or none, is fine.</param>
    /// <param name="cancellationToken">Stops looking.</param>
    /// <exception cref="InvalidOperationException">It is not; the message says what to do.</exception>
    /// <exception cref="EventStoreException">The database cannot be asked.</exception>
    public static async Task CheckAsync(SiloOptions options, bool isMigrating, CancellationToken cancellationToken)
    {
        int version = await WithConnectionAsync(
            options, c => VersionAsync(c, NameOf(options), cancellationToken), cancellationToken);
        CheckNotNewer(options, version);
        if (version < Steps.Length && !isMigrating)
        {
            throw new InvalidOperationException(
                $"The database is not prepared for this release: run '{options.Build.Name} migrate', or start with "
                + "--Migrate.");
        }
    }

    /// <summary>Makes it ready. Harmless when it is, and when several processes do it at once.</summary>
    /// <returns>The version that it has now.</returns>
    /// <exception cref="InvalidOperationException">A newer release made it.</exception>
    /// <exception cref="EventStoreException">The database failed.</exception>
    public static Task<int> PrepareAsync(SiloOptions options, CancellationToken cancellationToken) =>
        WithConnectionAsync(options, c => PrepareAsync(c, options, cancellationToken), cancellationToken);

    private static async Task<int> PrepareAsync(
        NpgsqlConnection connection, SiloOptions options, CancellationToken cancellationToken)
    {
        string name = NameOf(options);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
        await RunAsync(
            connection, $"SELECT pg_advisory_xact_lock(hashtextextended('{name}', 0))", cancellationToken);
        int version = await VersionAsync(connection, name, cancellationToken);
        CheckNotNewer(options, version);
        if (version == 0)
        {
            await RunAsync(connection, $"CREATE SCHEMA IF NOT EXISTS {name}", cancellationToken);
            await RunAsync(connection, "CREATE TABLE schema_version (version integer NOT NULL)", cancellationToken);
            await RunAsync(connection, "INSERT INTO schema_version VALUES (0)", cancellationToken);
        }

        foreach (string step in Steps.Skip(version))
        {
            await RunAsync(connection, Load(step), cancellationToken);
        }

        await RunAsync(connection, $"UPDATE schema_version SET version = {Steps.Length}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Steps.Length;
    }

    private static void CheckNotNewer(SiloOptions options, int version)
    {
        if (version > Steps.Length)
        {
            throw new InvalidOperationException(
                $"The schema {NameOf(options)} has version {version}, made by a newer release; this one knows up to "
                + $"{Steps.Length}. Run that release.");
        }
    }

    private static async Task<T> WithConnectionAsync<T>(
        SiloOptions options, Func<NpgsqlConnection, Task<T>> act, CancellationToken cancellationToken)
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(ConnectionStringOf(options));
        try
        {
            await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancellationToken);
            return await act(connection);
        }
        catch (NpgsqlException e)
        {
            throw SiloDatabase.Translate(e);
        }
    }

    private static async Task<int> VersionAsync(
        NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        const string Exists =
            "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = $1 AND tablename = 'schema_version')";
        await using (NpgsqlCommand look = new(Exists, connection) { Parameters = { new() { Value = schema } } })
        {
            if (!(bool)(await look.ExecuteScalarAsync(cancellationToken))!)
            {
                return 0;
            }
        }

        await using NpgsqlCommand read = new("SELECT version FROM schema_version", connection);
        return (int)(await read.ExecuteScalarAsync(cancellationToken))!;
    }

    [SuppressMessage("Security", "CA2100", Justification = "Constant text and a schema name that was checked.")]
    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        // The statements for Orleans hold parameters of their own: they are text here, not to be bound.
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string Load(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}

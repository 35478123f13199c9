using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Npgsql;

namespace Elasticity.Silo;

/// <summary>Creates the tables that Orleans keeps membership and reminders in, and brings older ones up to
/// date.</summary>
internal static class ClusterSchema
{
    private static readonly string[] Steps = ["001-cluster.sql"];

    /// <summary>What the schema of the cluster is called, beside the schema of the events.</summary>
    public static string NameOf(SiloOptions options) => options.PostgreSqlSchema + "_cluster";

    /// <summary>A connection string whose connections see the schema of the cluster.</summary>
    public static string ConnectionStringOf(SiloOptions options) =>
        new NpgsqlConnectionStringBuilder(options.PostgreSql) { SearchPath = NameOf(options) }.ConnectionString;

    /// <summary>Whether the schema is there, as this release wants it.</summary>
    public static async Task<bool> IsReadyAsync(SiloOptions options, CancellationToken cancellationToken)
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(ConnectionStringOf(options));
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancellationToken);
        return await VersionAsync(connection, NameOf(options), cancellationToken) == Steps.Length;
    }

    /// <summary>Makes it ready. Harmless when it is, and when several processes do it at once.</summary>
    /// <exception cref="InvalidOperationException">A newer release made it.</exception>
    public static async Task PrepareAsync(SiloOptions options, CancellationToken cancellationToken)
    {
        string name = NameOf(options);
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(ConnectionStringOf(options));
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancellationToken);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
        await RunAsync(
            connection, $"SELECT pg_advisory_xact_lock(hashtextextended('{name}', 0))", cancellationToken);
        int version = await VersionAsync(connection, name, cancellationToken);
        if (version > Steps.Length)
        {
            throw new InvalidOperationException(
                $"The schema {name} has version {version}; this release knows up to {Steps.Length}.");
        }

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

using System.Reflection;
using Npgsql;

namespace Elasticity.EventStore.PostgreSql;

/// <summary>What the store says about itself.</summary>
/// <param name="Version">The number of the last schema file that was run.</param>
/// <param name="Kind">The kind of engine that owns the data.</param>
/// <param name="ShardCount">The number of shards, fixed when the store was created.</param>
/// <param name="IsJobListComplete">False while the derived list has to be rebuilt.</param>
/// <param name="HasJobs">Whether the table of the derived list exists.</param>
/// <param name="IsAhead">Events were written by transactions that this server has not reached yet: the data was
/// restored from a dump.</param>
internal sealed record StoreFacts(
    int Version, string Kind, int ShardCount, bool IsJobListComplete, bool HasJobs, bool IsAhead);

/// <summary>Creates the tables, and brings older ones up to date.</summary>
internal static class StoreSchema
{
    private const int ServerVersionMin = 130_000; // PostgreSQL 13 has 64-bit transaction ids in SQL.

    private static readonly string[] Steps = ["001-tables.sql", "002-functions.sql", "003-append.sql"];

    /// <summary>Makes the schema ready for this release.</summary>
    /// <exception cref="EventStoreException"><c>store-version</c>: written by a newer release or another kind of
    /// engine.</exception>
    public static async Task<StoreFacts> PrepareAsync(
        NpgsqlConnection connection, PostgreSqlEventStoreOptions options, CancellationToken cancellationToken)
    {
        await CheckServerAsync(connection, cancellationToken).ConfigureAwait(false);

        // Looking first lets a process open a store that it may only read, such as that of a standby server.
        StoreFacts? facts = await InspectAsync(connection, options, cancellationToken).ConfigureAwait(false);
        if (facts is { HasJobs: true, IsAhead: false } && facts.Version == Steps.Length)
        {
            return facts;
        }

        if (!options.Prepares)
        {
            throw Unreadable(facts switch
            {
                null => "was not created yet",
                { Version: var version } when version < Steps.Length =>
                    $"has version {version} and is not brought up to {Steps.Length} yet",
                _ => "was put back from a dump and is not prepared yet",
            });
        }

        NpgsqlTransaction transaction =
            await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            facts = await UpgradeAsync(connection, options, cancellationToken).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return facts;
        }
    }

    private static async Task CheckServerAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        const string Query =
            "SELECT current_setting('server_version_num')::int, current_setting('server_encoding')";
        (int version, string encoding) = (await Database.RunAsync(
            connection, Query, r => (r.GetInt32(0), r.GetString(1)), cancellationToken).ConfigureAwait(false))[0];
        if (version < ServerVersionMin || encoding != "UTF8")
        {
            throw new EventStoreException(
                "store-failed",
                "The store needs PostgreSQL 13 or later and a database in UTF8; "
                    + $"this is version {version / 10_000} in {encoding}.",
                isTransient: false);
        }
    }

    private static async Task<StoreFacts?> InspectAsync(
        NpgsqlConnection connection, PostgreSqlEventStoreOptions options, CancellationToken cancellationToken)
    {
        // From the catalogue itself: after a wait for the advisory lock, a look by name can still be an old memory.
        const string Exists = "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = $1 AND tablename = 'store')";
        const string Facts = """
            SELECT s.version, s.kind, s.shard_count, s.is_job_list_complete, to_regclass('jobs') IS NOT NULL,
                coalesce((SELECT max(position) FROM events), 0)
                    >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint + s.position_offset
            FROM store AS s
            """;
        bool exists = (await Database.RunAsync(
            connection, Exists, r => r.GetBoolean(0), cancellationToken, options.Schema).ConfigureAwait(false))[0];
        if (!exists)
        {
            return null;
        }

        StoreFacts facts = (await Database.RunAsync(
            connection,
            Facts,
            r => new StoreFacts(
                r.GetInt32(0), r.GetString(1), r.GetInt32(2), r.GetBoolean(3), r.GetBoolean(4), r.GetBoolean(5)),
            cancellationToken).ConfigureAwait(false))[0];
        if (facts.Kind != options.Kind)
        {
            throw Unreadable($"belongs to an engine of the kind \"{facts.Kind}\"; this one is \"{options.Kind}\"");
        }

        return facts.Version <= Steps.Length
            ? facts
            : throw Unreadable($"has version {facts.Version}; this release reads up to {Steps.Length}");
    }

    private static async Task<StoreFacts> UpgradeAsync(
        NpgsqlConnection connection, PostgreSqlEventStoreOptions options, CancellationToken cancellationToken)
    {
        const string Lock = "SELECT pg_advisory_xact_lock(hashtextextended('elasticity ' || $1, 0))";
        const string Insert = """
            INSERT INTO store (version, kind, shard_count, position_offset, is_job_list_complete)
            VALUES (0, $1, $2, 0, true)
            """;

        await Run(Lock, options.Schema).ConfigureAwait(false);
        StoreFacts? facts = await InspectAsync(connection, options, cancellationToken).ConfigureAwait(false);
        if (facts is null)
        {
            await Run($"CREATE SCHEMA IF NOT EXISTS {options.Schema}").ConfigureAwait(false); // Checked by the options.
            await Run(Load(Steps[0])).ConfigureAwait(false);
            await Run(Insert, options.Kind, options.ShardCount).ConfigureAwait(false);
        }

        foreach (string step in Steps.Skip(facts?.Version ?? 1))
        {
            await Run(Load(step)).ConfigureAwait(false);
        }

        if (facts is not { HasJobs: true })
        {
            await Run(Load("jobs.sql")).ConfigureAwait(false);
            await Run("UPDATE store SET is_job_list_complete = NOT EXISTS (SELECT FROM events)").ConfigureAwait(false);
        }

        if (facts is { IsAhead: true })
        {
            await Run("""
                UPDATE store SET position_offset =
                    (SELECT max(position) FROM events) - pg_snapshot_xmax(pg_current_snapshot())::text::bigint + 1
                """).ConfigureAwait(false);
        }

        await Run("UPDATE store SET version = $1", Steps.Length).ConfigureAwait(false);
        return (await InspectAsync(connection, options, cancellationToken).ConfigureAwait(false))!;

        Task Run(string sql, params object?[] values) =>
            Database.RunAsync(connection, sql, _ => 0, cancellationToken, values);
    }

    private static string Load(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }

    private static EventStoreException Unreadable(string why) =>
        new("store-version", $"The store {why}.", isTransient: false);
}

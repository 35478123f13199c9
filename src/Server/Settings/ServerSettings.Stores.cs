using Elasticity.EventStore.PostgreSql;
using Elasticity.EventStore.Sqlite;

namespace Elasticity.Server.Settings;

public static partial class ServerSettings
{
    private static Setting[] StoreSettings() =>
    [
        ForSqlite(
            nameof(SqliteEventStoreOptions.ShardCount),
            SettingUnit.Count,
            (1, 1_024),
            "The number of shards of a store that is made; an existing one keeps its own.",
            o => o.ShardCount,
            (o, v) => o with { ShardCount = (int)v }),
        ForSqlite(
            nameof(SqliteEventStoreOptions.QueueMax),
            SettingUnit.Count,
            (1, 1_000_000),
            "The most writes that wait for the disk; further callers wait for a place.",
            o => o.QueueMax,
            (o, v) => o with { QueueMax = (int)v }),
        ForSqlite(
            nameof(SqliteEventStoreOptions.ReadersMax),
            SettingUnit.Count,
            (1, 256),
            "The most reads at once, each with a connection of its own.",
            o => o.ReadersMax,
            (o, v) => o with { ReadersMax = (int)v }),
        ForSqlite(
            nameof(SqliteEventStoreOptions.DatabaseBytesMax),
            SettingUnit.Bytes,
            (0, 65_536 * GiB),
            "How large the database file may grow before writes fail with store-full; 0 means as large as the disk.",
            o => o.DatabaseBytesMax,
            (o, v) => o with { DatabaseBytesMax = v }),
        ForPostgreSql(
            nameof(PostgreSqlEventStoreOptions.ShardCount),
            SettingUnit.Count,
            (1, 1_024),
            "The number of shards of a store that is made; an existing one keeps its own.",
            o => o.ShardCount,
            (o, v) => o with { ShardCount = (int)v }),
        ForPostgreSql(
            nameof(PostgreSqlEventStoreOptions.OwnershipTimeout),
            SettingUnit.Time,
            (100, Hour),
            "How old the owner's renewal is when a standby takes over; the same in all servers that share the store.",
            o => Ms(o.OwnershipTimeout),
            (o, v) => o with { OwnershipTimeout = Time(v) }),
        ForPostgreSql(
            nameof(PostgreSqlEventStoreOptions.CommandTimeout),
            SettingUnit.Time,
            (Second, Hour),
            "How long one statement may take; whole seconds.",
            o => Ms(o.CommandTimeout),
            (o, v) => o with { CommandTimeout = Time(v) }),
        ForPostgreSql(
            nameof(PostgreSqlEventStoreOptions.QueueMax),
            SettingUnit.Count,
            (1, 1_000_000),
            "The most writes that wait for the writer; further callers wait for a place.",
            o => o.QueueMax,
            (o, v) => o with { QueueMax = (int)v }),
        ForPostgreSql(
            nameof(PostgreSqlEventStoreOptions.ReadersMax),
            SettingUnit.Count,
            (1, 1_000),
            "The most reads at once, each with a connection of its own.",
            o => o.ReadersMax,
            (o, v) => o with { ReadersMax = (int)v }),
    ];

    private static Setting ForSqlite(
        string name,
        SettingUnit unit,
        (long Min, long Max) range,
        string description,
        Func<SqliteEventStoreOptions, long> get,
        Func<SqliteEventStoreOptions, long, SqliteEventStoreOptions> set) => Of(
            $"sqlite.{char.ToLowerInvariant(name[0])}{name[1..]}",
            unit,
            range,
            description,
            o => get(o.Sqlite),
            (o, v) => o with { Sqlite = set(o.Sqlite, v) });

    private static Setting ForPostgreSql(
        string name,
        SettingUnit unit,
        (long Min, long Max) range,
        string description,
        Func<PostgreSqlEventStoreOptions, long> get,
        Func<PostgreSqlEventStoreOptions, long, PostgreSqlEventStoreOptions> set) => Of(
            $"postgresql.{char.ToLowerInvariant(name[0])}{name[1..]}",
            unit,
            range,
            description,
            o => get(o.PostgreSqlStore),
            (o, v) => o with { PostgreSqlStore = set(o.PostgreSqlStore, v) });
}

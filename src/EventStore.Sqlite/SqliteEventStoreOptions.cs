namespace Elasticity.EventStore.Sqlite;

/// <summary>How to open a <see cref="SqliteEventStore"/>.</summary>
public sealed record SqliteEventStoreOptions
{
    /// <summary>The data directory, made if it is missing. The database in it is <c>elasticity.db</c>.</summary>
    public required string Directory { get; init; }

    /// <summary>
    /// Only look: no data is written and no lock is taken, so that it works while another process owns the data.
    /// SQLite may leave two side files without content. A log that looks damaged is looked at once more, and keeps
    /// owners away for these moments. Default: false.
    /// </summary>
    public bool IsReadOnly { get; init; }

    /// <summary>When an append counts as stored. Default: <see cref="SqliteSynchronous.Full"/>.</summary>
    public SqliteSynchronous Synchronous { get; init; } = SqliteSynchronous.Full;

    /// <summary>
    /// The number of shards open streams are listed by, 1 to 1,024; only used when the database is made. Default: 64.
    /// </summary>
    public int ShardCount { get; init; } = 64;

    /// <summary>How many writes may wait for the disk before callers wait for a place; at least 1. Default:
    /// 1,024.</summary>
    public int QueueMax { get; init; } = 1_024;

    /// <summary>How many reads run at once, each with a connection of its own; at least 1. Default: 8.</summary>
    public int ReadersMax { get; init; } = 8;

    /// <summary>
    /// How large the database file may grow, in bytes, before writes fail with <c>store-full</c>; the log beside it
    /// comes on top. 0 means no limit but the disk's. Default: 0.
    /// </summary>
    public long DatabaseBytesMax { get; init; }

    internal void Check()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Directory);
        ArgumentOutOfRangeException.ThrowIfLessThan(ShardCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ShardCount, 1_024);
        ArgumentOutOfRangeException.ThrowIfLessThan(QueueMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ReadersMax, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(DatabaseBytesMax);
    }
}

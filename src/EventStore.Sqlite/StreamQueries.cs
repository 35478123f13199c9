using System.Diagnostics.CodeAnalysis;

namespace Elasticity.EventStore.Sqlite;

/// <summary>What can be asked about streams. Each query sees one committed state.</summary>
internal static class StreamQueries
{
    private const string InfoColumns = "name, version, hash, is_open";

    public static StreamHead Head(Database database, StreamId stream)
    {
        using Rows rows = database
            .Prepare("SELECT version, hash FROM streams WHERE name = ?1")
            .Bind(1, stream.Value)
            .Query();
        return rows.Next() ? new StreamHead(rows.Int64(0), rows.Hash(1)) : StreamHead.None;
    }

    public static IReadOnlyList<StreamInfo> List(
        Database database, string prefix, StreamId? after, int limit)
    {
        Statement statement = database.Prepare(
            $"SELECT {InfoColumns} FROM streams WHERE name >= ?1 AND name < ?2 ORDER BY name LIMIT ?3");
        return Read(BindRange(statement, prefix, after, limit), after, limit);
    }

    public static IReadOnlyList<StreamInfo> ListOpen(
        Database database, int shard, string prefix, StreamId? after, int limit) =>
        Read(OpenOf(database, shard, prefix, after, limit), after, limit);

    /// <summary>
    /// Lists all shards by merging them: each is in order, and no more rows are taken from it than are needed.
    /// </summary>
    public static IReadOnlyList<StreamInfo> ListOpenOfAll(
        Database database, int shardCount, string prefix, StreamId? after, int limit)
    {
        Statement[] shards = new Statement[shardCount];
        PriorityQueue<(int Shard, StreamInfo Info), string> firsts = new(StringComparer.Ordinal);
        List<StreamInfo> list = [];
        database.Prepare("BEGIN").Run(); // all shards as they were at one moment
        try
        {
            for (int shard = 0; shard < shardCount; shard++)
            {
                shards[shard] = OpenOf(database, shard, prefix, after, limit);
                Advance(shards[shard], shard, after, firsts);
            }

            while (list.Count < limit && firsts.TryDequeue(out (int Shard, StreamInfo Info) first, out _))
            {
                list.Add(first.Info);
                Advance(shards[first.Shard], first.Shard, after, firsts);
            }

        }
        finally
        {
            foreach (Statement? statement in shards)
            {
                statement?.Reset();
            }
        }

        database.Prepare("COMMIT").Run();
        return list;
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The read goes on after this call; the caller ends it.")]
    private static void Advance(
        Statement statement, int shard, StreamId? after, PriorityQueue<(int Shard, StreamInfo Info), string> firsts)
    {
        Rows rows = statement.Query();
        while (rows.Next())
        {
            StreamInfo info = Info(rows);
            if (info.Stream != after)
            {
                firsts.Enqueue((shard, info), info.Stream.Value);
                return;
            }
        }
    }

    private static Statement OpenOf(Database database, int shard, string prefix, StreamId? after, int limit)
    {
        Statement statement = database.Prepare(
            $"""
            SELECT {InfoColumns} FROM streams
            WHERE is_open = 1 AND shard = ?4 AND name >= ?1 AND name < ?2
            ORDER BY name LIMIT ?3
            """,
            shard);
        return BindRange(statement, prefix, after, limit).Bind(4, shard);
    }

    // One lower bound, so that each page begins at its own place in the index. The row of the last page is left out
    // by the reader, hence one more than the limit.
    private static Statement BindRange(Statement statement, string prefix, StreamId? after, int limit)
    {
        string first = after is { } last && string.CompareOrdinal(last.Value, prefix) > 0 ? last.Value : prefix;
        statement.Bind(1, first).Bind(3, limit + 1);
        return prefix.Length == 0
            ? statement.BindAboveAllTexts(2)
            : statement.Bind(2, prefix[..^1] + (char)(prefix[^1] + 1));
    }

    private static List<StreamInfo> Read(Statement statement, StreamId? after, int limit)
    {
        List<StreamInfo> list = [];
        using Rows rows = statement.Query();
        while (list.Count < limit && rows.Next())
        {
            StreamInfo info = Info(rows);
            if (info.Stream != after)
            {
                list.Add(info);
            }
        }

        return list;
    }

    private static StreamInfo Info(Rows rows) => new(
        new StreamId(rows.Text(0)), new StreamHead(rows.Int64(1), rows.Hash(2)), rows.Int64(3) != 0);
}

namespace Elasticity.EventStore.PostgreSql;

/// <summary>Reads streams and lists them.</summary>
internal sealed class StreamQueries
{
    // Greater than every name with the prefix before it: names are ASCII.
    private const string AfterAll = "\U0010FFFF";

    private readonly Database _database;

    public StreamQueries(Database database) => _database = database;

    public async ValueTask<IReadOnlyList<StoredEvent>> ReadAsync(
        StreamId stream, long from, int limit, bool withAttachments, CancellationToken cancellationToken)
    {
        const string Query = """
            SELECT stream, version, type, metadata, content, attachments, hash
            FROM (
                SELECT *, sum(size) OVER (ORDER BY version) - size AS size_before
                FROM (
                    SELECT *, octet_length(metadata) + octet_length(content) + octet_length(attachments) AS size
                    FROM (
                        SELECT stream, version, type, metadata, content,
                            CASE WHEN $4 THEN attachments ELSE '' END AS attachments, hash
                        FROM events WHERE stream = $1 AND version >= $2 ORDER BY version LIMIT $3
                    ) AS page
                ) AS sized
            ) AS summed
            WHERE size_before < $5
            ORDER BY version
            """;
        return await _database.ReadAsync(
            Query,
            r => Rows.Event(r, 0),
            cancellationToken,
            stream.Value,
            from,
            limit,
            withAttachments,
            EventStoreArguments.PageBytesMax).ConfigureAwait(false);
    }

    /// <summary>One statement whatever the number of streams. Sizes are told without reading what overflows to other
    /// pages.</summary>
    public async ValueTask<IReadOnlyList<StoredEvent>> ReadManyAsync(
        IReadOnlyList<StreamId> streams, int limit, bool withAttachments, CancellationToken cancellationToken)
    {
        const string Query = """
            SELECT stream, version, type, metadata, content, attachments, hash
            FROM (
                SELECT *, sum(size) OVER (ORDER BY ordinal, version) - size AS size_before
                FROM (
                    SELECT e.*, n.ordinal,
                        octet_length(e.metadata) + octet_length(e.content) + octet_length(e.attachments) AS size
                    FROM unnest($1) WITH ORDINALITY AS n (stream, ordinal)
                    CROSS JOIN LATERAL (
                        SELECT stream, version, type, metadata, content,
                            CASE WHEN $3 THEN attachments ELSE '' END AS attachments, hash
                        FROM events WHERE stream = n.stream ORDER BY version LIMIT $2
                    ) AS e
                ) AS sized
            ) AS summed
            WHERE size_before < $4
            ORDER BY ordinal, version
            """;
        return await _database.ReadAsync(
            Query,
            r => Rows.Event(r, 0),
            cancellationToken,
            streams.Select(s => s.Value).ToArray(),
            limit,
            withAttachments,
            EventStoreArguments.PageBytesMax).ConfigureAwait(false);
    }

    public async ValueTask<StreamHead> HeadAsync(StreamId stream, CancellationToken cancellationToken)
    {
        const string Query = "SELECT version, hash FROM events WHERE stream = $1 ORDER BY version DESC LIMIT 1";
        List<StreamHead> heads = await _database.ReadAsync(
            Query, r => Rows.Head(r, 0), cancellationToken, stream.Value).ConfigureAwait(false);
        return heads is [StreamHead head] ? head : StreamHead.None;
    }

    // Hops through the index from one name to the next, so that long streams cost no more than short ones.
    public async ValueTask<IReadOnlyList<StreamInfo>> ListAsync(
        string prefix, StreamId? after, int limit, CancellationToken cancellationToken)
    {
        const string Query = """
            WITH RECURSIVE names AS (
                (
                    SELECT e.stream, 1 AS number FROM events AS e
                    WHERE e.stream >= $1 AND e.stream > $2 AND e.stream < $3
                    ORDER BY e.stream LIMIT 1
                )
                UNION ALL
                SELECT next.stream, n.number + 1
                FROM names AS n
                CROSS JOIN LATERAL (
                    SELECT e.stream FROM events AS e
                    WHERE e.stream > n.stream AND e.stream < $3
                    ORDER BY e.stream LIMIT 1
                ) AS next
                WHERE n.number < $4
            )
            SELECT n.stream, head.version, head.hash, EXISTS (SELECT FROM open_streams AS o WHERE o.stream = n.stream)
            FROM names AS n
            CROSS JOIN LATERAL (
                SELECT e.version, e.hash FROM events AS e WHERE e.stream = n.stream ORDER BY e.version DESC LIMIT 1
            ) AS head
            ORDER BY n.stream
            """;
        return await _database.ReadAsync(
            Query,
            r => new StreamInfo(new StreamId(r.GetString(0)), Rows.Head(r, 1), r.GetBoolean(3)),
            cancellationToken,
            prefix,
            after?.Value ?? string.Empty,
            prefix + AfterAll,
            limit).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<StreamInfo>> ListOpenAsync(
        int? shard, string prefix, StreamId? after, int limit, CancellationToken cancellationToken)
    {
        const string Heads = """
            SELECT n.stream, head.version, head.hash
            FROM names AS n
            CROSS JOIN LATERAL (
                SELECT e.version, e.hash FROM events AS e WHERE e.stream = n.stream ORDER BY e.version DESC LIMIT 1
            ) AS head
            ORDER BY n.stream
            """;
        const string OfAll = $"""
            WITH names AS (
                SELECT o.stream FROM open_streams AS o
                WHERE o.stream >= $1 AND o.stream > $2 AND o.stream < $3
                ORDER BY o.stream LIMIT $4
            )
            {Heads}
            """;
        const string OfOne = $"""
            WITH names AS (
                SELECT o.stream FROM open_streams AS o
                WHERE o.shard = $5 AND o.stream >= $1 AND o.stream > $2 AND o.stream < $3
                ORDER BY o.stream LIMIT $4
            )
            {Heads}
            """;
        object?[] range = [prefix, after?.Value ?? string.Empty, prefix + AfterAll, limit];
        return await _database.ReadAsync(
            shard is null ? OfAll : OfOne,
            r => new StreamInfo(new StreamId(r.GetString(0)), Rows.Head(r, 1), IsOpen: true),
            cancellationToken,
            shard is { } one ? [.. range, one] : range).ConfigureAwait(false);
    }
}

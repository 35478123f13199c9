using System.Globalization;

namespace Elasticity.EventStore.PostgreSql;

/// <summary>Reads the whole log.</summary>
/// <remarks>
/// The place of an event is (position, ordinal), and position is the writing transaction's id: it grows, but a smaller
/// one may commit later. Readers therefore stop below the horizon, where nothing can arrive any more: the oldest
/// transaction that is still open; or, where that is further, behind the last commit of an owner, because owners commit
/// one after the other. Not so where many write: a transaction has its id before it has waited for the lock.
/// </remarks>
internal sealed class LogQueries
{
    private const string SharedHorizon = """
        SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + s.position_offset AS horizon FROM store AS s
        """;

    private const string OwnedHorizon = """
        SELECT greatest(
            pg_snapshot_xmin(pg_current_snapshot())::text::bigint + s.position_offset,
            (SELECT max(c.position) + 1 FROM commits AS c)) AS horizon
        FROM store AS s
        """;

    private readonly Database _database;
    private readonly string _horizon;

    public LogQueries(Database database, bool isShared)
    {
        _database = database;
        _horizon = isShared ? SharedHorizon : OwnedHorizon;
    }

    public async ValueTask<LogPage> ReadAsync(
        LogCursor after, int limit, bool withAttachments, CancellationToken cancellationToken)
    {
        string query = $"""
            WITH final AS ({_horizon}),
            page AS (
                SELECT e.position, e.ordinal, e.stream, e.version, e.type, e.metadata, e.content,
                    CASE WHEN $4 THEN e.attachments ELSE '' END AS attachments, e.hash
                FROM events AS e, final AS f
                WHERE (e.position, e.ordinal) > ($1, $2) AND e.position < f.horizon
                ORDER BY e.position, e.ordinal LIMIT $3 + 1
            ),
            sized AS (
                SELECT *, octet_length(metadata) + octet_length(content) + octet_length(attachments) AS size FROM page
            ),
            summed AS (
                SELECT *, sum(size) OVER place - size AS size_before, row_number() OVER place AS number,
                    count(*) OVER () AS count
                FROM sized
                WINDOW place AS (ORDER BY position, ordinal)
            )
            SELECT stream, version, type, metadata, content, attachments, hash, position, ordinal, count
            FROM summed
            WHERE number <= $3 AND size_before < $5
            ORDER BY position, ordinal
            """;
        (long position, int ordinal) = Parse(after);
        long count = 0;
        List<StoredEvent> events = await _database.ReadAsync(
            query,
            r =>
            {
                (position, ordinal, count) = (r.GetInt64(7), r.GetInt32(8), r.GetInt64(9));
                return Rows.Event(r, 0);
            },
            cancellationToken,
            position,
            ordinal,
            limit,
            withAttachments,
            EventStoreArguments.PageBytesMax).ConfigureAwait(false);
        if (events.Count == 0 && after != LogCursor.Start)
        {
            await CheckAsync(after, position, ordinal, cancellationToken).ConfigureAwait(false);
        }

        LogCursor next = events.Count == 0
            ? after
            : new LogCursor(string.Create(CultureInfo.InvariantCulture, $"{position}.{ordinal}"));
        return new LogPage(events, next, IsEnd: events.Count == count);
    }

    public async ValueTask<LogLag> LagAsync(CancellationToken cancellationToken)
    {
        // In the order of the index: the planner does not know where the horizon is, and reads the whole table for what
        // may be in any place of it.
        string query = $"""
            SELECT pg_snapshot_xmax(s)::text::bigint - pg_snapshot_xmin(s)::text::bigint,
                (SELECT count(*) FROM (
                    SELECT FROM events WHERE position >= horizon ORDER BY position, ordinal LIMIT 10000) AS withheld),
                horizon
            FROM pg_current_snapshot() AS s, ({_horizon}) AS final
            """;
        LogLag lag = (await _database.ReadAsync(
            query, r => new LogLag(r.GetInt64(0), r.GetInt64(1), r.GetInt64(2)), cancellationToken)
            .ConfigureAwait(false))[0];
        PostgreSqlMetrics.Lagged(lag.Events);
        return lag;
    }

    // Without the horizon: what is withheld now may have been shown before, when no transaction was open. And a trim
    // leaves a tombstone behind what it removes.
    private async ValueTask CheckAsync(
        LogCursor after, long position, int ordinal, CancellationToken cancellationToken)
    {
        const string Query = """
            SELECT EXISTS (SELECT FROM events WHERE (position, ordinal) >= ($1, $2))
                OR EXISTS (SELECT FROM commits WHERE position >= $1)
            """;
        if (!(await _database.ReadAsync(Query, r => r.GetBoolean(0), cancellationToken, position, ordinal)
            .ConfigureAwait(false))[0])
        {
            throw new CursorUnknownException(after);
        }
    }

    private static (long Position, int Ordinal) Parse(LogCursor cursor)
    {
        if (cursor == LogCursor.Start)
        {
            return (0, 0);
        }

        string[] parts = cursor.Value.Split('.');
        return parts.Length == 2
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long position)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int ordinal)
                ? (position, ordinal)
                : throw new ArgumentException($"\"{cursor.Value}\" is no cursor of this store.", nameof(cursor));
    }
}

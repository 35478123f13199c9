using System.Globalization;

namespace Elasticity.EventStore.Sqlite;

/// <summary>Reads events, by stream and by the log.</summary>
internal static class EventQueries
{
    private const string Columns = "seq, stream, version, type, hash, metadata, content";

    public static IReadOnlyList<StoredEvent> ReadStream(
        Database database, StreamId stream, long from, int limit, bool withAttachments)
    {
        List<StoredEvent> events = [];
        long bytes = 0;
        Read(database, stream, from, limit, withAttachments, events, ref bytes);
        return events;
    }

    public static IReadOnlyList<StoredEvent> ReadStreams(
        Database database, IReadOnlyList<StreamId> streams, int limit, bool withAttachments)
    {
        List<StoredEvent> events = [];
        long bytes = 0;
        database.Prepare("BEGIN").Run(); // The file is locked and its log looked at once, not for each stream.
        for (int i = 0; i < streams.Count && bytes < EventStoreArguments.PageBytesMax; i++)
        {
            Read(database, streams[i], 1, limit, withAttachments, events, ref bytes);
        }

        database.Prepare("COMMIT").Run();
        return events;
    }

    public static LogPage ReadLog(Database database, LogCursor after, int limit, bool withAttachments)
    {
        long seq = Parse(after);
        if (seq > 0 && seq > (database.Scalar("SELECT max(seq) FROM events") ?? 0))
        {
            throw new CursorUnknownException(after); // A trim leaves a tombstone behind what it removes.
        }

        using Rows rows = database
            .Prepare(Select(withAttachments, "seq > ?1 ORDER BY seq LIMIT ?2"))
            .Bind(1, seq)
            .Bind(2, limit + 1) // one more tells whether this is the end
            .Query();

        List<StoredEvent> events = [];
        LogCursor next = after;
        long bytes = 0;
        while (rows.Next())
        {
            if (events.Count == limit || bytes >= EventStoreArguments.PageBytesMax)
            {
                return new LogPage(events, next, IsEnd: false);
            }

            events.Add(Read(rows, new StreamId(rows.Text(1)), withAttachments, ref bytes));
            next = new LogCursor(rows.Int64(0).ToString(CultureInfo.InvariantCulture));
        }

        return new LogPage(events, next, IsEnd: true);
    }

    private static string Select(bool withAttachments, string condition) =>
        $"SELECT {Columns}{(withAttachments ? ", attachments" : string.Empty)} FROM events WHERE {condition}";

    private static void Read(
        Database database,
        StreamId stream,
        long from,
        int limit,
        bool withAttachments,
        List<StoredEvent> events,
        ref long bytes)
    {
        using Rows rows = database
            .Prepare(Select(withAttachments, "stream = ?1 AND version >= ?2 ORDER BY version LIMIT ?3"))
            .Bind(1, stream.Value)
            .Bind(2, from)
            .Bind(3, limit)
            .Query();
        while (bytes < EventStoreArguments.PageBytesMax && rows.Next())
        {
            events.Add(Read(rows, stream, withAttachments, ref bytes));
        }
    }

    private static StoredEvent Read(Rows rows, StreamId stream, bool withAttachments, ref long bytes)
    {
        EventRecord record = new(
            rows.Text(3),
            rows.Bytes(5),
            rows.Bytes(6),
            withAttachments ? rows.Bytes(7) : default(ReadOnlyMemory<byte>),
            rows.Hash(4));
        bytes += record.ByteCount;
        return new StoredEvent(stream, rows.Int64(2), record);
    }

    private static long Parse(LogCursor cursor)
    {
        if (cursor == LogCursor.Start)
        {
            return 0;
        }

        return long.TryParse(cursor.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long seq)
            ? seq
            : throw new ArgumentException($"'{cursor.Value}' is no cursor of this store.", nameof(cursor));
    }
}

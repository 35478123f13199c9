namespace Elasticity.EventStore.Sqlite;

/// <summary>What a request may do inside the writer's transaction. Lives as long as the writer's connection.</summary>
internal sealed class WriteSession
{
    // The contract asks for the last batch only; more is for a caller that has several under way.
    private const long BatchesKept = 1_024;

    private readonly Database _database;
    private readonly Statement _savepoint;
    private readonly Statement _release;
    private readonly Statement _insertStream;
    private readonly Statement _updateStream;
    private readonly Statement _insertEvent;
    private readonly Statement _insertBatch;
    private readonly Statement _deleteBatch;

    // Gaps, left by what was rolled back, do no harm. Trimming never takes the highest number away, because the
    // tombstone gets a higher one in the same transaction; so no number is given twice.
    private long _seq;
    private long _batch;

    public WriteSession(Database database)
    {
        _database = database;
        _savepoint = database.Prepare("SAVEPOINT request");
        _release = database.Prepare("RELEASE request");
        _insertStream = database.Prepare(
            """
            INSERT INTO streams (name, version, hash, shard, is_open) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (name) DO NOTHING
            """);
        _updateStream = database.Prepare(
            """
            UPDATE streams SET version = ?2, hash = ?3, shard = ?4, is_open = ?5
            WHERE name = ?1 AND version = ?6 AND hash = ?7
            """);
        _insertEvent = database.Prepare(
            """
            INSERT INTO events (seq, stream, version, type, hash, metadata, content, attachments)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """);
        _insertBatch = database.Prepare("INSERT INTO batches (no, id) VALUES (?1, ?2)");
        _deleteBatch = database.Prepare("DELETE FROM batches WHERE no <= ?1");
        _seq = database.Scalar("SELECT max(seq) FROM events") ?? 0;
        _batch = database.Scalar("SELECT max(no) FROM batches") ?? 0;
    }

    /// <summary>The connection, inside the transaction.</summary>
    public Database Database => _database;

    /// <summary>Begins a request: <see cref="TryUndo"/> goes back to here.</summary>
    public void Begin() => _savepoint.Run();

    /// <summary>Ends a request; its changes stay in the transaction.</summary>
    public void End() => _release.Run();

    /// <summary>Takes back what the request did. False when there is no transaction any more, because SQLite gave it
    /// up.</summary>
    public bool TryUndo()
    {
        if (!_database.IsInTransaction)
        {
            return false;
        }

        _database.Prepare("ROLLBACK TO request").Run();
        return true;
    }

    /// <summary>Appends; on a conflict, takes everything back and says with whom.</summary>
    public AppendResult Append(AppendBatch batch)
    {
        for (int i = 0; i < batch.Streams.Count; i++)
        {
            if (!TryWrite(batch.Streams[i]))
            {
                return Conflict(batch.Streams[i]);
            }
        }

        for (int i = 0; i < batch.Absent.Count; i++)
        {
            StreamHead actual = StreamQueries.Head(_database, batch.Absent[i]);
            if (actual != StreamHead.None)
            {
                Undo();
                return new AppendResult.Conflict(batch.Absent[i], actual);
            }
        }

        JobQueries.Upsert(_database, batch.Jobs);
        Remember(batch.Id);
        return AppendResult.Appended.Instance;
    }

    /// <summary>Removes closed streams and appends the tombstone; on a conflict, takes everything back.</summary>
    public AppendResult Trim(IReadOnlyList<StreamInfo> streams, AppendBatch tombstone)
    {
        Statement deleteStream = _database.Prepare(
            "DELETE FROM streams WHERE name = ?1 AND version = ?2 AND hash = ?3 AND is_open = 0");
        Statement deleteEvents = _database.Prepare("DELETE FROM events WHERE stream = ?1");
        foreach (StreamInfo stream in streams)
        {
            string name = stream.Stream.Value;
            if (deleteStream.Bind(1, name).Bind(2, stream.Head.Version).Bind(3, stream.Head.Hash).Run() == 0)
            {
                Undo();
                return new AppendResult.Conflict(stream.Stream, StreamQueries.Head(_database, stream.Stream));
            }

            deleteEvents.Bind(1, name).Run();
        }

        return Append(tombstone);
    }

    /// <summary>Replaces attachments by a form with the same digests.</summary>
    public bool Erase(StreamId stream, long version, ReadOnlyMemory<byte> erased)
    {
        ReadOnlyMemory<byte> stored;
        using (Rows rows = _database
            .Prepare("SELECT attachments FROM events WHERE stream = ?1 AND version = ?2")
            .Bind(1, stream.Value)
            .Bind(2, version)
            .Query())
        {
            if (!rows.Next())
            {
                return false;
            }

            stored = rows.Bytes(0);
        }

        if (Attachments.Root(stored) != Attachments.Root(erased))
        {
            return false;
        }

        _database.Prepare("UPDATE events SET attachments = ?3 WHERE stream = ?1 AND version = ?2")
            .Bind(1, stream.Value)
            .Bind(2, version)
            .Bind(3, erased.Span)
            .Run();
        return true;
    }

    /// <summary>Whether a batch is among the latest.</summary>
    public bool Remembers(Guid batchId)
    {
        using Rows rows = _database.Prepare("SELECT 1 FROM batches WHERE id = ?1").Bind(1, Bytes(batchId)).Query();
        return rows.Next();
    }

    // The head is compared and replaced by one statement: no row changed means another head.
    private bool TryWrite(StreamAppend append)
    {
        string name = append.Stream.Value;
        StreamHead next = append.Next;
        bool isNew = append.Expected == StreamHead.None;
        Statement statement = (isNew ? _insertStream : _updateStream)
            .Bind(1, name)
            .Bind(2, next.Version)
            .Bind(3, next.Hash)
            .Bind(4, append.Shard)
            .Bind(5, append.IsOpen ? 1 : 0);
        if (!isNew)
        {
            statement.Bind(6, append.Expected.Version).Bind(7, append.Expected.Hash);
        }

        if (statement.Run() == 0)
        {
            return false;
        }

        for (int i = 0; i < append.Events.Count; i++)
        {
            EventRecord record = append.Events[i];
            _insertEvent
                .Bind(1, ++_seq)
                .Bind(2, name)
                .Bind(3, append.Expected.Version + 1 + i)
                .Bind(4, record.Type)
                .Bind(5, record.Hash)
                .Bind(6, record.Metadata.Span)
                .Bind(7, record.Content.Span)
                .Bind(8, record.Attachments.Span)
                .Run();
        }

        return true;
    }

    private AppendResult.Conflict Conflict(StreamAppend append)
    {
        Undo();
        StreamHead actual = StreamQueries.Head(_database, append.Stream);
        return actual != append.Expected
            ? new AppendResult.Conflict(append.Stream, actual)
            : throw new ArgumentException($"The batch appends to {append.Stream} twice.");
    }

    private void Remember(Guid batchId)
    {
        _insertBatch.Bind(1, ++_batch).Bind(2, Bytes(batchId)).Run();
        _deleteBatch.Bind(1, _batch - BatchesKept).Run();
    }

    private void Undo() => _database.Prepare("ROLLBACK TO request").Run();

    private static byte[] Bytes(Guid id)
    {
        byte[] bytes = new byte[16];
        _ = id.TryWriteBytes(bytes, bigEndian: true, out _);
        return bytes;
    }
}

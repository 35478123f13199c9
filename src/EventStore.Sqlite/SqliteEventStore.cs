namespace Elasticity.EventStore.Sqlite;

/// <summary>The default store: one SQLite file, owned by one process. <c>docs/decisions/0002-sqlite-layout.md</c>
/// tells how.</summary>
/// <remarks>
/// Reads run on the caller's thread, because SQLite has no asynchronous ones; each is bounded by its page. All writes
/// go through one thread, which puts what is waiting into one transaction.
/// </remarks>
public sealed class SqliteEventStore : IEventStore
{
    private const string FileName = "elasticity.db";

    private readonly SqliteEventStoreOptions _options;
    private readonly OwnerLock? _lock;
    private readonly Writer? _writer;
    private readonly ReaderPool _readers;
    private readonly SqliteJobList _jobs;

    private SqliteEventStore(
        SqliteEventStoreOptions options,
        OwnerLock? ownerLock,
        Writer? writer,
        string path,
        DatabaseMode readerMode,
        int shardCount,
        bool isJobListComplete)
    {
        _options = options;
        _lock = ownerLock;
        _writer = writer;
        _readers = new ReaderPool(path, readerMode, options.ReadersMax);
        ShardCount = shardCount;
        _jobs = new SqliteJobList(this, needsRebuild: !isJobListComplete);
    }

    /// <inheritdoc/>
    public int ShardCount { get; }

    /// <inheritdoc/>
    public IJobList Jobs => _jobs;

    /// <summary>Opens the store in a directory, making what is missing.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="cancellationToken">Checked before anything is done.</param>
    /// <returns>The store.</returns>
    /// <exception cref="EventStoreException"><c>store-locked</c> when another process owns the directory,
    /// <c>store-version</c> when a newer release, another kind of engine or another program wrote the file,
    /// <c>store-corrupt</c> when it is damaged, or its log is and SQLite would drop what had been stored,
    /// <c>store-read-only</c>, <c>store-full</c>, <c>store-unavailable</c>.</exception>
    public static Task<SqliteEventStore> OpenAsync(SqliteEventStoreOptions options, CancellationToken cancellationToken)
    {
        options.Check();
        cancellationToken.ThrowIfCancellationRequested();
        string path = Path.Combine(options.Directory, FileName);
        return Task.FromResult(options.IsReadOnly ? OpenToLook(options, path) : OpenToWrite(options, path));
    }

    /// <inheritdoc/>
    public ValueTask<AppendResult> AppendAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        EventStoreArguments.CheckBatch(batch, ShardCount);
        return WriteAsync(new WriteRequest<AppendResult>(s => s.Append(batch), WeightOf(batch)), cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>Goes through the writer, behind every append called before: what is still waiting is then
    /// decided.</remarks>
    public ValueTask<bool> WasAppendedAsync(Guid batchId, CancellationToken cancellationToken) => WriteAsync(
        new WriteRequest<bool>(s => s.Remembers(batchId), weight: 1) { NeedsCertainty = true }, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEvent>> ReadStreamAsync(
        StreamId stream, long from, int limit, bool withAttachments, CancellationToken cancellationToken)
    {
        EventStoreArguments.CheckLimit(limit, EventStoreArguments.PageMax);
        return ReadAsync(d => EventQueries.ReadStream(d, stream, from, limit, withAttachments), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEvent>> ReadStreamsAsync(
        IReadOnlyList<StreamId> streams, int limit, bool withAttachments, CancellationToken cancellationToken)
    {
        EventStoreArguments.CheckStreams(streams);
        EventStoreArguments.CheckLimit(limit, EventStoreArguments.PageMax);
        return ReadAsync(d => EventQueries.ReadStreams(d, streams, limit, withAttachments), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<StreamHead> ReadHeadAsync(StreamId stream, CancellationToken cancellationToken) =>
        ReadAsync(d => StreamQueries.Head(d, stream), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StreamInfo>> ListStreamsAsync(
        string prefix, StreamId? after, int limit, CancellationToken cancellationToken)
    {
        EventStoreArguments.CheckLimit(limit, EventStoreArguments.PageMax);
        return ReadAsync(d => StreamQueries.List(d, prefix, after, limit), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StreamInfo>> ListOpenAsync(
        int? shard, string prefix, StreamId? after, int limit, CancellationToken cancellationToken)
    {
        EventStoreArguments.CheckLimit(limit, EventStoreArguments.PageMax);
        return ReadAsync(
            d => shard is { } one
                ? StreamQueries.ListOpen(d, one, prefix, after, limit)
                : StreamQueries.ListOpenOfAll(d, ShardCount, prefix, after, limit),
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<LogPage> ReadLogAsync(
        LogCursor after, int limit, bool withAttachments, CancellationToken cancellationToken)
    {
        EventStoreArguments.CheckLimit(limit, EventStoreArguments.PageMax);
        return ReadAsync(d => EventQueries.ReadLog(d, after, limit, withAttachments), cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>The old bytes are overwritten in the file; the log beside it is emptied as soon as nothing else
    /// waits.</remarks>
    public async ValueTask<bool> EraseAttachmentsAsync(
        StreamId stream, long version, ReadOnlyMemory<byte> erased, CancellationToken cancellationToken)
    {
        _writer?.Scrub();
        return await WriteAsync(
            new WriteRequest<bool>(s => s.Erase(stream, version, erased), weight: 1), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<AppendResult> TrimAsync(
        IReadOnlyList<StreamInfo> streams, AppendBatch tombstone, CancellationToken cancellationToken)
    {
        EventStoreArguments.CheckBatch(tombstone, ShardCount);
        _writer?.Scrub();
        int weight = WeightOf(tombstone) + (int)Math.Min(streams.Sum(s => s.Head.Version), int.MaxValue / 2);
        return await WriteAsync(
            new WriteRequest<AppendResult>(s => s.Trim(streams, tombstone), weight), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Makes the appends that wait durable, ends the reads under way, and gives the directory
    /// free.</summary>
    /// <returns>When done.</returns>
    public async ValueTask DisposeAsync()
    {
        // The readers first: the last connection to close moves the log into the file, and only the writer may do
        // that.
        await _readers.DisposeAsync().ConfigureAwait(false);
        if (_writer is not null)
        {
            await _writer.DisposeAsync().ConfigureAwait(false);
        }

        _lock?.Dispose();
    }

    internal ValueTask<T> ReadAsync<T>(Func<Database, T> query, CancellationToken cancellationToken) =>
        _readers.ReadAsync(query, cancellationToken);

    internal ValueTask<T> WriteAsync<T>(WriteRequest<T> request, CancellationToken cancellationToken) =>
        _writer is not null
            ? _writer.DoAsync(request, cancellationToken)
            : throw new EventStoreException(
                "store-read-only", $"'{_options.Directory}' was opened only to look.", isTransient: false);

    private static SqliteEventStore OpenToWrite(SqliteEventStoreOptions options, string path)
    {
        OwnerLock ownerLock = OwnerLock.Take(options.Directory);
        WriterConnection connection = new(path, options);
        try
        {
            if (options.Synchronous == SqliteSynchronous.Full)
            {
                SqliteLog.CheckOwned(path);
            }

            connection.Open();
            return new SqliteEventStore(
                options,
                ownerLock,
                new Writer(connection, options.QueueMax),
                path,
                DatabaseMode.ReadOnly,
                connection.ShardCount,
                connection.IsJobListComplete);
        }
        catch
        {
            connection.Dispose();
            ownerLock.Dispose();
            throw;
        }
    }

    private static SqliteEventStore OpenToLook(SqliteEventStoreOptions options, string path)
    {
        if (!File.Exists(path))
        {
            throw new EventStoreException(
                "store-unavailable", $"'{options.Directory}' holds no data yet.", isTransient: false);
        }

        if (options.Synchronous == SqliteSynchronous.Full)
        {
            SqliteLog.CheckUnowned(path);
        }

        try
        {
            return OpenToLook(options, path, DatabaseMode.ReadOnly);
        }
        catch (EventStoreException) when (new FileInfo(path + "-wal") is not { Exists: true, Length: > 0 })
        {
            // Without a log nobody writes. On a read-only medium SQLite cannot make its side files, and must be told.
            return OpenToLook(options, path, DatabaseMode.Immutable);
        }
    }

    private static SqliteEventStore OpenToLook(SqliteEventStoreOptions options, string path, DatabaseMode mode)
    {
        using Database database = Database.Open(path, mode);
        Schema.Check(database, path);
        return new SqliteEventStore(
            options,
            ownerLock: null,
            writer: null,
            path,
            mode,
            Schema.ShardCount(database),
            Schema.IsJobListComplete(database));
    }

    private static int WeightOf(AppendBatch batch)
    {
        int weight = batch.Jobs.Count;
        for (int i = 0; i < batch.Streams.Count; i++)
        {
            weight += batch.Streams[i].Events.Count;
        }

        return weight;
    }
}

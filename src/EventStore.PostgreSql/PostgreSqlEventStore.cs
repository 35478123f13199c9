using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace Elasticity.EventStore.PostgreSql;

/// <summary>The event store in PostgreSQL 13 or later. One process owns it and writes; others read, or stand
/// by. Or many write (<see cref="PostgreSqlEventStoreOptions.IsShared"/>): their commits come one after the other, and
/// the expected heads decide.</summary>
/// <remarks>
/// A process that never claimed can read; what it appends is <see cref="AppendResult.Fenced"/>. After a restart of the
/// server the store works again without being reopened. Durable is what <c>synchronous_commit</c> of the server says,
/// but never <c>off</c>.
/// </remarks>
public sealed class PostgreSqlEventStore : IOwnedEventStore
{
    private readonly Database _database;
    private readonly Writer _writer;
    private readonly StreamQueries _streams;
    private readonly LogQueries _log;
    private readonly PostgreSqlJobList _jobs;
    private volatile bool _isDisposed;

    private PostgreSqlEventStore(Database database, PostgreSqlEventStoreOptions options, StoreFacts facts)
    {
        _database = database;
        _writer = new Writer(database, options);
        _streams = new StreamQueries(database);
        _log = new LogQueries(database, options.IsShared);
        _jobs = new PostgreSqlJobList(database, _writer, needsRebuild: !facts.IsJobListComplete);
        OwnershipTimeout = options.OwnershipTimeout;
        ShardCount = facts.ShardCount;
    }

    /// <inheritdoc/>
    public int ShardCount { get; }

    /// <inheritdoc/>
    public TimeSpan OwnershipTimeout { get; }

    /// <inheritdoc/>
    public IJobList Jobs => _jobs;

    /// <summary>Opens the store; creates its schema, or brings an older one up to date, unless
    /// <see cref="PostgreSqlEventStoreOptions.Prepares"/> says no. Owns nothing yet.</summary>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Stops opening.</param>
    /// <returns>The store.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="EventStoreException"><c>store-version</c>: written by a newer release or for another kind of
    /// engine; <c>store-unavailable</c> and the other codes.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The store disposes it, or the catch block does.")]
    public static async Task<PostgreSqlEventStore> OpenAsync(
        PostgreSqlEventStoreOptions options, CancellationToken cancellationToken)
    {
        options.Validate();
        Database database = new(options);
        try
        {
            NpgsqlConnection connection = await database.OpenSingleAsync(cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                StoreFacts facts =
                    await StoreSchema.PrepareAsync(connection, options, cancellationToken).ConfigureAwait(false);
                return new PostgreSqlEventStore(database, options, facts);
            }
        }
        catch (Exception e)
        {
            await database.DisposeAsync().ConfigureAwait(false);
            if (e is OperationCanceledException)
            {
                throw;
            }

            throw PostgreSqlErrors.Translate(e);
        }
    }

    /// <inheritdoc/>
    public ValueTask<AppendResult> AppendAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        Enter(cancellationToken);
        EventStoreArguments.CheckBatch(batch, ShardCount);
        return _writer.AppendAsync(new AppendRequest(batch, []), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> WasAppendedAsync(Guid batchId, CancellationToken cancellationToken)
    {
        Enter(cancellationToken);
        (HashSet<Guid> found, bool isCertain) =
            await _writer.RunAsync(s => s.FindAsync([batchId]), cancellationToken).ConfigureAwait(false);
        return found.Count > 0 || (isCertain
            ? false
            : throw new EventStoreException(
                "store-locked",
                "Another process has owned the store for so long that this batch can no longer be told.",
                isTransient: false,
                isOutcomeUnknown: true));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEvent>> ReadStreamAsync(
        StreamId stream, long from, int limit, bool withAttachments, CancellationToken cancellationToken)
    {
        Enter(cancellationToken);
        EventStoreArguments.CheckLimit(limit, EventStoreArguments.PageMax);
        return _streams.ReadAsync(stream, from, limit, withAttachments, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEvent>> ReadStreamsAsync(
        IReadOnlyList<StreamId> streams, int limit, bool withAttachments, CancellationToken cancellationToken)
    {
        Enter(cancellationToken);
        EventStoreArguments.CheckStreams(streams);
        EventStoreArguments.CheckLimit(limit, EventStoreArguments.PageMax);
        return _streams.ReadManyAsync(streams, limit, withAttachments, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<StreamHead> ReadHeadAsync(StreamId stream, CancellationToken cancellationToken)
    {
        Enter(cancellationToken);
        return _streams.HeadAsync(stream, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StreamInfo>> ListStreamsAsync(
        string prefix, StreamId? after, int limit, CancellationToken cancellationToken)
    {
        Enter(cancellationToken);
        EventStoreArguments.CheckLimit(limit, EventStoreArguments.PageMax);
        return _streams.ListAsync(prefix, after, limit, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StreamInfo>> ListOpenAsync(
        int? shard, string prefix, StreamId? after, int limit, CancellationToken cancellationToken)
    {
        Enter(cancellationToken);
        EventStoreArguments.CheckLimit(limit, EventStoreArguments.PageMax);
        return _streams.ListOpenAsync(shard, prefix, after, limit, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<LogPage> ReadLogAsync(
        LogCursor after, int limit, bool withAttachments, CancellationToken cancellationToken)
    {
        Enter(cancellationToken);
        EventStoreArguments.CheckLimit(limit, EventStoreArguments.PageMax);
        return _log.ReadAsync(after, limit, withAttachments, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>Sets the metric <c>elasticity.postgresql.log.lag</c>, too.</remarks>
    public ValueTask<LogLag> ReadLogLagAsync(CancellationToken cancellationToken)
    {
        Enter(cancellationToken);
        return _log.LagAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> EraseAttachmentsAsync(
        StreamId stream, long version, ReadOnlyMemory<byte> erased, CancellationToken cancellationToken)
    {
        Enter(cancellationToken);
        return _writer.RunAsync(s => EraseAsync(s, stream, version, erased), cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The tombstone appends to a stream that is removed.</exception>
    public ValueTask<AppendResult> TrimAsync(
        IReadOnlyList<StreamInfo> streams, AppendBatch tombstone, CancellationToken cancellationToken)
    {
        Enter(cancellationToken);
        EventStoreArguments.CheckBatch(tombstone, ShardCount);
        HashSet<StreamId> removed = [.. streams.Select(s => s.Stream)];
        return tombstone.Streams.Any(s => removed.Contains(s.Stream))
            ? throw new ArgumentException("A tombstone cannot be in a stream that is removed.", nameof(tombstone))
            : _writer.AppendAsync(new AppendRequest(tombstone, streams), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<OwnershipClaim> TryClaimAsync(string owner, CancellationToken cancellationToken)
    {
        Enter(cancellationToken);
        return _writer.RunAsync(s => s.ClaimAsync(owner), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> RenewAsync(CancellationToken cancellationToken)
    {
        Enter(cancellationToken);
        return _writer.RunAsync(s => s.RenewAsync(), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask ReleaseAsync(CancellationToken cancellationToken)
    {
        Enter(cancellationToken);
        await _writer.RunAsync(s => s.ReleaseAsync(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Finishes what is queued, releases the ownership where the server can be reached, and closes.</summary>
    /// <returns>When closed.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        await _writer.DisposeAsync().ConfigureAwait(false);
        await _database.DisposeAsync().ConfigureAwait(false);
    }

    // What is read here stays true until the write: all that writes goes through this session, or ends its epoch.
    private static async Task<bool> EraseAsync(
        WriterSession session, StreamId stream, long version, ReadOnlyMemory<byte> erased)
    {
        const string Query = "SELECT attachments FROM events WHERE stream = $1 AND version = $2";
        const string Call = "SELECT erase_attachments($1, $2, $3, $4)";
        List<byte[]> stored =
            await session.AllAsync(Query, r => Rows.Bytes(r, 0), stream.Value, version).ConfigureAwait(false);
        return stored is [byte[] present]
            && Attachments.Root(present) == Attachments.Root(erased)
            && await session.WriteAsync(Call, stream.Value, version, erased).ConfigureAwait(false);
    }

    private void Enter(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        cancellationToken.ThrowIfCancellationRequested();
    }
}

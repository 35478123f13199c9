namespace Elasticity.EventStore;

/// <summary>A store that forgets everything with its process: for tests, the simulator, and trying things
/// out.</summary>
/// <remarks>
/// Deterministic: every call is complete when it returns, there is no thread, clock or chance in it. It also checks
/// what other stores take on trust, that hashes are chained and no stream comes twice in a batch, and throws
/// <see cref="ArgumentException"/> otherwise.
/// </remarks>
public sealed class InMemoryEventStore : IEventStore
{
    private readonly InMemoryData _data;
    private readonly InMemoryJobList _jobs;
    private volatile bool _isDisposed;

    /// <summary>Makes an empty store.</summary>
    /// <param name="shardCount">The number of shards; at least 1. Default: 64.</param>
    public InMemoryEventStore(int shardCount = 64)
        : this(new InMemoryData(shardCount))
    {
    }

    private InMemoryEventStore(InMemoryData data)
    {
        _data = data;
        _jobs = new InMemoryJobList(data, needsRebuild: !data.IsJobListComplete, Enter);
    }

    /// <inheritdoc/>
    public int ShardCount => _data.ShardCount;

    /// <inheritdoc/>
    public IJobList Jobs => _jobs;

    /// <summary>Opens the same data again, as a process does that restarts. This store refuses every call from then
    /// on.</summary>
    /// <returns>A store that holds everything appended so far.</returns>
    public InMemoryEventStore Reopen()
    {
        _isDisposed = true;
        return new InMemoryEventStore(_data);
    }

    /// <inheritdoc/>
    public ValueTask<AppendResult> AppendAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        Enter(cancellationToken);
        EventStoreArguments.CheckBatch(batch, ShardCount);
        CheckChains(batch);
        lock (_data)
        {
            return ValueTask.FromResult(_data.Append(batch));
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> WasAppendedAsync(Guid batchId, CancellationToken cancellationToken)
    {
        Enter(cancellationToken);
        lock (_data)
        {
            return ValueTask.FromResult(_data.Batches.Contains(batchId));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEvent>> ReadStreamAsync(
        StreamId stream, long from, int limit, bool withAttachments, CancellationToken cancellationToken)
    {
        Enter(cancellationToken);
        EventStoreArguments.CheckLimit(limit, EventStoreArguments.PageMax);
        lock (_data)
        {
            return ValueTask.FromResult<IReadOnlyList<StoredEvent>>(
                _data.ReadStream(stream, from, limit, withAttachments));
        }
    }

    /// <inheritdoc/>
    public ValueTask<StreamHead> ReadHeadAsync(StreamId stream, CancellationToken cancellationToken)
    {
        Enter(cancellationToken);
        lock (_data)
        {
            return ValueTask.FromResult(_data.HeadOf(stream));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StreamInfo>> ListStreamsAsync(
        string prefix, StreamId? after, int limit, CancellationToken cancellationToken)
    {
        Enter(cancellationToken);
        EventStoreArguments.CheckLimit(limit, EventStoreArguments.PageMax);
        lock (_data)
        {
            return ValueTask.FromResult<IReadOnlyList<StreamInfo>>(_data.List(prefix, after, limit));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StreamInfo>> ListOpenAsync(
        int? shard, string prefix, StreamId? after, int limit, CancellationToken cancellationToken)
    {
        Enter(cancellationToken);
        EventStoreArguments.CheckLimit(limit, EventStoreArguments.PageMax);
        lock (_data)
        {
            return ValueTask.FromResult<IReadOnlyList<StreamInfo>>(_data.ListOpen(shard, prefix, after, limit));
        }
    }

    /// <inheritdoc/>
    public ValueTask<LogPage> ReadLogAsync(
        LogCursor after, int limit, bool withAttachments, CancellationToken cancellationToken)
    {
        Enter(cancellationToken);
        EventStoreArguments.CheckLimit(limit, EventStoreArguments.PageMax);
        lock (_data)
        {
            return ValueTask.FromResult(_data.ReadLog(after, limit, withAttachments));
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> EraseAttachmentsAsync(
        StreamId stream, long version, ReadOnlyMemory<byte> erased, CancellationToken cancellationToken)
    {
        Enter(cancellationToken);
        lock (_data)
        {
            return ValueTask.FromResult(_data.Erase(stream, version, erased));
        }
    }

    /// <inheritdoc/>
    public ValueTask<AppendResult> TrimAsync(
        IReadOnlyList<StreamInfo> streams, AppendBatch tombstone, CancellationToken cancellationToken)
    {
        Enter(cancellationToken);
        EventStoreArguments.CheckBatch(tombstone, ShardCount);
        CheckChains(tombstone);
        lock (_data)
        {
            return ValueTask.FromResult(_data.Trim(streams, tombstone));
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _isDisposed = true;
        return ValueTask.CompletedTask;
    }

    private void Enter(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static void CheckChains(AppendBatch batch)
    {
        HashSet<StreamId> seen = [];
        foreach (StreamAppend append in batch.Streams)
        {
            if (!seen.Add(append.Stream))
            {
                throw new ArgumentException($"The batch appends to {append.Stream} twice.", nameof(batch));
            }

            StreamHead head = append.Expected;
            foreach (EventRecord record in append.Events)
            {
                StoredEvent stored = new(append.Stream, head.Version + 1, record);
                if (!HashChain.Follows(head, stored))
                {
                    throw new ArgumentException(
                        $"The hash of {stored.Stream} version {stored.Version} does not follow.", nameof(batch));
                }

                head = new StreamHead(stored.Version, record.Hash);
            }
        }
    }
}

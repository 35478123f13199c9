using Elasticity.EventStore;

namespace Elasticity.Simulator.World;

/// <summary>The reading half of a store whose reads fail now and then.</summary>
/// <param name="store">The store.</param>
/// <param name="pageMax">The most events of a stream that come at once.</param>
/// <param name="mayFail">Fails a read.</param>
internal sealed class FlakyReader(InMemoryEventStore store, int pageMax, Action mayFail) : IEventStore
{
    public int ShardCount => store.ShardCount;

    public IJobList Jobs => store.Jobs;

    public ValueTask<IReadOnlyList<StoredEvent>> ReadStreamAsync(
        StreamId stream, long from, int limit, bool withAttachments, CancellationToken cancellationToken)
    {
        mayFail();
        return store.ReadStreamAsync(stream, from, Math.Min(limit, pageMax), withAttachments, cancellationToken);
    }

    public ValueTask<StreamHead> ReadHeadAsync(StreamId stream, CancellationToken cancellationToken) =>
        store.ReadHeadAsync(stream, cancellationToken);

    public ValueTask<IReadOnlyList<StreamInfo>> ListStreamsAsync(
        string prefix, StreamId? after, int limit, CancellationToken cancellationToken) =>
        store.ListStreamsAsync(prefix, after, limit, cancellationToken);

    public ValueTask<IReadOnlyList<StreamInfo>> ListOpenAsync(
        int? shard, string prefix, StreamId? after, int limit, CancellationToken cancellationToken)
    {
        mayFail();
        return store.ListOpenAsync(shard, prefix, after, limit, cancellationToken);
    }

    public ValueTask<LogPage> ReadLogAsync(
        LogCursor after, int limit, bool withAttachments, CancellationToken cancellationToken) =>
        store.ReadLogAsync(after, limit, withAttachments, cancellationToken);

    public ValueTask<bool> EraseAttachmentsAsync(
        StreamId stream, long version, ReadOnlyMemory<byte> erased, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<AppendResult> TrimAsync(
        IReadOnlyList<StreamInfo> streams, AppendBatch tombstone, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<AppendResult> AppendAsync(AppendBatch batch, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Appends take virtual time.");

    public ValueTask<bool> WasAppendedAsync(Guid batchId, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Ask the link.");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

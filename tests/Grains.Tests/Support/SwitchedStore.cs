using Elasticity.EventStore;

using StreamId = Elasticity.EventStore.StreamId;

namespace Elasticity.Grains.Tests.Support;

/// <summary>The store of a silo that outlives tests: each test puts its own in.</summary>
internal class SwitchedStore : IEventStore
{
    private IEventStore? _inner;

    /// <summary>The store of the test that runs.</summary>
    public IEventStore Inner
    {
        get => Volatile.Read(ref _inner) ?? throw new EventStoreException(
            "store-unavailable", "No test runs.", isTransient: true);
        set => Volatile.Write(ref _inner, value);
    }

    public int ShardCount => ClusterPool.ShardCount;

    public IJobList Jobs => Inner.Jobs;

    public virtual ValueTask<AppendResult> AppendAsync(AppendBatch batch, CancellationToken cancellationToken) =>
        Inner.AppendAsync(batch, cancellationToken);

    public ValueTask<bool> WasAppendedAsync(Guid batchId, CancellationToken cancellationToken) =>
        Inner.WasAppendedAsync(batchId, cancellationToken);

    public ValueTask<IReadOnlyList<StoredEvent>> ReadStreamAsync(
        StreamId stream, long from, int limit, bool withAttachments, CancellationToken cancellationToken) =>
        Inner.ReadStreamAsync(stream, from, limit, withAttachments, cancellationToken);

    public virtual ValueTask<StreamHead> ReadHeadAsync(StreamId stream, CancellationToken cancellationToken) =>
        Inner.ReadHeadAsync(stream, cancellationToken);

    public ValueTask<IReadOnlyList<StreamInfo>> ListStreamsAsync(
        string prefix, StreamId? after, int limit, CancellationToken cancellationToken) =>
        Inner.ListStreamsAsync(prefix, after, limit, cancellationToken);

    public ValueTask<IReadOnlyList<StreamInfo>> ListOpenAsync(
        int? shard, string prefix, StreamId? after, int limit, CancellationToken cancellationToken) =>
        Inner.ListOpenAsync(shard, prefix, after, limit, cancellationToken);

    public ValueTask<LogPage> ReadLogAsync(
        LogCursor after, int limit, bool withAttachments, CancellationToken cancellationToken) =>
        Inner.ReadLogAsync(after, limit, withAttachments, cancellationToken);

    public ValueTask<bool> EraseAttachmentsAsync(
        StreamId stream, long version, ReadOnlyMemory<byte> erased, CancellationToken cancellationToken) =>
        Inner.EraseAttachmentsAsync(stream, version, erased, cancellationToken);

    public ValueTask<AppendResult> TrimAsync(
        IReadOnlyList<StreamInfo> streams, AppendBatch tombstone, CancellationToken cancellationToken) =>
        Inner.TrimAsync(streams, tombstone, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask; // The test disposes of what it put in.
}

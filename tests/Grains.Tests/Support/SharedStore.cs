using Elasticity.EventStore;

using StreamId = Elasticity.EventStore.StreamId;

namespace Elasticity.Grains.Tests.Support;

/// <summary>One store for all silos of a test: none of them disposes of it.</summary>
internal sealed class SharedStore(IEventStore inner) : IEventStore
{
    public int ShardCount => inner.ShardCount;

    public IJobList Jobs => inner.Jobs;

    public ValueTask<AppendResult> AppendAsync(AppendBatch batch, CancellationToken cancellationToken) =>
        inner.AppendAsync(batch, cancellationToken);

    public ValueTask<bool> WasAppendedAsync(Guid batchId, CancellationToken cancellationToken) =>
        inner.WasAppendedAsync(batchId, cancellationToken);

    public ValueTask<IReadOnlyList<StoredEvent>> ReadStreamAsync(
        StreamId stream, long from, int limit, bool withAttachments, CancellationToken cancellationToken) =>
        inner.ReadStreamAsync(stream, from, limit, withAttachments, cancellationToken);

    public ValueTask<StreamHead> ReadHeadAsync(StreamId stream, CancellationToken cancellationToken) =>
        inner.ReadHeadAsync(stream, cancellationToken);

    public ValueTask<IReadOnlyList<StreamInfo>> ListStreamsAsync(
        string prefix, StreamId? after, int limit, CancellationToken cancellationToken) =>
        inner.ListStreamsAsync(prefix, after, limit, cancellationToken);

    public ValueTask<IReadOnlyList<StreamInfo>> ListOpenAsync(
        int? shard, string prefix, StreamId? after, int limit, CancellationToken cancellationToken) =>
        inner.ListOpenAsync(shard, prefix, after, limit, cancellationToken);

    public ValueTask<LogPage> ReadLogAsync(
        LogCursor after, int limit, bool withAttachments, CancellationToken cancellationToken) =>
        inner.ReadLogAsync(after, limit, withAttachments, cancellationToken);

    public ValueTask<bool> EraseAttachmentsAsync(
        StreamId stream, long version, ReadOnlyMemory<byte> erased, CancellationToken cancellationToken) =>
        inner.EraseAttachmentsAsync(stream, version, erased, cancellationToken);

    public ValueTask<AppendResult> TrimAsync(
        IReadOnlyList<StreamInfo> streams, AppendBatch tombstone, CancellationToken cancellationToken) =>
        inner.TrimAsync(streams, tombstone, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

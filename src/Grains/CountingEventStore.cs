using Elasticity.EventStore;

namespace Elasticity.Grains;

/// <summary>A store that counts what is appended.</summary>
/// <param name="inner">The store.</param>
/// <param name="counter">Where to count.</param>
internal sealed class CountingEventStore(IEventStore inner, SiloCounter counter) : IEventStore
{
    /// <summary>The store that it counts for.</summary>
    public IEventStore Inner => inner;

    public int ShardCount => inner.ShardCount;

    public IJobList Jobs => inner.Jobs;

    public async ValueTask<AppendResult> AppendAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        AppendResult result = await inner.AppendAsync(batch, cancellationToken).ConfigureAwait(false);
        if (result is AppendResult.Appended)
        {
            counter.Add(batch);
        }

        return result;
    }

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

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}

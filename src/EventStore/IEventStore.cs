namespace Elasticity.EventStore;

/// <summary>
/// A log of streams. All members may be called from any thread; appends are made durable in the order of the calls.
/// Every member may throw <see cref="EventStoreException"/>; a page out of range or a malformed batch is an
/// <see cref="ArgumentException"/> (<see cref="EventStoreArguments"/>).
/// </summary>
public interface IEventStore : IAsyncDisposable
{
    /// <summary>The number of shards open streams are listed by, fixed when the store was created; default
    /// 64.</summary>
    int ShardCount { get; }

    /// <summary>Appends to one or several streams, all or nothing.</summary>
    /// <param name="batch">What to append, with the heads it was decided on.</param>
    /// <param name="cancellationToken">Stops waiting; the outcome is then unknown.</param>
    /// <returns>Appended (durable), Conflict or Fenced (nothing written).</returns>
    ValueTask<AppendResult> AppendAsync(AppendBatch batch, CancellationToken cancellationToken);

    /// <summary>Resolves an append whose outcome is unknown. Asked before anything else is served.</summary>
    /// <param name="batchId">The id of a batch; guaranteed to be remembered only for the last batch of this
    /// owner.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Whether the batch is in the store. False means that it is not, and never will be.</returns>
    ValueTask<bool> WasAppendedAsync(Guid batchId, CancellationToken cancellationToken);

    /// <summary>Reads part of a stream, oldest first.</summary>
    /// <param name="stream">The stream; an unknown one has no events.</param>
    /// <param name="from">The first version wanted; at least 1.</param>
    /// <param name="limit">The most events to return; 1 to 10,000. A store may return fewer, but at least one if there
    /// is one.</param>
    /// <param name="withAttachments">False leaves the attachments out, for readers that need only states.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The events; empty at the end of the stream.</returns>
    ValueTask<IReadOnlyList<StoredEvent>> ReadStreamAsync(
        StreamId stream, long from, int limit, bool withAttachments, CancellationToken cancellationToken);

    /// <summary>Reads the beginnings of many streams, in one round trip where the store can: what recovery
    /// reads.</summary>
    /// <param name="streams">The streams, each once; 1 to 10,000. Unknown ones have no events.</param>
    /// <param name="limit">The most events of each stream; 1 to 10,000.</param>
    /// <param name="withAttachments">False leaves the attachments out.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Events stream by stream, in the order asked for; of each from version 1 on, oldest first. A store may
    /// leave out later events of any stream and whole streams at the end, so that the page stays small, but returns at
    /// least one event if there is one. The heads say what is missing.</returns>
    /// <remarks>Unless a store does better, one stream is read after the other.</remarks>
    async ValueTask<IReadOnlyList<StoredEvent>> ReadStreamsAsync(
        IReadOnlyList<StreamId> streams, int limit, bool withAttachments, CancellationToken cancellationToken)
    {
        EventStoreArguments.CheckStreams(streams);
        List<StoredEvent> events = [];
        long bytes = 0;
        foreach (StreamId stream in streams)
        {
            foreach (StoredEvent stored in await ReadStreamAsync(stream, 1, limit, withAttachments, cancellationToken)
                .ConfigureAwait(false))
            {
                events.Add(stored);
                bytes += stored.Record.ByteCount;
            }

            if (bytes >= EventStoreArguments.PageBytesMax)
            {
                break;
            }
        }

        return events;
    }

    /// <summary>Looks up one stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Its head, or <see cref="StreamHead.None"/> when it has no event.</returns>
    ValueTask<StreamHead> ReadHeadAsync(StreamId stream, CancellationToken cancellationToken);

    /// <summary>Lists streams by name in ordinal order, to verify, trim or rebuild.</summary>
    /// <param name="prefix">What the names begin with; empty lists all.</param>
    /// <param name="after">The last name of the page before; null begins.</param>
    /// <param name="limit">1 to 10,000.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The streams; fewer than <paramref name="limit"/> at the end.</returns>
    ValueTask<IReadOnlyList<StreamInfo>> ListStreamsAsync(
        string prefix, StreamId? after, int limit, CancellationToken cancellationToken);

    /// <summary>Lists the open streams of a shard in ordinal order: where recovery begins.</summary>
    /// <param name="shard">0 to <see cref="ShardCount"/> - 1; null lists all shards.</param>
    /// <param name="prefix">What the names begin with: <c>job/</c>, <c>task/</c>; empty lists all.</param>
    /// <param name="after">The last name of the page before; null begins.</param>
    /// <param name="limit">1 to 10,000.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The streams; fewer than <paramref name="limit"/> at the end.</returns>
    ValueTask<IReadOnlyList<StreamInfo>> ListOpenAsync(
        int? shard, string prefix, StreamId? after, int limit, CancellationToken cancellationToken);

    /// <summary>Reads the whole log from a cursor. Never skips an event, also not one that commits late; order is
    /// promised within a stream only.</summary>
    /// <param name="after">Where the last page ended; <see cref="LogCursor.Start"/> begins.</param>
    /// <param name="limit">The most events to return; 1 to 10,000.</param>
    /// <param name="withAttachments">False leaves the attachments out.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The next events, none when there is nothing new, and the cursor to go on from.</returns>
    /// <exception cref="CursorUnknownException">The cursor is beyond the end of the log.</exception>
    ValueTask<LogPage> ReadLogAsync(
        LogCursor after, int limit, bool withAttachments, CancellationToken cancellationToken);

    /// <summary>Replaces the attachments of one event, to erase payloads. The digests must stay the same.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="version">The event.</param>
    /// <param name="erased">The new form, from <see cref="Attachments.Erase"/>.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>False when there is no such event or the digests differ.</returns>
    ValueTask<bool> EraseAttachmentsAsync(
        StreamId stream, long version, ReadOnlyMemory<byte> erased, CancellationToken cancellationToken);

    /// <summary>Removes closed streams whole, in the transaction that appends the tombstones which stand for
    /// them.</summary>
    /// <param name="streams">The streams with the heads they must have; an open or changed stream is a
    /// conflict.</param>
    /// <param name="tombstone">What to append in the same transaction: hashes of what is removed.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Appended: removed and recorded. Conflict or Fenced: nothing changed.</returns>
    ValueTask<AppendResult> TrimAsync(
        IReadOnlyList<StreamInfo> streams, AppendBatch tombstone, CancellationToken cancellationToken);

    /// <summary>The derived list of jobs.</summary>
    IJobList Jobs { get; }
}

/// <summary>A stream as listed.</summary>
/// <param name="Stream">Its name.</param>
/// <param name="Head">Its last version and hash.</param>
/// <param name="IsOpen">Whether it waits for something.</param>
public sealed record StreamInfo(StreamId Stream, StreamHead Head, bool IsOpen);

/// <summary>A place in the whole log. Opaque: only the store that gave it can read it.</summary>
/// <param name="Value">Printable ASCII; empty is the start.</param>
public readonly record struct LogCursor(string Value)
{
    /// <summary>Before the first event.</summary>
    public static LogCursor Start => new(string.Empty);
}

/// <summary>Part of the log.</summary>
/// <param name="Events">The events; order is promised within a stream only.</param>
/// <param name="Next">Where to go on; equal to the cursor asked for when there was nothing new.</param>
/// <param name="IsEnd">Whether, when it was read, no further event was visible.</param>
public sealed record LogPage(IReadOnlyList<StoredEvent> Events, LogCursor Next, bool IsEnd);

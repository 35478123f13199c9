namespace Elasticity.EventStore;

/// <summary>Walks one stream for <see cref="LogVerifier"/>.</summary>
internal sealed class StreamVerifier
{
    private const int EventPage = 200;

    private readonly IEventStore _store;
    private readonly StreamId _stream;

    public StreamVerifier(IEventStore store, StreamId stream)
    {
        _store = store;
        _stream = stream;
    }

    /// <summary>How many events the last walk found in order.</summary>
    public long EventsFitting { get; private set; }

    /// <summary>Walks the stream to its first fault, or to its end.</summary>
    /// <param name="head">The head as listed; events beyond it may have been appended since.</param>
    /// <param name="cancellationToken">Stops the walk.</param>
    /// <returns>The fault, or null.</returns>
    public async Task<VerifyFault?> FindFaultAsync(StreamHead head, CancellationToken cancellationToken)
    {
        StreamHead before = StreamHead.None;
        EventsFitting = 0;
        while (true)
        {
            (IReadOnlyList<StoredEvent> page, VerifyFault? unreadable) =
                await ReadAsync(before.Version + 1, cancellationToken).ConfigureAwait(false);
            foreach (StoredEvent stored in page)
            {
                if (!Fits(stored, before))
                {
                    return await FaultOfAsync(stored, before, head, cancellationToken).ConfigureAwait(false);
                }

                before = new StreamHead(stored.Version, stored.Record.Hash);
                EventsFitting++;
                if (before.Version == head.Version && before.Hash != head.Hash)
                {
                    return Fault(head.Version, VerifyDifference.Head, "The stream's head holds another hash.");
                }
            }

            if (unreadable is not null)
            {
                return unreadable;
            }

            if (page.Count == 0)
            {
                return await FaultAtEndAsync(before, head, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<VerifyFault?> FaultAtEndAsync(
        StreamHead last, StreamHead head, CancellationToken cancellationToken)
    {
        if (last.Version < head.Version)
        {
            return Fault(
                last.Version + 1,
                VerifyDifference.TailMissing,
                $"The stream's head says version {head.Version}, but the events end with {last.Version}.");
        }

        if (last.Version > head.Version)
        {
            head = await _store.ReadHeadAsync(_stream, cancellationToken).ConfigureAwait(false);
        }

        return last.Version > head.Version
            ? Fault(
                head.Version + 1,
                VerifyDifference.BeyondHead,
                $"The stream's head says version {head.Version}, but the events end with {last.Version}.")
            : null;
    }

    // A page that cannot be read is read event by event, up to the one to blame.
    private async Task<(IReadOnlyList<StoredEvent> Page, VerifyFault? Unreadable)> ReadAsync(
        long from, CancellationToken cancellationToken)
    {
        List<StoredEvent> page = [];
        bool isSlow = false;
        while (page.Count < EventPage)
        {
            try
            {
                IReadOnlyList<StoredEvent> read = await _store.ReadStreamAsync(
                    _stream, from + page.Count, isSlow ? 1 : EventPage, withAttachments: true, cancellationToken)
                    .ConfigureAwait(false);
                if (!isSlow)
                {
                    return (read, null);
                }

                page.AddRange(read);
                if (read.Count == 0)
                {
                    break;
                }
            }
            catch (EventStoreException e) when (e.Code == "store-corrupt" && !isSlow)
            {
                isSlow = true;
            }
            catch (EventStoreException e) when (e.Code == "store-corrupt")
            {
                return (page, Fault(from + page.Count, VerifyDifference.Unreadable, e.Message));
            }
        }

        return (page, null);
    }

    private static bool Fits(StoredEvent stored, StreamHead before) =>
        stored.Version == before.Version + 1 && TryLink(stored, before.Hash) == stored.Record.Hash;

    private async Task<VerifyFault> FaultOfAsync(
        StoredEvent stored, StreamHead before, StreamHead head, CancellationToken cancellationToken)
    {
        long version = before.Version + 1;
        if (stored.Version != version)
        {
            return Fault(version, VerifyDifference.Gap, $"The next event there is has version {stored.Version}.");
        }

        if (TryLink(stored, before.Hash) is not { } hash)
        {
            return Fault(
                version, VerifyDifference.Attachments, "The attachment block is not in the documented format.");
        }

        (IReadOnlyList<StoredEvent> after, _) = await ReadAsync(version + 1, cancellationToken).ConfigureAwait(false);
        VerifyDifference difference = Blame(stored, hash, after.Count > 0 ? after[0] : null, head);
        return Fault(version, difference, difference switch
        {
            VerifyDifference.Bytes => "Type, metadata, content or an attachment was changed; the hash was not.",
            VerifyDifference.Hash => "The stored hash was changed; the event was not.",
            _ => $"The event gives the hash {hash}, stored is {stored.Record.Hash}.",
        });
    }

    // Whoever was computed from the right hash, the next event or the head, remembers it.
    private static VerifyDifference Blame(StoredEvent stored, Hash256 computed, StoredEvent? next, StreamHead head)
    {
        if (next is not null && next.Version == stored.Version + 1)
        {
            return TryLink(next, stored.Record.Hash) == next.Record.Hash ? VerifyDifference.Bytes
                : TryLink(next, computed) == next.Record.Hash ? VerifyDifference.Hash
                : VerifyDifference.BytesOrHash;
        }

        return head.Version != stored.Version ? VerifyDifference.BytesOrHash
            : head.Hash == stored.Record.Hash ? VerifyDifference.Bytes
            : head.Hash == computed ? VerifyDifference.Hash
            : VerifyDifference.BytesOrHash;
    }

    private static Hash256? TryLink(StoredEvent stored, Hash256 previous)
    {
        EventRecord e = stored.Record;
        try
        {
            Hash256 attachments = Attachments.Root(e.Attachments);
            return HashChain.Link(
                stored.Stream, stored.Version, previous, e.Type, e.Metadata.Span, e.Content.Span, attachments);
        }
        catch (EventStoreException)
        {
            return null;
        }
    }

    private VerifyFault Fault(long version, VerifyDifference difference, string detail) =>
        new(_stream, version, difference, detail);
}

namespace Elasticity.EventStore;

/// <summary>
/// Recomputes the chain of every stream and names the first event that does not fit: changed bytes, changed hashes,
/// gaps, missing tails, events that no stream knows of.
/// </summary>
/// <remarks>
/// May run while others append: what looks wrong is looked at twice. It finds corruption and edits, not an attacker
/// who recomputes everything, and not a stream that vanished with its head; outcome heads kept in other streams tell
/// of that.
/// </remarks>
public sealed class LogVerifier
{
    /// <summary>The most faults a report lists.</summary>
    public const int FaultsMax = 100;

    private const int StreamPage = 1_000;
    private const int LogPage = 2_000;

    // How many streams the search for unlisted events remembers, to ask once for each.
    private const int KnownMax = 10_000;

    private readonly IEventStore _store;
    private readonly IProgress<VerifyProgress>? _progress;
    private readonly List<VerifyFault> _faults = [];
    private readonly HashSet<StreamId> _known = [];
    private long _streams;
    private long _events;
    private long _faultCount;

    private LogVerifier(IEventStore store, IProgress<VerifyProgress>? progress)
    {
        _store = store;
        _progress = progress;
    }

    /// <summary>Verifies the streams whose names begin with a prefix.</summary>
    /// <param name="store">The store.</param>
    /// <param name="prefix">Which streams. Empty means all, and then the log is also searched for events that belong
    /// to no stream.</param>
    /// <param name="progress">Told after each page; null tells nobody.</param>
    /// <param name="cancellationToken">Stops the walk.</param>
    /// <returns>What was found. Faults are no exception.</returns>
    /// <exception cref="EventStoreException">The store failed, or is too damaged to list its streams.</exception>
    public static async Task<VerifyReport> VerifyAsync(
        IEventStore store, string prefix, IProgress<VerifyProgress>? progress, CancellationToken cancellationToken)
    {
        LogVerifier verifier = new(store, progress);
        await verifier.WalkStreamsAsync(prefix, cancellationToken).ConfigureAwait(false);
        if (prefix.Length == 0)
        {
            await verifier.WalkLogAsync(cancellationToken).ConfigureAwait(false);
        }

        return new VerifyReport(verifier._streams, verifier._events, verifier._faultCount, verifier._faults);
    }

    private async Task WalkStreamsAsync(string prefix, CancellationToken cancellationToken)
    {
        StreamId? after = null;
        IReadOnlyList<StreamInfo> page;
        do
        {
            page = await _store.ListStreamsAsync(prefix, after, StreamPage, cancellationToken).ConfigureAwait(false);
            foreach (StreamInfo stream in page)
            {
                await WalkStreamAsync(stream.Stream, stream.Head, cancellationToken).ConfigureAwait(false);
                after = stream.Stream;
            }

            Tell(isCrossChecking: false);
        }
        while (page.Count == StreamPage);
    }

    private async Task WalkStreamAsync(StreamId stream, StreamHead head, CancellationToken cancellationToken)
    {
        StreamVerifier verifier = new(_store, stream);
        VerifyFault? fault = await verifier.FindFaultAsync(head, cancellationToken).ConfigureAwait(false);
        if (fault is not null)
        {
            // It may have been trimmed since it was listed.
            head = await _store.ReadHeadAsync(stream, cancellationToken).ConfigureAwait(false);
            if (head == StreamHead.None)
            {
                return;
            }

            fault = await verifier.FindFaultAsync(head, cancellationToken).ConfigureAwait(false);
        }

        _streams++;
        _events += verifier.EventsFitting;
        if (fault is not null)
        {
            Add(fault);
        }
    }

    private async Task WalkLogAsync(CancellationToken cancellationToken)
    {
        LogCursor cursor = LogCursor.Start;
        LogPage page;
        do
        {
            try
            {
                page = await _store.ReadLogAsync(cursor, LogPage, withAttachments: false, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (EventStoreException e) when (e.Code == "store-corrupt" && _faultCount > 0)
            {
                return; // The damage has been reported with its place.
            }

            foreach (StoredEvent stored in page.Events)
            {
                await CheckListedAsync(stored, cancellationToken).ConfigureAwait(false);
            }

            cursor = page.Next;
            Tell(isCrossChecking: true);
        }
        while (!page.IsEnd);
    }

    private async ValueTask CheckListedAsync(StoredEvent stored, CancellationToken cancellationToken)
    {
        if (_known.Count == KnownMax)
        {
            _known.Clear();
        }

        if (!_known.Add(stored.Stream) || await HasHeadAsync(stored.Stream, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        // It may have been trimmed since this page was read.
        IReadOnlyList<StoredEvent> again = await _store
            .ReadStreamAsync(stored.Stream, stored.Version, 1, withAttachments: false, cancellationToken)
            .ConfigureAwait(false);
        if (again.Count > 0 && !await HasHeadAsync(stored.Stream, cancellationToken).ConfigureAwait(false))
        {
            Add(new VerifyFault(
                stored.Stream, stored.Version, VerifyDifference.BeyondHead, "The store lists no such stream."));
        }
    }

    private async ValueTask<bool> HasHeadAsync(StreamId stream, CancellationToken cancellationToken) =>
        await _store.ReadHeadAsync(stream, cancellationToken).ConfigureAwait(false) != StreamHead.None;

    private void Add(VerifyFault fault)
    {
        _faultCount++;
        if (_faults.Count < FaultsMax)
        {
            _faults.Add(fault);
        }
    }

    private void Tell(bool isCrossChecking) =>
        _progress?.Report(new VerifyProgress(_streams, _events, _faultCount, isCrossChecking));
}

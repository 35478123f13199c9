using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.EventStore.Codec;

namespace Elasticity.EventStore;

/// <summary>
/// Holds what jobs recorded of their tasks against the tasks' own streams: each outcome names the head that the task's
/// stream had then, so a stream that lost its tail together with its head, or vanished as a whole, shows here, where
/// <see cref="LogVerifier"/> alone sees nothing. And it holds what jobs wrote down of where they stand against their
/// events, since a job may be read from there.
/// </summary>
public static class OutcomeVerifier
{
    private const int StreamPage = 1_000;
    private const int EventPage = 64;

    /// <summary>Verifies the outcomes of all jobs, or of one.</summary>
    /// <param name="store">The store.</param>
    /// <param name="job">The job; null means all.</param>
    /// <param name="progress">Told after each job; null tells nobody.</param>
    /// <param name="cancellationToken">Stops the walk.</param>
    /// <returns>How many jobs were walked, how many outcomes fitted, and what did not. Faults are no
    /// exception.</returns>
    /// <exception cref="EventStoreException">The store failed.</exception>
    public static async Task<VerifyReport> VerifyAsync(
        IEventStore store, JobId? job, IProgress<VerifyProgress>? progress, CancellationToken cancellationToken)
    {
        Walk walk = new(store);
        if (job is { } one)
        {
            await walk.JobAsync(one, cancellationToken).ConfigureAwait(false);
            return walk.Report();
        }

        StreamId? after = null;
        IReadOnlyList<StreamInfo> page;
        do
        {
            page = await store.ListStreamsAsync(StreamNames.JobPrefix, after, StreamPage, cancellationToken)
                .ConfigureAwait(false);
            foreach (StreamInfo info in page)
            {
                after = info.Stream;
                JobId id = new(info.Stream.Value[StreamNames.JobPrefix.Length..]);
                await walk.JobAsync(id, cancellationToken).ConfigureAwait(false);
                progress?.Report(walk.Progress());
            }
        }
        while (page.Count == StreamPage);
        return walk.Report();
    }

    private sealed class Walk(IEventStore store)
    {
        private readonly List<VerifyFault> _faults = [];
        private long _jobs;
        private long _outcomes;
        private long _faultCount;

        public VerifyProgress Progress() => new(_jobs, _outcomes, _faultCount, IsCrossChecking: true);

        public VerifyReport Report() => new(_jobs, _outcomes, _faultCount, _faults);

        public async Task JobAsync(JobId job, CancellationToken cancellationToken)
        {
            _jobs++;
            long from = 1;
            JobState? state = JobState.None;
            IReadOnlyList<StoredEvent> page;
            while ((page = await ReadAsync(StreamNames.Of(job), from, cancellationToken).ConfigureAwait(false) ?? [])
                .Count > 0)
            {
                foreach (StoredEvent stored in page)
                {
                    from = stored.Version + 1;
                    JobEvent? e = Decode(stored);
                    state = state is null || e is null ? null : Evolve(state, e, stored);
                    if (e is JobEvent.OutcomesRecorded { Outcomes.IsDefault: false } recorded)
                    {
                        await OutcomesAsync(job, stored, recorded, cancellationToken).ConfigureAwait(false);
                    }
                }
            }
        }

        /// <returns>Null for an event whose content is not what its type says. That is a fault of this event, and no
        /// reason not to look at the others.</returns>
        private JobEvent? Decode(StoredEvent stored)
        {
            try
            {
                return EventCodec.Default.DecodeJob(stored.Record);
            }
            catch (EventStoreException e) when (e.Code is "store-corrupt" or "store-version")
            {
                Add(new VerifyFault(stored.Stream, stored.Version, VerifyDifference.Unreadable, e.Message));
                return null;
            }
        }

        /// <returns>Null when it cannot be known any more where the job stands.</returns>
        private JobState? Evolve(JobState state, JobEvent e, StoredEvent stored)
        {
            try
            {
                if (e is JobEvent.Checkpointed checkpoint && !JobDecider.IsTrue(state, checkpoint))
                {
                    Add(new VerifyFault(
                        stored.Stream,
                        stored.Version,
                        VerifyDifference.Checkpoint,
                        "It says that the job stands elsewhere than the events before it lead to."));
                }

                return JobDecider.Evolve(state, e);
            }
            catch (Exception notThisJobs) when (notThisJobs is not OutOfMemoryException)
            {
                Add(new VerifyFault(
                    stored.Stream,
                    stored.Version,
                    VerifyDifference.Unreadable,
                    "It does not follow from the events before it."));
                return null;
            }
        }

        private async Task OutcomesAsync(
            JobId job, StoredEvent stored, JobEvent.OutcomesRecorded recorded, CancellationToken cancellationToken)
        {
            foreach (OutcomeRecord outcome in recorded.Outcomes)
            {
                StreamId stream = StreamNames.Of(new TaskId(job, outcome.Index));
                if (await HoldsAsync(stream, outcome.Head, cancellationToken).ConfigureAwait(false)
                    is not var (isThere, events))
                {
                    continue; // It has been named.
                }

                if (isThere || await WasTrimmedAsync(job, stored, cancellationToken).ConfigureAwait(false))
                {
                    _outcomes++;
                    continue;
                }

                Add(new VerifyFault(
                    stream,
                    events + 1,
                    VerifyDifference.Outcome,
                    $"Job {job} recorded in its event {stored.Version} that run {outcome.Run} of the task ended "
                    + $"with the head {outcome.Head}; none of the {events} events of the task has it."));
            }
        }

        /// <returns>The next events, not always as many as there are; null when the first of them cannot be read,
        /// which is added to the faults.</returns>
        private async Task<IReadOnlyList<StoredEvent>?> ReadAsync(
            StreamId stream, long from, CancellationToken cancellationToken)
        {
            for (int limit = EventPage; ; limit = 1)
            {
                try
                {
                    return await store.ReadStreamAsync(stream, from, limit, withAttachments: false, cancellationToken)
                        .ConfigureAwait(false);
                }
                catch (EventStoreException e) when (e.Code == "store-corrupt")
                {
                    if (limit == 1)
                    {
                        Add(new VerifyFault(stream, from, VerifyDifference.Unreadable, e.Message));
                        return null;
                    }
                }
            }
        }

        private void Add(VerifyFault fault)
        {
            if (_faults.Any(f => f.Stream == fault.Stream && f.Version == fault.Version))
            {
                return; // Several outcomes can lead to one event.
            }

            _faultCount++;
            if (_faults.Count < LogVerifier.FaultsMax)
            {
                _faults.Add(fault);
            }
        }

        /// <returns>Null when the stream cannot be read so far.</returns>
        private async Task<(bool IsThere, long Events)?> HoldsAsync(
            StreamId stream, string head, CancellationToken cancellationToken)
        {
            long version = 0;
            IReadOnlyList<StoredEvent>? page;
            while ((page = await ReadAsync(stream, version + 1, cancellationToken).ConfigureAwait(false)) is not [])
            {
                if (page is null)
                {
                    return null;
                }

                if (page.Any(e => e.Record.Hash.ToString() == head))
                {
                    return (true, version);
                }

                version = page[^1].Version;
            }

            return (false, version);
        }

        /// <summary>Whether the job was trimmed while it was walked: then its events are another's now.</summary>
        private async Task<bool> WasTrimmedAsync(JobId job, StoredEvent stored, CancellationToken cancellationToken)
        {
            IReadOnlyList<StoredEvent> again = await store
                .ReadStreamAsync(StreamNames.Of(job), stored.Version, 1, withAttachments: false, cancellationToken)
                .ConfigureAwait(false);
            return again.Count == 0 || again[0].Record.Hash != stored.Record.Hash;
        }
    }
}

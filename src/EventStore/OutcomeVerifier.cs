using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.EventStore.Codec;

namespace Elasticity.EventStore;

/// <summary>
/// Holds what jobs recorded of their tasks against the tasks' own streams: each outcome names the head that the task's
/// stream had then, so a stream that lost its tail together with its head, or vanished as a whole, shows here, where
/// <see cref="LogVerifier"/> alone sees nothing.
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
    /// <exception cref="EventStoreException">The store failed, or the stream of a job cannot be read.</exception>
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
            IReadOnlyList<StoredEvent> page;
            while ((page = await store
                .ReadStreamAsync(StreamNames.Of(job), from, EventPage, withAttachments: false, cancellationToken)
                .ConfigureAwait(false)).Count > 0)
            {
                foreach (StoredEvent stored in page)
                {
                    from = stored.Version + 1;
                    if (EventCodec.Default.DecodeJob(stored.Record) is JobEvent.OutcomesRecorded recorded)
                    {
                        await OutcomesAsync(job, stored, recorded, cancellationToken).ConfigureAwait(false);
                    }
                }
            }
        }

        private async Task OutcomesAsync(
            JobId job, StoredEvent stored, JobEvent.OutcomesRecorded recorded, CancellationToken cancellationToken)
        {
            foreach (OutcomeRecord outcome in recorded.Outcomes)
            {
                StreamId stream = StreamNames.Of(new TaskId(job, outcome.Index));
                (bool isThere, long events) = await HoldsAsync(stream, outcome.Head, cancellationToken)
                    .ConfigureAwait(false);
                if (isThere || await WasTrimmedAsync(job, stored, cancellationToken).ConfigureAwait(false))
                {
                    _outcomes++;
                    continue;
                }

                _faultCount++;
                if (_faults.Count < LogVerifier.FaultsMax)
                {
                    _faults.Add(new VerifyFault(
                        stream,
                        events + 1,
                        VerifyDifference.Outcome,
                        $"Job {job} recorded in its event {stored.Version} that run {outcome.Run} of the task ended "
                        + $"with the head {outcome.Head}; none of the {events} events of the task has it."));
                }
            }
        }

        private async Task<(bool IsThere, long Events)> HoldsAsync(
            StreamId stream, string head, CancellationToken cancellationToken)
        {
            long version = 0;
            IReadOnlyList<StoredEvent> page;
            while ((page = await store
                .ReadStreamAsync(stream, version + 1, EventPage, withAttachments: false, cancellationToken)
                .ConfigureAwait(false)).Count > 0)
            {
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

using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;

namespace Elasticity.Engine;

/// <summary>Jobs: of a long stream the beginning is read, up to the seal, and the end, from the last checkpoint
/// on.</summary>
public sealed partial class StateReader
{
    /// <summary>Folds a job, or its tombstone. Payloads stay in the store.</summary>
    /// <param name="id">The job.</param>
    /// <param name="versionMax">The last version to fold.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The state, and the head of the stream; a tombstone has none.</returns>
    public async ValueTask<(JobState State, StreamHead Head)> JobAsync(
        JobId id, long versionMax, CancellationToken cancellationToken)
    {
        (JobState State, StreamHead Head) job = await FoldJobAsync(
            StreamNames.Of(id), JobState.None, StreamHead.None, versionMax, cancellationToken).ConfigureAwait(false);
        if (job.State.Phase != JobPhase.None)
        {
            return job;
        }

        (JobState trimmed, _) = await FoldJobAsync(
            StreamNames.TombstoneOf(id), JobState.None, StreamHead.None, versionMax, cancellationToken)
            .ConfigureAwait(false);
        return (trimmed, StreamHead.None);
    }

    private async ValueTask<(JobState State, StreamHead Head)> FoldJobAsync(
        StreamId stream, JobState state, StreamHead head, long versionMax, CancellationToken cancellationToken)
    {
        long before = -1;
        while (state.SealedAt is null && before < head.Version && head.Version < versionMax)
        {
            before = head.Version;
            (state, head) = await FoldPageAsync(
                stream, state, head, versionMax, withAttachments: false, EvolveJob, cancellationToken)
                .ConfigureAwait(false);
        }

        if (state.SealedAt is null)
        {
            return (state, head);
        }

        StreamHead last = await store.ReadHeadAsync(stream, cancellationToken).ConfigureAwait(false);
        return await FoldSealedJobAsync(stream, state, head, Math.Min(last.Version, versionMax), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Goes on from the last checkpoint where there is one near the end, and from the given state
    /// otherwise.</summary>
    private async ValueTask<(JobState State, StreamHead Head)> FoldSealedJobAsync(
        StreamId stream, JobState state, StreamHead head, long end, CancellationToken cancellationToken)
    {
        long from = Math.Max(head.Version, end - JobDecider.CheckpointReach(state));
        List<StoredEvent> read = await ReadAsync(stream, from, end, cancellationToken).ConfigureAwait(false);
        int checkpoint = read.FindLastIndex(e => e.Record.Type == EventCodec.JobCheckpointType);
        if (checkpoint < 0 && from > head.Version)
        {
            return await FoldOnAsync(stream, state, head, end, withAttachments: false, EvolveJob, cancellationToken)
                .ConfigureAwait(false);
        }

        if (checkpoint >= 0)
        {
            (state, head) = (Restore(state, read[checkpoint]), HeadAfter(read[checkpoint]));
        }

        foreach (StoredEvent e in read.Skip(checkpoint + 1))
        {
            (state, head) = (EvolveJob(state, e.Record), HeadAfter(e));
        }

        return (state, head);
    }

    private static JobState Restore(JobState @sealed, StoredEvent stored) =>
        EventCodec.Default.DecodeJob(stored.Record) is JobEvent.Checkpointed checkpoint
            && JobDecider.TryRestore(@sealed, checkpoint, stored.Version, out JobState? restored)
                ? restored
                : throw new EventStoreException(
                    "store-corrupt", $"Version {stored.Version} of {stored.Stream} is no checkpoint of that job.",
                    isTransient: false);
}

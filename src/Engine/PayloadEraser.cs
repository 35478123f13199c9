using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;

namespace Elasticity.Engine;

/// <summary>Overwrites what tasks were given and what they gave, wherever it is stored.</summary>
public static class PayloadEraser
{
    /// <summary>Streams under way at once: the store makes what comes together durable together.</summary>
    private const int StreamsUnderWay = 64;

    private const int PageLength = 100;

    /// <summary>Erases. Repeated, it erases what is left.</summary>
    /// <param name="store">The store; trouble with it is an <see cref="EventStoreException"/>.</param>
    /// <param name="job">The job, which has the event that says so already.</param>
    /// <param name="index">One task; null means all.</param>
    /// <param name="cancellationToken">Stops half-way.</param>
    /// <returns>When the bytes are gone.</returns>
    public static async Task EraseAsync(
        IEventStore store, JobId job, int? index, CancellationToken cancellationToken)
    {
        await EraseInputsAsync(store, job, index, cancellationToken).ConfigureAwait(false);
        await EraseResultsAsync(store, job, index, cancellationToken).ConfigureAwait(false);
    }

    private static async Task EraseInputsAsync(
        IEventStore store, JobId job, int? index, CancellationToken cancellationToken)
    {
        (JobState state, _) = await new StateReader(store).JobAsync(job, long.MaxValue, cancellationToken)
            .ConfigureAwait(false);
        foreach (TaskChunk chunk in index is { } one ? [state.ChunkOf(one)] : state.Chunks)
        {
            IReadOnlyList<StoredEvent> read = await store
                .ReadStreamAsync(StreamNames.Of(job), chunk.Version, 1, withAttachments: true, cancellationToken)
                .ConfigureAwait(false);
            await EraseAsync(store, read, i => index is null || chunk.First + i == index, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private static async Task EraseResultsAsync(
        IEventStore store, JobId job, int? index, CancellationToken cancellationToken)
    {
        if (index is { } one)
        {
            await EraseStreamAsync(store, StreamNames.Of(new TaskId(job, one)), cancellationToken)
                .ConfigureAwait(false);
            return;
        }

        StreamId? after = null;
        IReadOnlyList<StreamInfo> page;
        do
        {
            page = await store
                .ListStreamsAsync(StreamNames.TasksOf(job), after, StreamsUnderWay, cancellationToken)
                .ConfigureAwait(false);
            await Task.WhenAll(page.Select(s => EraseStreamAsync(store, s.Stream, cancellationToken)))
                .ConfigureAwait(false);
            after = page.Count > 0 ? page[^1].Stream : null;
        }
        while (page.Count == StreamsUnderWay);
    }

    private static async Task EraseStreamAsync(
        IEventStore store, StreamId stream, CancellationToken cancellationToken)
    {
        IReadOnlyList<StoredEvent> page;
        long from = 1;
        do
        {
            page = await store
                .ReadStreamAsync(stream, from, PageLength, withAttachments: true, cancellationToken)
                .ConfigureAwait(false);
            await EraseAsync(store, page, _ => true, cancellationToken).ConfigureAwait(false);
            from += page.Count;
        }
        while (page.Count > 0);
    }

    private static async Task EraseAsync(
        IEventStore store, IReadOnlyList<StoredEvent> events, Func<int, bool> shouldErase, CancellationToken stop)
    {
        foreach (StoredEvent stored in events)
        {
            ReadOnlyMemory<byte> block = stored.Record.Attachments;
            ReadOnlyMemory<byte> erased = block.IsEmpty ? block : Attachments.Erase(block, shouldErase);
            if (!erased.Span.SequenceEqual(block.Span))
            {
                // False where it was trimmed meanwhile: then it is gone, too.
                await store.EraseAttachmentsAsync(stored.Stream, stored.Version, erased, stop).ConfigureAwait(false);
            }
        }
    }
}

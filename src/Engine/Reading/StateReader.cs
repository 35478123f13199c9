using System.Runtime.CompilerServices;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;

namespace Elasticity.Engine;

/// <summary>Folds streams to states. Safe for concurrent use.</summary>
/// <param name="store">The store; trouble with it is an <see cref="EventStoreException"/>.</param>
public sealed partial class StateReader(IEventStore store)
{
    /// <summary>Events a page. Where they are large the store ends it early
    /// (<see cref="EventStoreArguments.PageBytesMax"/>).</summary>
    private const int PageLength = 1_000;

    /// <summary>Streams a page.</summary>
    private const int StreamsPerPage = 1_000;

    /// <summary>Folds a task, results included.</summary>
    /// <param name="id">The task.</param>
    /// <param name="versionMax">The last version to fold.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The state, and the head of the stream.</returns>
    public async ValueTask<(TaskState State, StreamHead Head)> TaskAsync(
        TaskId id, long versionMax, CancellationToken cancellationToken) =>
        await FoldOnAsync(
            StreamNames.Of(id),
            TaskState.Untouched,
            StreamHead.None,
            versionMax,
            withAttachments: true,
            EvolveTask,
            cancellationToken).ConfigureAwait(false);

    /// <summary>Reads the tasks of a chunk, payloads included.</summary>
    /// <param name="id">The job.</param>
    /// <param name="version">The version of the event that holds it.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The event.</returns>
    public async ValueTask<JobEvent.TasksAdded> ChunkAsync(JobId id, long version, CancellationToken cancellationToken)
    {
        IReadOnlyList<StoredEvent> page = await store
            .ReadStreamAsync(StreamNames.Of(id), version, 1, withAttachments: true, cancellationToken)
                .ConfigureAwait(false);
        return page.Count == 1 && EventCodec.Default.DecodeJob(page[0].Record) is JobEvent.TasksAdded added
            ? added
            : throw new EventStoreException(
                "store-corrupt", $"Version {version} of job {id} should hold tasks, and does not.", isTransient: false);
    }

    /// <summary>Lists open streams, page by page.</summary>
    /// <param name="shard">The shard; null lists all.</param>
    /// <param name="prefix">What their names begin with.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The streams in ordinal order.</returns>
    public async IAsyncEnumerable<StreamInfo> OpenAsync(
        int? shard, string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (IReadOnlyList<StreamInfo> page in OpenPagesAsync(shard, prefix, cancellationToken)
            .ConfigureAwait(false))
        {
            foreach (StreamInfo info in page)
            {
                yield return info;
            }
        }
    }

    private async IAsyncEnumerable<IReadOnlyList<StreamInfo>> OpenPagesAsync(
        int? shard, string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        StreamId? after = null;
        while (true)
        {
            IReadOnlyList<StreamInfo> page = await store
                .ListOpenAsync(shard, prefix, after, StreamsPerPage, cancellationToken).ConfigureAwait(false);
            yield return page;
            if (page.Count < StreamsPerPage)
            {
                yield break;
            }

            after = page[^1].Stream;
        }
    }

    /// <summary>Folds on to the end of the stream, or to a version.</summary>
    private async ValueTask<(TState State, StreamHead Head)> FoldOnAsync<TState>(
        StreamId stream,
        TState state,
        StreamHead head,
        long versionMax,
        bool withAttachments,
        Func<TState, EventRecord, TState> evolve,
        CancellationToken cancellationToken)
    {
        long before = -1;
        while (before < head.Version && head.Version < versionMax)
        {
            before = head.Version;
            (state, head) = await FoldPageAsync(
                stream, state, head, versionMax, withAttachments, evolve, cancellationToken).ConfigureAwait(false);
        }

        return (state, head);
    }

    private async ValueTask<(TState State, StreamHead Head)> FoldPageAsync<TState>(
        StreamId stream,
        TState state,
        StreamHead head,
        long versionMax,
        bool withAttachments,
        Func<TState, EventRecord, TState> evolve,
        CancellationToken cancellationToken)
    {
        IReadOnlyList<StoredEvent> page = await store
            .ReadStreamAsync(stream, head.Version + 1, PageLength, withAttachments, cancellationToken)
            .ConfigureAwait(false);
        foreach (StoredEvent e in page.TakeWhile(e => e.Version <= versionMax))
        {
            (state, head) = (evolve(state, e.Record), HeadAfter(e));
        }

        return (state, head);
    }

    /// <summary>Reads events of a stream without their attachments, from behind one version up to another.</summary>
    private async ValueTask<List<StoredEvent>> ReadAsync(
        StreamId stream, long after, long end, CancellationToken cancellationToken)
    {
        List<StoredEvent> all = [];
        while (after < end)
        {
            int wanted = (int)Math.Min(PageLength, end - after);
            IReadOnlyList<StoredEvent> page = await store
                .ReadStreamAsync(stream, after + 1, wanted, withAttachments: false, cancellationToken)
                .ConfigureAwait(false);
            if (page.Count == 0)
            {
                break;
            }

            all.AddRange(page.TakeWhile(e => e.Version <= end));
            after = page[^1].Version; // Of a damaged stream versions may be missing; none is to come twice.
        }

        return all;
    }

    private static StreamHead HeadAfter(StoredEvent e) => new(e.Version, e.Record.Hash);
}

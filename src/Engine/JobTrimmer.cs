using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;

namespace Elasticity.Engine;

/// <summary>Removes the streams of a job that has ended.</summary>
public static class JobTrimmer
{
    /// <summary>Removes them and stores the tombstone, in one transaction.</summary>
    /// <param name="store">The store.</param>
    /// <param name="job">The job.</param>
    /// <param name="head">The head of its stream that this was decided on: it must be the same still.</param>
    /// <param name="shard">Its shard.</param>
    /// <param name="shown">Its state as it is listed from then on: with the instant, and the version that it had, for
    /// what is listed of a job never goes back.</param>
    /// <param name="trimmed">What stands for it.</param>
    /// <returns>When done.</returns>
    /// <exception cref="EngineUnavailableException"><c>store-conflict</c>: the job changed meanwhile; ask
    /// again.</exception>
    public static async Task TrimAsync(
        IEventStore store, JobId job, StreamHead head, int shard, JobState shown, JobEvent trimmed)
    {
        List<StreamInfo> streams = await StreamsOfAsync(store, job, head).ConfigureAwait(false);
        StreamId stream = StreamNames.TombstoneOf(job);
        StreamAppend tombstone = new(
            stream,
            StreamHead.None,
            shard,
            IsOpen: false,
            [EventCodec.Encode(stream, StreamHead.None, trimmed, default)]);
        AppendBatch batch = new(Guid.CreateVersion7(), [tombstone], [JobRows.Of(job, shown)]);
        if (await store.TrimAsync(streams, batch, CancellationToken.None).ConfigureAwait(false)
            is not AppendResult.Appended)
        {
            throw new EngineUnavailableException("store-conflict", $"Job {job} changed while it was being trimmed.");
        }
    }

    /// <summary>Lists the streams of a job and of its tasks.</summary>
    /// <param name="store">The store.</param>
    /// <param name="job">The job.</param>
    /// <param name="head">The head of the job's stream that trimming it was decided on. It is not read again: what came
    /// since must be a conflict.</param>
    /// <returns>The streams with their heads.</returns>
    public static async ValueTask<List<StreamInfo>> StreamsOfAsync(IEventStore store, JobId job, StreamHead head)
    {
        const int PageLength = 10_000;
        List<StreamInfo> streams = [new(StreamNames.Of(job), head, IsOpen: false)];
        IReadOnlyList<StreamInfo> page;
        do
        {
            StreamId? after = streams.Count == 1 ? null : streams[^1].Stream;
            page = await store.ListStreamsAsync(StreamNames.TasksOf(job), after, PageLength, CancellationToken.None)
                .ConfigureAwait(false);
            streams.AddRange(page);
        }
        while (page.Count == PageLength);
        return streams;
    }
}

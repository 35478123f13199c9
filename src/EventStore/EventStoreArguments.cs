using System.Runtime.CompilerServices;

namespace Elasticity.EventStore;

/// <summary>The checks every store makes before it starts: a caller's slip is an <see cref="ArgumentException"/>,
/// never half an append.</summary>
public static class EventStoreArguments
{
    /// <summary>The longest page of events or streams.</summary>
    public const int PageMax = 10_000;

    /// <summary>The longest page of the job list.</summary>
    public const int JobPageMax = 1_000;

    /// <summary>From so many bytes of events on, a store may end a page early: 8 MiB. A page of large payloads must not
    /// fill the memory.</summary>
    public const long PageBytesMax = 8L * 1024 * 1024;

    /// <summary>Checks how many streams are asked for at once.</summary>
    /// <param name="streams">The streams.</param>
    /// <param name="name">Filled in by the compiler.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not 1 to <see cref="PageMax"/>.</exception>
    public static void CheckStreams(
        IReadOnlyList<StreamId> streams, [CallerArgumentExpression(nameof(streams))] string? name = null) =>
        CheckLimit(streams.Count, PageMax, name);

    /// <summary>Checks the length of a page.</summary>
    /// <param name="limit">What the caller asked for.</param>
    /// <param name="max">The longest page.</param>
    /// <param name="name">Filled in by the compiler.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not 1 to <paramref name="max"/>.</exception>
    public static void CheckLimit(int limit, int max, [CallerArgumentExpression(nameof(limit))] string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, max, name);
    }

    /// <summary>Checks the form of a batch. That a stream appears once only, and that hashes are chained, is left to
    /// the caller.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="shardCount">The store's number of shards.</param>
    /// <exception cref="ArgumentException">No stream, a stream without events, or a shard that does not
    /// exist.</exception>
    public static void CheckBatch(AppendBatch batch, int shardCount)
    {
        if (batch.Streams.Count == 0)
        {
            throw new ArgumentException("A batch appends to at least one stream.", nameof(batch));
        }

        for (int i = 0; i < batch.Streams.Count; i++)
        {
            StreamAppend append = batch.Streams[i];
            if (append.Events.Count == 0)
            {
                throw new ArgumentException($"The append to {append.Stream} has no event.", nameof(batch));
            }

            if (append.Shard < 0 || append.Shard >= shardCount)
            {
                throw new ArgumentException(
                    $"The append to {append.Stream} names shard {append.Shard}; there are {shardCount}.",
                    nameof(batch));
            }
        }
    }
}

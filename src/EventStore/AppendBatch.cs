namespace Elasticity.EventStore;

/// <summary>What one append writes: all of it or nothing, where the store can do that for several streams.</summary>
/// <param name="Id">
/// Chosen by the caller and stored with the batch: after an append whose outcome is unknown,
/// <see cref="IEventStore.WasAppendedAsync"/> tells by it whether the batch is in the store.
/// </param>
/// <param name="Streams">What to append, each stream at most once; not empty.</param>
/// <param name="Jobs">Rows of the derived job list to insert or replace in the same transaction; may be empty.</param>
public sealed record AppendBatch(Guid Id, IReadOnlyList<StreamAppend> Streams, IReadOnlyList<JobRow> Jobs)
{
    /// <summary>Streams that must have no event: a conflict otherwise. Names the tombstone of what is begun here, so
    /// that an append which arrives late, or which was decided on long ago, does not bring back what was trimmed
    /// meanwhile. Empty unless given.</summary>
    public IReadOnlyList<StreamId> Absent { get; init; } = [];
}

/// <summary>Events for one stream.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Expected">The head the caller decided on. Another head in the store is a conflict.</param>
/// <param name="Shard">The shard that lists the stream while it is open; 0 to <see cref="IEventStore.ShardCount"/> -
/// 1.</param>
/// <param name="IsOpen">Whether the stream, after these events, still waits for something: open streams are found by
/// recovery.</param>
/// <param name="Events">Oldest first; not empty; hashes already chained from <paramref name="Expected"/>.</param>
public sealed record StreamAppend(
    StreamId Stream,
    StreamHead Expected,
    int Shard,
    bool IsOpen,
    IReadOnlyList<EventRecord> Events)
{
    /// <summary>The head after the append.</summary>
    public StreamHead Next => new(Expected.Version + Events.Count, Events[^1].Hash);
}

/// <summary>One line of the derived list of jobs. Never authoritative: it can be rebuilt from the log.</summary>
/// <param name="Id">The job.</param>
/// <param name="Name">The name given by the client; may be empty.</param>
/// <param name="State">The job's state in the words of the API: <c>open</c>, <c>succeeded</c>, ….</param>
/// <param name="CreatedAt">When the job was opened, UTC. The list is ordered by it, newest first, then by id.</param>
/// <param name="Version">The version of the job's stream that the row shows; a row never goes back to a smaller
/// one.</param>
/// <param name="Summary">UTF-8 JSON for whoever reads the list; opaque to the store.</param>
public sealed record JobRow(
    string Id,
    string Name,
    string State,
    DateTimeOffset CreatedAt,
    long Version,
    ReadOnlyMemory<byte> Summary);

using System.Collections.Immutable;

namespace Elasticity.Domain.Jobs;

/// <summary>Where a job stands: the fold of its events. Holds what scheduling needs; payloads stay in the
/// log.</summary>
public sealed record JobState
{
    /// <summary>The state before the first event.</summary>
    public static JobState None { get; } = new();

    /// <summary>Where in its life the job is.</summary>
    public JobPhase Phase { get; init; }

    /// <summary>Name, policy and labels as given.</summary>
    public JobHeader Header { get; init; } = new(
        string.Empty, JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty);

    /// <summary>The digest that the whole job must have.</summary>
    public string Digest { get; init; } = string.Empty;

    /// <summary>The digest of what has arrived.</summary>
    public string DigestSoFar { get; init; } = string.Empty;

    /// <summary>How many tasks the job has, or will have when all have arrived.</summary>
    public int TaskCount { get; init; }

    /// <summary>How many tasks have arrived.</summary>
    public int TasksAdded { get; init; }

    /// <summary>How many dependencies have arrived.</summary>
    public int DependenciesAdded { get; init; }

    /// <summary>What has arrived, in order.</summary>
    public ImmutableArray<TaskChunk> Chunks { get; init; } = [];

    /// <summary>Who waits for whom; null before the seal, and when nobody waits.</summary>
    public DependencyGraph? Graph { get; init; }

    /// <summary>The status of each task; empty before the seal.</summary>
    public PersistentArray<JobTaskStatus> Status { get; init; } = PersistentArray<JobTaskStatus>.Empty;

    /// <summary>How many dependencies of each task have not succeeded; empty where <see cref="Graph"/> is
    /// null.</summary>
    public PersistentArray<int> Unmet { get; init; } = PersistentArray<int>.Empty;

    /// <summary>The runs of the tasks that were redriven; all others are in run 1.</summary>
    public ImmutableDictionary<int, int> Runs { get; init; } = ImmutableDictionary<int, int>.Empty;

    /// <summary>The latest redrives that had an id, at most <see cref="JobDecider.RedrivesKnownMax"/>, oldest
    /// first.</summary>
    public ImmutableArray<KnownRedrive> Redrives { get; init; } = [];

    /// <summary>Whether the payloads of each task were erased; empty where those of none were.</summary>
    public PersistentArray<bool> Erased { get; init; } = PersistentArray<bool>.Empty;

    /// <summary>How many tasks are in which status.</summary>
    public TaskCounts Counts { get; init; }

    /// <summary>Whether new leases are held back.</summary>
    public bool IsPaused { get; init; }

    /// <summary>The version of the stream that this state is the fold of.</summary>
    public long Version { get; init; }

    /// <summary>The version of the last checkpoint, before the first one that of the seal; 0 before that.</summary>
    public long LastCheckpoint { get; init; }

    /// <summary>When the job was opened, UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was accepted, UTC; null before.</summary>
    public DateTimeOffset? SealedAt { get; init; }

    /// <summary>When it ended, UTC; null before.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When it was trimmed, UTC; null before.</summary>
    public DateTimeOffset? TrimmedAt { get; init; }

    /// <summary>Whether only the tombstone is left of it.</summary>
    public bool IsTrimmed => TrimmedAt is not null;

    /// <summary>Whether every task has its outcome and the job has its own.</summary>
    public bool IsEnded => Phase is JobPhase.Succeeded or JobPhase.Failed or JobPhase.Cancelled;

    /// <summary>Whether all tasks are asked to stop.</summary>
    public bool IsStopping => Phase is JobPhase.Failing or JobPhase.Cancelling;

    /// <summary>Whether the stream waits for something: recovery must look at it.</summary>
    public bool IsOpen => Phase != JobPhase.None && !IsEnded;

    /// <summary>Whether the payloads of a task were erased.</summary>
    /// <param name="index">The task.</param>
    /// <returns>True when they were, or are about to be.</returns>
    public bool IsErased(int index) => Erased.Count > 0 && Erased[index];

    /// <summary>The run of a task.</summary>
    /// <param name="index">The task.</param>
    /// <returns>1 or more.</returns>
    public int RunOf(int index) => Runs.IsEmpty ? 1 : Runs.GetValueOrDefault(index, 1);

    /// <summary>Whether a task that was offered may still be leased.</summary>
    /// <param name="index">The task.</param>
    /// <param name="run">The run that was offered.</param>
    /// <returns>False when it ended, was redriven, or is to stop.</returns>
    public bool Awaits(int index, int run) => IsOpen && SealedAt is not null && !IsStopping
        && index >= 0 && index < TaskCount
        && RunOf(index) == run
        && Status[index] == JobTaskStatus.Released;

    /// <summary>The kinds of its tasks.</summary>
    /// <returns>Each once.</returns>
    public IEnumerable<string> Kinds() => Chunks.SelectMany(c => c.Segments).Select(s => s.Kind).Distinct();

    /// <summary>The chunk that holds a task.</summary>
    /// <param name="index">0 to <see cref="TasksAdded"/> - 1.</param>
    /// <returns>The chunk.</returns>
    public TaskChunk ChunkOf(int index)
    {
        int low = 0;
        int high = Chunks.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = Chunks[middle].First <= index ? (middle, high) : (low, middle - 1);
        }

        return Chunks[low];
    }

    /// <summary>What a task is scheduled by, and where the run of like tasks that it belongs to ends.</summary>
    /// <param name="index">0 to <see cref="TasksAdded"/> - 1.</param>
    /// <returns>The segment, and the index after its last task.</returns>
    public (TaskSegment Segment, int End) SegmentOf(int index)
    {
        TaskChunk chunk = ChunkOf(index);
        int low = 0;
        int high = chunk.Segments.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = chunk.Segments[middle].First <= index ? (middle, high) : (low, middle - 1);
        }

        int end = low + 1 < chunk.Segments.Length ? chunk.Segments[low + 1].First : chunk.First + chunk.Count;
        return (chunk.Segments[low], end);
    }
}

/// <summary>A redrive that would be known again.</summary>
/// <param name="Request">The id of its request.</param>
/// <param name="Index">The one task that was asked for; null means all.</param>
public readonly record struct KnownRedrive(string Request, int? Index);

/// <summary>Where in its life a job is.</summary>
public enum JobPhase
{
    /// <summary>Never heard of.</summary>
    None = 0,

    /// <summary>The submit has begun; not accepted yet, nothing runs.</summary>
    Opening = 1,

    /// <summary>Accepted; tasks run. Stored as 2.</summary>
    Open = 2,

    /// <summary>A task was dead-lettered and the policy stops the rest. Stored as 3.</summary>
    Failing = 3,

    /// <summary>Somebody asked to cancel; waiting for the tasks. Stored as 4.</summary>
    Cancelling = 4,

    /// <summary>Ended well.</summary>
    Succeeded = 5,

    /// <summary>Ended with dead-lettered tasks.</summary>
    Failed = 6,

    /// <summary>Ended on request.</summary>
    Cancelled = 7,
}

using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Elasticity.Domain.Jobs;

/// <summary>Where a task stands as its job knows it. One byte a task.</summary>
public enum JobTaskStatus : byte
{
    /// <summary>A dependency has not succeeded yet.</summary>
    Blocked = 0,

    /// <summary>Free to be leased: offered to its queue, perhaps leased, perhaps backing off. The task knows
    /// more.</summary>
    Released = 1,

    /// <summary>A dependency ended badly: the task is asked to record that it is skipped.</summary>
    SkipAsked = 2,

    /// <summary>Ended: done.</summary>
    Succeeded = 3,

    /// <summary>Ended: given up.</summary>
    DeadLettered = 4,

    /// <summary>Ended: stopped on request.</summary>
    Cancelled = 5,

    /// <summary>Ended: a dependency did not succeed.</summary>
    Skipped = 6,
}

/// <summary>A chunk of tasks as the job remembers it: what scheduling needs, not the payloads.</summary>
/// <param name="First">The index of its first task.</param>
/// <param name="Count">How many tasks.</param>
/// <param name="Version">The version of the job's event that holds them.</param>
/// <param name="Segments">Runs of tasks alike in kind, priority and not-before, in order; the first begins at
/// <paramref name="First"/>.</param>
/// <param name="DependsOn">The dependencies of each task; null when no task of the chunk has any.</param>
public sealed record TaskChunk(
    int First,
    int Count,
    long Version,
    ImmutableArray<TaskSegment> Segments,
    ImmutableArray<ImmutableArray<int>>? DependsOn);

/// <summary>Tasks that follow one another and are scheduled alike.</summary>
/// <param name="First">The index of the first.</param>
/// <param name="Kind">Their kind.</param>
/// <param name="Priority">Their priority, defaults applied.</param>
/// <param name="NotBefore">Their not-before, UTC; null means none.</param>
public sealed record TaskSegment(int First, string Kind, int Priority, DateTimeOffset? NotBefore);

/// <summary>How many tasks of a job are in which status.</summary>
/// <param name="Blocked">See <see cref="JobTaskStatus.Blocked"/>.</param>
/// <param name="Released">See <see cref="JobTaskStatus.Released"/>.</param>
/// <param name="SkipAsked">See <see cref="JobTaskStatus.SkipAsked"/>.</param>
/// <param name="Succeeded">See <see cref="JobTaskStatus.Succeeded"/>.</param>
/// <param name="DeadLettered">See <see cref="JobTaskStatus.DeadLettered"/>.</param>
/// <param name="Cancelled">See <see cref="JobTaskStatus.Cancelled"/>.</param>
/// <param name="Skipped">See <see cref="JobTaskStatus.Skipped"/>.</param>
public readonly record struct TaskCounts(
    int Blocked, int Released, int SkipAsked, int Succeeded, int DeadLettered, int Cancelled, int Skipped)
{
    /// <summary>How many have their outcome. Not stored.</summary>
    [JsonIgnore]
    public int Ended => Succeeded + DeadLettered + Cancelled + Skipped;

    internal TaskCounts Add(JobTaskStatus status, int n) => status switch
    {
        JobTaskStatus.Blocked => this with { Blocked = Blocked + n },
        JobTaskStatus.Released => this with { Released = Released + n },
        JobTaskStatus.SkipAsked => this with { SkipAsked = SkipAsked + n },
        JobTaskStatus.Succeeded => this with { Succeeded = Succeeded + n },
        JobTaskStatus.DeadLettered => this with { DeadLettered = DeadLettered + n },
        JobTaskStatus.Cancelled => this with { Cancelled = Cancelled + n },
        JobTaskStatus.Skipped => this with { Skipped = Skipped + n },
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}

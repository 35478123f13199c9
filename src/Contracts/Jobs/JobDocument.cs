using System.Text.Json.Serialization;

namespace Elasticity.Contracts;

/// <summary>A job as it is shown and listed.</summary>
public sealed record JobDocument
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>For humans; may be empty.</summary>
    public required string Name { get; init; }

    /// <summary><c>opening</c>, <c>open</c>, <c>failing</c>, <c>cancelling</c>, <c>succeeded</c>, <c>failed</c>,
    /// <c>cancelled</c>; see <see cref="JobWord"/>.</summary>
    public required string State { get; init; }

    /// <summary>Whether new leases are held back.</summary>
    public required bool IsPaused { get; init; }

    /// <summary>How many tasks it has, or will have.</summary>
    public required int TaskCount { get; init; }

    /// <summary>How many of them are in which status.</summary>
    public required TaskCountsDocument Counts { get; init; }

    /// <summary>As given.</summary>
    public required PolicyDocument Policy { get; init; }

    /// <summary>As given.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>When the submit began, UTC.</summary>
    [JsonConverter(typeof(Rfc3339Converter))]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was accepted, UTC; null before.</summary>
    [JsonConverter(typeof(Rfc3339Converter))]
    public DateTimeOffset? SealedAt { get; init; }

    /// <summary>When it ended, UTC; null before.</summary>
    [JsonConverter(typeof(Rfc3339Converter))]
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When it was trimmed, UTC: its tasks and its history are gone. Null before.</summary>
    [JsonConverter(typeof(Rfc3339Converter))]
    public DateTimeOffset? TrimmedAt { get; init; }

    /// <summary>The version of its stream that this shows; <c>?version=</c> shows an earlier one.</summary>
    public required long Version { get; init; }

    /// <summary>Whether nothing more will happen unless it is redriven.</summary>
    [JsonIgnore]
    public bool IsEnded => EndedAt is not null;
}

/// <summary>How many tasks of a job are in which status. They add up to its tasks.</summary>
public sealed record TaskCountsDocument
{
    /// <summary>A dependency has not succeeded yet.</summary>
    public required int Blocked { get; init; }

    /// <summary>Free to be leased: in a queue, with an agent, or backing off.</summary>
    public required int Released { get; init; }

    /// <summary>A dependency ended badly; the task is about to be skipped.</summary>
    public required int SkipAsked { get; init; }

    /// <summary>Done.</summary>
    public required int Succeeded { get; init; }

    /// <summary>Given up.</summary>
    public required int DeadLettered { get; init; }

    /// <summary>Stopped on request.</summary>
    public required int Cancelled { get; init; }

    /// <summary>Not done, because a dependency did not succeed.</summary>
    public required int Skipped { get; init; }
}

/// <summary>The words for <see cref="JobDocument.State"/>.</summary>
public static class JobWord
{
    /// <summary>The submit has begun; not accepted yet, nothing runs.</summary>
    public const string Opening = "opening";

    /// <summary>Accepted; tasks run.</summary>
    public const string Open = "open";

    /// <summary>A task was dead-lettered and the policy stops the rest.</summary>
    public const string Failing = "failing";

    /// <summary>Somebody asked to cancel; waiting for the tasks.</summary>
    public const string Cancelling = "cancelling";

    /// <summary>Ended well.</summary>
    public const string Succeeded = "succeeded";

    /// <summary>Ended with dead-lettered tasks.</summary>
    public const string Failed = "failed";

    /// <summary>Ended on request.</summary>
    public const string Cancelled = "cancelled";
}

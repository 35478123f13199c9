using System.Text.Json.Serialization;

namespace Elasticity.Contracts;

/// <summary>One task of a submit. What is not said is as the job's policy says, or the default.</summary>
public sealed record TaskInput
{
    /// <summary>The capability it needs: 1 to 64 of <c>[A-Za-z0-9._-]</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>For humans, and for dependencies by name; at most 256 characters.</summary>
    public string? Name { get; init; }

    /// <summary>The input: any JSON value of at most 256 KiB, handed to the agent byte for byte.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public RawJson Payload { get; init; }

    /// <summary>The tasks that must succeed first, by index or by name; at most 1,000.</summary>
    public IReadOnlyList<TaskReference>? DependsOn { get; init; }

    /// <summary>When to try again.</summary>
    public RetryDocument? Retry { get; init; }

    /// <summary>How long a lease lasts without a heartbeat; 1 to 86,400 seconds. Default: 30.</summary>
    public double? LeaseSeconds { get; init; }

    /// <summary>Greater goes first; -1,000 to 1,000. Default: 0.</summary>
    public int? Priority { get; init; }

    /// <summary>Not to be leased before this instant, RFC 3339.</summary>
    [JsonConverter(typeof(Rfc3339Converter))]
    public DateTimeOffset? NotBefore { get; init; }
}

/// <summary>What a job says for all its tasks. What is not said is the default.</summary>
public sealed record PolicyDocument
{
    /// <summary>What a dead-lettered task does to the job: <c>fail-at-end</c> (default), <c>fail-fast</c>,
    /// <c>ignore</c>.</summary>
    public string? OnDeadLetter { get; init; }

    /// <summary>When to try again.</summary>
    public RetryDocument? Retry { get; init; }

    /// <summary>How long a lease lasts without a heartbeat; 1 to 86,400 seconds. Default: 30.</summary>
    public double? LeaseSeconds { get; init; }

    /// <summary>Greater goes first; -1,000 to 1,000. Default: 0.</summary>
    public int? Priority { get; init; }
}

/// <summary>Exponential back-off: the delay after attempt n is
/// <c>min(capSeconds, firstSeconds × factor^(n-1))</c>.</summary>
public sealed record RetryDocument
{
    /// <summary>How often the task may be executed; 1 to 1,000; 1 means no retry. Default: 3.</summary>
    public int? AttemptsMax { get; init; }

    /// <summary>The delay after the first failure; 0 to 604,800 seconds. Default: 1.</summary>
    public double? FirstSeconds { get; init; }

    /// <summary>What each further failure multiplies the delay by; 1 to 100. Default: 2.</summary>
    public double? Factor { get; init; }

    /// <summary>The longest delay; 0 to 604,800 seconds. Default: 300.</summary>
    public double? CapSeconds { get; init; }

    /// <summary>The share of the delay that is random; 0 to 1. Default: 0.2.</summary>
    public double? Jitter { get; init; }
}

/// <summary>The words for <see cref="PolicyDocument.OnDeadLetter"/>.</summary>
public static class DeadLetterWord
{
    /// <summary>The other tasks go on; the job fails when all have ended.</summary>
    public const string FailAtEnd = "fail-at-end";

    /// <summary>The job fails at once.</summary>
    public const string FailFast = "fail-fast";

    /// <summary>The job succeeds all the same.</summary>
    public const string Ignore = "ignore";
}

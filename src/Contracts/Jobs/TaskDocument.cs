using System.Text.Json.Serialization;

namespace Elasticity.Contracts;

/// <summary>A task as it is shown and listed.</summary>
public sealed record TaskDocument
{
    /// <summary>Its job.</summary>
    public required string Job { get; init; }

    /// <summary>Its place in the job, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>Its name; null when it has none.</summary>
    public string? Name { get; init; }

    /// <summary>The capability it needs.</summary>
    public required string Kind { get; init; }

    /// <summary><c>blocked</c>, <c>pending</c>, <c>ready</c>, <c>leased</c>, <c>succeeded</c>, <c>dead-lettered</c>,
    /// <c>cancelled</c>, <c>skipped</c>; see <see cref="TaskWord"/>.</summary>
    public required string State { get; init; }

    /// <summary>Greater goes first; defaults applied.</summary>
    public required int Priority { get; init; }

    /// <summary>The indexes of the tasks that must succeed first.</summary>
    public required IReadOnlyList<int> DependsOn { get; init; }

    /// <summary>Not leased before this instant, UTC; the end of a back-off too.</summary>
    [JsonConverter(typeof(Rfc3339Converter))]
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>1, then +1 with each redrive.</summary>
    public required int Run { get; init; }

    /// <summary>How many attempts of this run failed.</summary>
    public required int Attempts { get; init; }

    /// <summary>How many leases of this run were lost.</summary>
    public required int LeasesLost { get; init; }

    /// <summary>How many leases of this run expired.</summary>
    public required int LeasesExpired { get; init; }

    /// <summary>The token of the last lease; 0 before the first.</summary>
    public required long Token { get; init; }

    /// <summary>The current lease; null unless leased.</summary>
    public LeaseDocument? Lease { get; init; }

    /// <summary>What the agent said last; null for nothing.</summary>
    public string? Progress { get; init; }

    /// <summary>The last failure of this run; null for none.</summary>
    public FailureDocument? Failure { get; init; }

    /// <summary>Why it was dead-lettered: <c>attempts-exhausted</c>, <c>final-failure</c>, <c>poison</c>,
    /// <c>lost-too-often</c>; null otherwise.</summary>
    public string? Reason { get; init; }

    /// <summary>The index of the dependency that made it skipped; null otherwise.</summary>
    public int? SkipCause { get; init; }

    /// <summary>When the first lease of this run began, UTC.</summary>
    [JsonConverter(typeof(Rfc3339Converter))]
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the run ended, UTC.</summary>
    [JsonConverter(typeof(Rfc3339Converter))]
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The version of its stream that this shows; 0 when it has no event yet.</summary>
    public required long Version { get; init; }

    /// <summary>Its input; absent when it has none or was not asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public RawJson Payload { get; init; }

    /// <summary>Its result; absent when it has none or was not asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public RawJson Result { get; init; }
}

/// <summary>Who executes a task.</summary>
public sealed record LeaseDocument
{
    /// <summary>The fence: +1 with every lease of the task.</summary>
    public required long Token { get; init; }

    /// <summary>Which attempt of the run; 1 is the first.</summary>
    public required int Attempt { get; init; }

    /// <summary>The agent.</summary>
    public required string Agent { get; init; }

    /// <summary>Its session.</summary>
    public required string Session { get; init; }
}

/// <summary>Why an attempt failed.</summary>
public sealed record FailureDocument
{
    /// <summary>A stable word for programs, chosen by the handler: <c>exit-code</c>, <c>timeout</c>.</summary>
    public required string Code { get; init; }

    /// <summary>For humans; cut at 4,096 characters.</summary>
    public required string Message { get; init; }

    /// <summary>Trying again is pointless: dead-letter at once. Default: false.</summary>
    public bool? IsFinal { get; init; }
}

/// <summary>The words for <see cref="TaskDocument.State"/>.</summary>
public static class TaskWord
{
    /// <summary>A dependency has not succeeded.</summary>
    public const string Blocked = "blocked";

    /// <summary>Waits for its not-before or the end of its back-off.</summary>
    public const string Pending = "pending";

    /// <summary>May be leased now.</summary>
    public const string Ready = "ready";

    /// <summary>With an agent.</summary>
    public const string Leased = "leased";

    /// <summary>Done.</summary>
    public const string Succeeded = "succeeded";

    /// <summary>Given up.</summary>
    public const string DeadLettered = "dead-lettered";

    /// <summary>Stopped on request.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>Not done, because a dependency did not succeed.</summary>
    public const string Skipped = "skipped";
}

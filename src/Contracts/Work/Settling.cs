using System.Text.Json.Serialization;

namespace Elasticity.Contracts;

/// <summary>Ends leases with results, and may lease new tasks in the same call, which does not wait for any:
/// <c>POST /v1/agents/{id}/sessions/{session}/settle</c>.</summary>
public sealed record SettleTasks
{
    /// <summary>What came out; at most 1,000. Sending it again is harmless.</summary>
    public required IReadOnlyList<TaskResultInput> Results { get; init; }

    /// <summary>New tasks wanted; null for none. Its wait is ignored.</summary>
    public LeaseTasks? Lease { get; init; }
}

/// <summary>How one lease ends.</summary>
public sealed record TaskResultInput
{
    /// <summary>The job.</summary>
    public required string Job { get; init; }

    /// <summary>The task's place in the job.</summary>
    public required int Index { get; init; }

    /// <summary>The token of the lease.</summary>
    public required long Token { get; init; }

    /// <summary><c>succeeded</c>, <c>failed</c> or <c>given-back</c>; see <see cref="OutcomeWord"/>.</summary>
    public required string Outcome { get; init; }

    /// <summary>What came out: any JSON value of at most 256 KiB. Not with <c>given-back</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public RawJson Result { get; init; }

    /// <summary>Why it failed; with <c>failed</c>, and only then.</summary>
    public FailureDocument? Failure { get; init; }
}

/// <summary>What became of results.</summary>
public sealed record SettleAnswerDocument
{
    /// <summary>How many are recorded, those that had been before among them.</summary>
    public required int Recorded { get; init; }

    /// <summary>Those that were refused; the others are recorded.</summary>
    public required IReadOnlyList<RefusedResultDocument> Refused { get; init; }

    /// <summary>The new tasks; empty when none were asked for or ready.</summary>
    public required IReadOnlyList<LeasedTaskDocument> Tasks { get; init; }

    /// <summary>Why the lease request was refused; null when it was not.</summary>
    public RejectionDocument? LeaseRejection { get; init; }
}

/// <summary>A result that was refused.</summary>
public sealed record RefusedResultDocument
{
    /// <summary>Its place in <see cref="SettleTasks.Results"/>, from 0.</summary>
    public required int Position { get; init; }

    /// <summary><c>lease-lost</c>, <c>task-unknown</c>, <c>job-unknown</c>, <c>limit-exceeded</c>.</summary>
    public required string Code { get; init; }

    /// <summary>One sentence for a human.</summary>
    public required string Detail { get; init; }
}

/// <summary>An expected "no" inside an answer.</summary>
public sealed record RejectionDocument
{
    /// <summary>Stable, kebab-case; see docs/reference/rejections.md.</summary>
    public required string Code { get; init; }

    /// <summary>One sentence for a human.</summary>
    public required string Detail { get; init; }
}

/// <summary>The words for <see cref="TaskResultInput.Outcome"/>.</summary>
public static class OutcomeWord
{
    /// <summary>The task is done.</summary>
    public const string Succeeded = "succeeded";

    /// <summary>The handler failed: an attempt is counted.</summary>
    public const string Failed = "failed";

    /// <summary>The agent stops and gives the task back unfinished: free of charge.</summary>
    public const string GivenBack = "given-back";
}

using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Elasticity.Domain.Tasks;

namespace Elasticity.Domain.Jobs;

/// <summary>One task as the client gave it: null means "not said", and the job's policy or the defaults
/// apply.</summary>
public sealed record TaskSpec
{
    /// <summary>The least priority.</summary>
    public const int PriorityMin = -1_000;

    /// <summary>The greatest priority.</summary>
    public const int PriorityMax = 1_000;

    /// <summary>The capability it needs: 1 to 64 of <c>[A-Za-z0-9._-]</c>, never a class name.</summary>
    public required string Kind { get; init; }

    /// <summary>A name for humans; null means none.</summary>
    public string? Name { get; init; }

    /// <summary>The input; may be none. Stored as an attachment, so that it can be erased.</summary>
    [JsonIgnore]
    public Payload Payload { get; init; }

    /// <summary>The indexes of the tasks in the same job that must succeed first; default or empty means
    /// none.</summary>
    public ImmutableArray<int> DependsOn { get; init; } = [];

    /// <summary>When to try again; null means as the job says.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>How long a lease lasts without a heartbeat, 1 second to 24 hours; null means as the job says.</summary>
    public TimeSpan? LeaseLength { get; init; }

    /// <summary>Greater goes first, -1,000 to 1,000; null means as the job says.</summary>
    public int? Priority { get; init; }

    /// <summary>Not to be leased before this instant, UTC; null means at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>What the task aggregate needs to know.</summary>
    /// <param name="policy">The job's policy, for what the task does not say.</param>
    /// <returns>The terms.</returns>
    public TaskTerms Terms(JobPolicy policy) => new(
        Kind, Priority ?? policy.Priority ?? 0, LeaseLength ?? policy.LeaseLength, Retry ?? policy.Retry);

    /// <summary>Checks everything that can be checked without the other tasks.</summary>
    /// <param name="limits">The limits in force.</param>
    /// <returns>What is wrong, or null.</returns>
    public Rejection? Problem(Limits limits) =>
        !Identifier.IsValid(Kind) || Kind.Length > limits.KindLengthMax
            ? Invalid($"A kind is 1 to {limits.KindLengthMax} of [A-Za-z0-9._-], not '{Identifier.Shorten(Kind)}'.")
        : Name?.Length > limits.NameLengthMax
            ? TooMuch($"A task's name has at most {limits.NameLengthMax} characters, not {Name.Length}.")
        : Name is not null && !Identifier.IsShowable(Name)
            ? Invalid("A task's name has no control characters and no halves of characters.")
        : Payload.Length > limits.PayloadBytesMax
            ? TooMuch($"A payload has at most {limits.PayloadBytesMax} bytes, not {Payload.Length}; pass a reference.")
        : !DependsOn.IsDefault && DependsOn.Length > limits.DependenciesPerTaskMax
            ? TooMuch($"A task has at most {limits.DependenciesPerTaskMax} dependencies, not {DependsOn.Length}.")
        : JobPolicy.ProblemOf(LeaseLength, Priority, Retry) is { } problem ? Invalid(problem)
        : null;

    private static Rejection Invalid(string detail) => new(RejectionCode.Invalid, detail);

    private static Rejection TooMuch(string detail) => new(RejectionCode.LimitExceeded, detail);
}

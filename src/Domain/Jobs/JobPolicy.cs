using Elasticity.Domain.Tasks;

namespace Elasticity.Domain.Jobs;

/// <summary>What a job says for all its tasks, as the client gave it: null means "not said".</summary>
public sealed record JobPolicy
{
    /// <summary>The policy of a job that says nothing.</summary>
    public static JobPolicy Default { get; } = new();

    /// <summary>What a dead-lettered task does to the job; null means <see cref="DeadLetterRule.FailAtEnd"/>.</summary>
    public DeadLetterRule? OnDeadLetter { get; init; }

    /// <summary>For tasks that do not say; null means <see cref="RetryPolicy.Default"/>.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>For tasks that do not say, 1 second to 24 hours; null means
    /// <see cref="TaskTerms.DefaultLeaseLength"/>.</summary>
    public TimeSpan? LeaseLength { get; init; }

    /// <summary>For tasks that do not say, -1,000 to 1,000; null means 0.</summary>
    public int? Priority { get; init; }

    /// <summary>Checks the ranges.</summary>
    /// <returns>What is wrong, or null.</returns>
    public string? Problem() => OnDeadLetter is { } rule && !Enum.IsDefined(rule)
        ? $"onDeadLetter is fail-fast, fail-at-end or ignore, not {(int)rule}."
        : ProblemOf(LeaseLength, Priority, Retry);

    internal static string? ProblemOf(TimeSpan? leaseLength, int? priority, RetryPolicy? retry) =>
        leaseLength < TaskTerms.LeaseLengthMin || leaseLength > TaskTerms.LeaseLengthMax
            ? $"A lease lasts {TaskTerms.LeaseLengthMin:c} to {TaskTerms.LeaseLengthMax:c}, not {leaseLength}."
        : priority is < TaskSpec.PriorityMin or > TaskSpec.PriorityMax
            ? $"A priority is {TaskSpec.PriorityMin} to {TaskSpec.PriorityMax}, not {priority}."
        : retry?.Problem();
}

/// <summary>What a dead-lettered task does to its job.</summary>
public enum DeadLetterRule
{
    /// <summary>The other tasks go on; the job fails when all have ended. The default. Stored as 1.</summary>
    FailAtEnd = 1,

    /// <summary>The job fails at once: not yet leased tasks are cancelled, running ones are asked to stop. Stored as
    /// 2.</summary>
    FailFast = 2,

    /// <summary>The job succeeds all the same. Stored as 3.</summary>
    Ignore = 3,
}

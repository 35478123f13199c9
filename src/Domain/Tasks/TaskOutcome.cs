namespace Elasticity.Domain.Tasks;

/// <summary>How a run of a task ended. One outcome per run.</summary>
public enum TaskOutcome
{
    /// <summary>Done. Stored as 1.</summary>
    Succeeded = 1,

    /// <summary>Given up: attempts used up, a final failure, or a poison task. Stored as 2.</summary>
    DeadLettered = 2,

    /// <summary>Stopped on request. Stored as 3.</summary>
    Cancelled = 3,

    /// <summary>Not done, because a dependency did not succeed. Stored as 4.</summary>
    Skipped = 4,
}

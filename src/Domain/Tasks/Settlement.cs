namespace Elasticity.Domain.Tasks;

/// <summary>How an agent ends a lease. Two settlements are equal when their content is.</summary>
public abstract record Settlement
{
    private Settlement() { }

    /// <summary>The task is done.</summary>
    /// <param name="Result">What came out; may be none.</param>
    public sealed record Succeeded(Payload Result) : Settlement;

    /// <summary>The handler failed: an attempt is counted.</summary>
    /// <param name="Failure">Why.</param>
    /// <param name="Result">What came out all the same, such as the output of a command; may be none.</param>
    public sealed record Failed(Failure Failure, Payload Result) : Settlement;

    /// <summary>The agent stops and gives the task back unfinished: free of charge.</summary>
    public sealed record GivenBack : Settlement;
}

/// <summary>Why an attempt failed.</summary>
/// <param name="Code">A stable word for programs, chosen by the handler: <c>exit-code</c>, <c>timeout</c>, an
/// exception's type.</param>
/// <param name="Message">For a human; cut at <see cref="Limits.FailureLengthMax"/>.</param>
/// <param name="IsFinal">Trying again is pointless: dead-letter at once.</param>
public sealed record Failure(string Code, string Message, bool IsFinal);

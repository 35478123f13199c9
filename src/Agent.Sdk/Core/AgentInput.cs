using Elasticity.Contracts;

namespace Elasticity.Agent.Sdk.Core;

/// <summary>What has happened since the last step.</summary>
public abstract record AgentInput
{
    private AgentInput() { }

    /// <summary>A call was answered, or failed.</summary>
    /// <param name="Call">The id of the call. The answer to a call that is no longer waited for is ignored.</param>
    /// <param name="Answer">The answer.</param>
    public sealed record Answered(long Call, AgentAnswer Answer) : AgentInput;

    /// <summary>A handler ended.</summary>
    /// <param name="Lease">The lease that it was started for.</param>
    /// <param name="End">How it ended.</param>
    public sealed record Finished(AgentLease Lease, HandlerEnd End) : AgentInput;

    /// <summary>A handler says how far it is.</summary>
    /// <param name="Lease">The lease that it was started for.</param>
    /// <param name="Text">What to show people; what cannot be shown is cut away.</param>
    public sealed record Progressed(AgentLease Lease, string Text) : AgentInput;

    /// <summary>Finish what runs, give back the rest, end the session.</summary>
    public sealed record Drain : AgentInput;

    /// <summary>Give everything back at once and end the session.</summary>
    public sealed record GiveUp : AgentInput;
}

/// <summary>How a handler ended.</summary>
public abstract record HandlerEnd
{
    private HandlerEnd() { }

    /// <summary>With a result.</summary>
    /// <param name="Result">The result; may be none.</param>
    public sealed record Succeeded(RawJson Result) : HandlerEnd;

    /// <summary>With an exception of its own.</summary>
    /// <param name="Failure">Why.</param>
    /// <param name="Result">What came out all the same; may be none.</param>
    /// <param name="IsDeliberate">The handler said so itself, with <see cref="TaskFailedException"/>: also a handler
    /// that was asked to stop then failed, and did not merely stumble over being stopped.</param>
    public sealed record Failed(FailureDocument Failure, RawJson Result, bool IsDeliberate) : HandlerEnd;

    /// <summary>With <see cref="OperationCanceledException"/>, after it was asked to stop.</summary>
    public sealed record Stopped : HandlerEnd;
}

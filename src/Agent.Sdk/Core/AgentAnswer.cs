using Elasticity.Contracts;

namespace Elasticity.Agent.Sdk.Core;

/// <summary>What a call is answered.</summary>
public abstract record AgentAnswer
{
    private AgentAnswer() { }

    /// <summary>It is done: a registration, a drain, the end of a session.</summary>
    public sealed record Done : AgentAnswer;

    /// <summary>Leases.</summary>
    /// <param name="Tasks">The tasks; may be empty.</param>
    public sealed record Leased(IReadOnlyList<LeasedTaskDocument> Tasks) : AgentAnswer;

    /// <summary>Verdicts on results.</summary>
    /// <param name="Document">The verdicts.</param>
    public sealed record Settled(SettleAnswerDocument Document) : AgentAnswer;

    /// <summary>What became of leases.</summary>
    /// <param name="Document">The answer to the heartbeat.</param>
    public sealed record Beaten(HeartbeatAnswerDocument Document) : AgentAnswer;

    /// <summary>The server said no.</summary>
    /// <param name="Status">The HTTP status.</param>
    /// <param name="Code">The code of the problem; empty when the answer was no problem document.</param>
    /// <param name="Detail">One sentence for a human.</param>
    /// <param name="RetryAfter">When it is worth trying again, as the server says; null when it does not.</param>
    public sealed record Refused(int Status, string Code, string Detail, TimeSpan? RetryAfter = null) : AgentAnswer;

    /// <summary>No answer came, or none that can be read: whether the server did what it was asked is
    /// unknown.</summary>
    /// <param name="Detail">One sentence for a human.</param>
    public sealed record Lost(string Detail) : AgentAnswer;
}

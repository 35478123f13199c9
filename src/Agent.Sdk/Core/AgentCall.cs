using Elasticity.Contracts;

namespace Elasticity.Agent.Sdk.Core;

/// <summary>A call to send. Each attempt is a call of its own; one that repeats a request carries the same
/// body.</summary>
/// <param name="Id">New for each call; <see cref="AgentInput.Answered"/> names it.</param>
/// <param name="Session">The session that it is about.</param>
public abstract record AgentCall(long Id, string Session)
{
    /// <summary>Opens the session.</summary>
    /// <param name="Id">The id of the call.</param>
    /// <param name="Session">The session.</param>
    /// <param name="Body">What to send.</param>
    public sealed record Register(long Id, string Session, RegisterAgent Body) : AgentCall(Id, Session);

    /// <summary>Asks for tasks and waits for some.</summary>
    /// <param name="Id">The id of the call.</param>
    /// <param name="Session">The session.</param>
    /// <param name="Body">What to send.</param>
    public sealed record Lease(long Id, string Session, LeaseTasks Body) : AgentCall(Id, Session);

    /// <summary>Sends results, and asks for tasks without waiting.</summary>
    /// <param name="Id">The id of the call.</param>
    /// <param name="Session">The session.</param>
    /// <param name="Body">What to send.</param>
    public sealed record Settle(long Id, string Session, SettleTasks Body) : AgentCall(Id, Session);

    /// <summary>Extends leases. Goes over a connection of its own.</summary>
    /// <param name="Id">The id of the call.</param>
    /// <param name="Session">The session.</param>
    /// <param name="Body">What to send.</param>
    public sealed record Heartbeat(long Id, string Session, SendHeartbeat Body) : AgentCall(Id, Session);

    /// <summary>Says that the session takes nothing new.</summary>
    /// <param name="Id">The id of the call.</param>
    /// <param name="Session">The session.</param>
    public sealed record Drain(long Id, string Session) : AgentCall(Id, Session);

    /// <summary>Ends the session.</summary>
    /// <param name="Id">The id of the call.</param>
    /// <param name="Session">The session.</param>
    public sealed record Close(long Id, string Session) : AgentCall(Id, Session);
}

using System.Text.Json.Serialization;

namespace Elasticity.Domain.Tasks;

/// <summary>The right of one session to execute one task until a deadline.</summary>
/// <param name="Token">The fence: +1 with every lease of the task, never reset. What is reported under a smaller one is
/// void.</param>
/// <param name="Attempt">Which attempt of the run this is; 1 is the first.</param>
/// <param name="Agent">Who executes.</param>
/// <param name="Session">The agent's session.</param>
/// <param name="Request">The id of the lease request, so that a repeated request finds its leases.</param>
public sealed record Lease(long Token, int Attempt, AgentId Agent, SessionId Session, string Request)
{
    /// <summary>Who may settle it and keep it alive. Not stored.</summary>
    [JsonIgnore]
    public Holder Holder => new(Agent, Session);
}

using Elasticity.Agent.Sdk.Core;

namespace Elasticity.Agent.Sdk.Running;

/// <summary>Carries calls to the server.</summary>
internal interface IAgentCalls
{
    /// <summary>Sends a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="abort">Nobody waits for the answer any longer.</param>
    /// <returns>The answer. Whatever is thrown means that none came.</returns>
    Task<AgentAnswer> SendAsync(AgentCall call, CancellationToken abort);
}

using Elasticity.Agent.Sdk.Core;
using Elasticity.Agent.Sdk.Running;
using Elasticity.Api.Http;
using Elasticity.Api.Work;
using Elasticity.Domain;
using Elasticity.Engine;

namespace Elasticity.Silo;

/// <summary>The calls of an agent that lives in this silo. They mean what they mean over HTTP, but that the session is
/// over when the silo is.</summary>
/// <param name="engine">The cluster.</param>
/// <param name="agent">The agent.</param>
internal sealed class InsideCalls(IElasticity engine, AgentId agent) : IAgentCalls
{
    /// <inheritdoc/>
    public async Task<AgentAnswer> SendAsync(AgentCall call, CancellationToken abort)
    {
        SessionId session = new(call.Session);
        try
        {
            return call switch
            {
                AgentCall.Register c => Answer(
                    await engine.RegisterAsync(
                        agent, session, WorkMapping.ToOffer(c.Body) with { IsInProcess = true }, abort),
                    static _ => new AgentAnswer.Done()),
                AgentCall.Lease c => Answer(
                    await engine.LeaseAsync(WorkMapping.ToRequest(c.Body, agent, session), abort),
                    static g => new AgentAnswer.Leased(WorkMapping.ToDocument(g).Tasks)),
                AgentCall.Settle c => Answer(
                    await engine.SettleAsync(WorkMapping.ToRequest(c.Body, agent, session), abort),
                    static s => new AgentAnswer.Settled(WorkMapping.ToDocument(s))),
                AgentCall.Heartbeat c => await BeatAsync(WorkMapping.ToHeartbeat(c.Body, agent, session), abort),
                AgentCall.Drain => Answer(
                    await engine.DrainAsync(agent, session, abort), static _ => new AgentAnswer.Done()),
                _ => Answer(await engine.CloseAsync(agent, session, abort), static _ => new AgentAnswer.Done()),
            };
        }
        catch (RefusedException e)
        {
            return Refused(e.Code, e.Message);
        }
        catch (EngineUnavailableException e)
        {
            return Refused(e.Code, e.Message);
        }
    }

    private async Task<AgentAnswer> BeatAsync(Heartbeat heartbeat, CancellationToken abort) => Answer(
        await engine.HeartbeatAsync(heartbeat, abort),
        answer => new AgentAnswer.Beaten(WorkMapping.ToDocument(answer, heartbeat)));

    private static AgentAnswer Answer<T>(Reply<T> reply, Func<T, AgentAnswer> accepted)
        where T : class =>
        reply.IsAccepted ? accepted(reply.Value) : Refused(reply.Rejection.Code, reply.Rejection.Detail);

    private static AgentAnswer.Refused Refused(string code, string detail)
    {
        ProblemKind kind = ProblemTable.Of(code);
        return new AgentAnswer.Refused(
            kind.Status,
            code,
            detail,
            kind.RetryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
    }
}

using Elasticity.Agent.Sdk.Core;
using Elasticity.Api.Http;
using Elasticity.Api.Work;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Engine;
using Elasticity.Engine.Embedded.Core;

namespace Elasticity.Simulator.Actors;

/// <summary>What HTTP does between an agent of the SDK and the engine, with the API's own mapping on the
/// way.</summary>
internal static class SdkCalls
{
    public static CoreInput ToInput(AgentCall call, AgentId agent)
    {
        SessionId session = new(call.Session);
        return call switch
        {
            AgentCall.Register c => new CoreInput.ForAgent(
                agent, new AgentCommand.Register(default, session, WorkMapping.ToOffer(c.Body))),
            AgentCall.Lease c => new CoreInput.Lease(WorkMapping.ToRequest(c.Body, agent, session)),
            AgentCall.Settle c => new CoreInput.Settle(WorkMapping.ToRequest(c.Body, agent, session)),
            AgentCall.Heartbeat c => new CoreInput.Beat(WorkMapping.ToHeartbeat(c.Body, agent, session)),
            AgentCall.Drain => new CoreInput.ForAgent(agent, new AgentCommand.Drain(default, session)),
            _ => new CoreInput.ForAgent(agent, new AgentCommand.EndSession(default, session, "closed")),
        };
    }

    public static AgentAnswer ToAnswer(CoreInput input, object answer) => (input, answer) switch
    {
        (_, Reply<AgentView> a) => a.IsAccepted ? new AgentAnswer.Done() : Refused(a.Rejection),
        (_, Reply<LeaseGrant> a) => a.IsAccepted
            ? new AgentAnswer.Leased(WorkMapping.ToDocument(a.Value).Tasks)
            : Refused(a.Rejection),
        (_, Reply<SettleAnswer> a) => a.IsAccepted
            ? new AgentAnswer.Settled(WorkMapping.ToDocument(a.Value))
            : Refused(a.Rejection),
        (CoreInput.Beat i, Reply<HeartbeatAnswer> a) => a.IsAccepted
            ? new AgentAnswer.Beaten(WorkMapping.ToDocument(a.Value, i.Heartbeat))
            : Refused(a.Rejection),
        _ => throw new InvalidOperationException($"{answer.GetType().Name} is no answer to an agent."),
    };

    /// <summary>The engine did not serve, with the status that the API gives for that.</summary>
    public static AgentAnswer Unavailable(string code) => code == "connection-refused"
        ? new AgentAnswer.Lost("The connection was refused.")
        : Refused(new Rejection(code, "The engine does not serve."));

    public static Payload Result(RawJson json) => new(json.Utf8);

    private static AgentAnswer.Refused Refused(Rejection rejection)
    {
        ProblemKind kind = ProblemTable.Of(rejection.Code);
        return new AgentAnswer.Refused(
            kind.Status,
            rejection.Code,
            rejection.Detail,
            kind.RetryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
    }
}

using Elasticity.Agent.Sdk.Core;
using Elasticity.Agent.Sdk.Running;
using Elasticity.Api.Http;
using Elasticity.Domain;
using Elasticity.Engine.Embedded.Core;
using Elasticity.Simulator.Checks;

namespace Elasticity.Simulator.Edge;

/// <summary>A question as an agent of the SDK asks it of <c>src/Api</c>: as JSON, both ways.</summary>
internal sealed class SdkExchange(AgentCall call, AgentId agent, ApiServer server) : ApiExchange
{
    private readonly ApiRequest _request = new(
        AgentMessages.MethodOf(call).Method,
        AgentMessages.RouteOf(call),
        agent.Value,
        call.Session,
        null,
        null,
        AgentMessages.BodyOf(call) ?? []);

    /// <inheritdoc/>
    public override CoreInput Read(object? caller)
    {
        try
        {
            CoreInput read = server.Read(_request);
            ArrivalRules.Arrived(call, read);
            return read with { Caller = caller };
        }
        catch (RefusedException refused)
        {
            throw new Violation("requests-arrive", call.Session, $"{call} refused: {refused.Code}, {refused.Message}");
        }
    }

    /// <inheritdoc/>
    public override object Understand(object back)
    {
        if (back is not ApiResponse response)
        {
            return new AgentAnswer.Lost("The connection was refused.");
        }

        AgentAnswer answer = response.IsSuccess
            ? AgentMessages.Read(call, response.Body)
            : AgentMessages.ReadRefusal(response.Status, response.Body, response.RetryAfter);
        ArrivalRules.Understood(call, response.Told, answer);
        return answer;
    }
}

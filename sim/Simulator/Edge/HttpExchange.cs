using Elasticity.Api.Http;
using Elasticity.Engine.Embedded.Core;
using Elasticity.Simulator.Checks;

namespace Elasticity.Simulator.Edge;

/// <summary>A question as <c>src/Client.Http</c> asks it of <c>src/Api</c>: as JSON, both ways.</summary>
internal sealed class HttpExchange(CoreInput meant, ApiServer server) : ApiExchange
{
    private readonly ApiRequest _request = ApiClient.Write(meant);

    /// <inheritdoc/>
    public override CoreInput Read(object? caller)
    {
        try
        {
            CoreInput read = server.Read(_request);
            ArrivalRules.Arrived(meant, read);
            return read with { Caller = caller };
        }
        catch (RefusedException refused)
        {
            ArrivalRules.Refused(meant, refused.Code, server.Limits);
            throw;
        }
    }

    /// <inheritdoc/>
    public override object Understand(object back)
    {
        if (back is not ApiResponse response)
        {
            return back;
        }

        object answer = ApiClient.Read(meant, response);
        ArrivalRules.Understood(meant, response.Told, answer);
        return answer;
    }
}

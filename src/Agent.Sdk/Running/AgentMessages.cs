using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Elasticity.Agent.Sdk.Core;
using Elasticity.Contracts;

namespace Elasticity.Agent.Sdk.Running;

/// <summary>Calls as messages, and messages as answers; how they travel is not its business.</summary>
internal static class AgentMessages
{
    /// <summary>The method of a call.</summary>
    public static HttpMethod MethodOf(AgentCall call) => call switch
    {
        AgentCall.Register => HttpMethod.Put,
        AgentCall.Close => HttpMethod.Delete,
        _ => HttpMethod.Post,
    };

    /// <summary>The path of a call, with holes for the agent and the session.</summary>
    public static string RouteOf(AgentCall call) => call switch
    {
        AgentCall.Lease => Routes.SessionLease,
        AgentCall.Settle => Routes.SessionSettle,
        AgentCall.Heartbeat => Routes.SessionHeartbeat,
        AgentCall.Drain => Routes.SessionDrain,
        _ => Routes.Session,
    };

    /// <summary>The body of a call, as JSON; null where it has none.</summary>
    public static byte[]? BodyOf(AgentCall call) => call switch
    {
        AgentCall.Register c => JsonSerializer.SerializeToUtf8Bytes(c.Body, ContractsJson.Default.RegisterAgent),
        AgentCall.Lease c => JsonSerializer.SerializeToUtf8Bytes(c.Body, ContractsJson.Default.LeaseTasks),
        AgentCall.Settle c => JsonSerializer.SerializeToUtf8Bytes(c.Body, ContractsJson.Default.SettleTasks),
        AgentCall.Heartbeat c => JsonSerializer.SerializeToUtf8Bytes(c.Body, ContractsJson.Default.SendHeartbeat),
        _ => null,
    };

    /// <summary>What the server did.</summary>
    /// <exception cref="JsonException">The message is no answer to this call.</exception>
    public static AgentAnswer Read(AgentCall call, byte[] message) => call switch
    {
        AgentCall.Lease => new AgentAnswer.Leased(Read(message, ContractsJson.Tolerant.LeasedTasks).Tasks),
        AgentCall.Settle => new AgentAnswer.Settled(Read(message, ContractsJson.Tolerant.SettleAnswerDocument)),
        AgentCall.Heartbeat => new AgentAnswer.Beaten(Read(message, ContractsJson.Tolerant.HeartbeatAnswerDocument)),
        _ => new AgentAnswer.Done(),
    };

    /// <summary>Why it did not.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="message">The problem document.</param>
    /// <param name="retryAfter">When it is worth trying again; null where the server does not say.</param>
    /// <exception cref="JsonException">The message is no problem document.</exception>
    public static AgentAnswer.Refused ReadRefusal(int status, byte[] message, TimeSpan? retryAfter)
    {
        ProblemDocument problem = Read(message, ContractsJson.Tolerant.ProblemDocument);
        return new AgentAnswer.Refused(status, problem.Code, problem.Detail, retryAfter);
    }

    private static T Read<T>(byte[] message, JsonTypeInfo<T> type)
        where T : class => ContractsJson.Read(message, type) ?? throw new JsonException("The answer is null.");
}

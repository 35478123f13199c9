using Microsoft.Extensions.Logging;

namespace Elasticity.Agent.Sdk.Running;

/// <summary>Every message that an agent logs. Ids 5000 to 5099.</summary>
internal static partial class AgentLog
{
    [LoggerMessage(5000, LogLevel.Information, "Agent {Agent} serves {Kinds} with {Slots} slots: {Session}")]
    public static partial void Registered(ILogger logger, string agent, string kinds, int slots, string session);

    [LoggerMessage(5001, LogLevel.Warning, "The server cannot be used, trying again: {Reason}")]
    public static partial void Disconnected(ILogger logger, string reason);

    [LoggerMessage(5002, LogLevel.Information, "The server answers again")]
    public static partial void Reconnected(ILogger logger);

    [LoggerMessage(5003, LogLevel.Warning, "The session is over at the server, opening a new one: {Reason}")]
    public static partial void SessionLost(ILogger logger, string reason);

    [LoggerMessage(5004, LogLevel.Information, "The server asks this agent to finish what it has and stop")]
    public static partial void DrainRequested(ILogger logger);

    [LoggerMessage(5005, LogLevel.Warning,
        "Lost {Kind} {Job}/{Index} (token {Token}): the server says that the lease is over")]
    public static partial void LeaseTaken(ILogger logger, string kind, string job, int index, long token);

    [LoggerMessage(5006, LogLevel.Warning,
        "The lease of {Kind} {Job}/{Index} (token {Token}) may be over: for so long no heartbeat was confirmed")]
    public static partial void LeaseUnconfirmed(ILogger logger, string kind, string job, int index, long token);

    [LoggerMessage(5007, LogLevel.Warning, "The result of {Kind} {Job}/{Index} (token {Token}) was refused: {Reason}")]
    public static partial void ResultRefused(
        ILogger logger, string kind, string job, int index, long token, string reason);

    [LoggerMessage(5008, LogLevel.Debug, "Gave back {Kind} {Job}/{Index}: it waited too long for a slot")]
    public static partial void PrefetchGivenBack(ILogger logger, string kind, string job, int index);

    [LoggerMessage(5009, LogLevel.Warning,
        "The handler of {Kind} {Job}/{Index} did not stop when it was cancelled; its task is given back without it")]
    public static partial void HandlerIgnoresStop(ILogger logger, string kind, string job, int index);

    [LoggerMessage(5010, LogLevel.Warning, "The server refused a call: {Reason}")]
    public static partial void CallRefused(ILogger logger, string reason);

    [LoggerMessage(5011, LogLevel.Warning, "Attempt {Attempt} of {Kind} {Job}/{Index} failed")]
    public static partial void HandlerFailed(
        ILogger logger, string kind, string job, int index, int attempt, Exception exception);

    [LoggerMessage(5016, LogLevel.Warning, "Attempt {Attempt} of {Kind} {Job}/{Index} failed, {Code}: {Reason}")]
    public static partial void HandlerRefused(
        ILogger logger,
        string kind,
        string job,
        int index,
        int attempt,
        string code,
        string reason,
        Exception? exception);

    [LoggerMessage(5012, LogLevel.Information, "Draining: {Running} tasks run, {Seconds:0} s at most")]
    public static partial void Drains(ILogger logger, int running, double seconds);

    [LoggerMessage(5013, LogLevel.Warning, "A second signal: giving everything back at once")]
    public static partial void GivesUp(ILogger logger);

    [LoggerMessage(5014, LogLevel.Information, "Agent {Agent} has ended")]
    public static partial void Ended(ILogger logger, string agent);

    [LoggerMessage(5015, LogLevel.Critical, "Agent {Agent} has stopped: {Reason}")]
    public static partial void Broke(ILogger logger, string agent, string reason);
}

using Microsoft.Extensions.Logging;

namespace Elasticity.Server;

/// <summary>What the server logs. Events 4000 to 4999 belong to it.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(4000, LogLevel.Information, "Elasticity listens on {Address}.")]
    public static partial void Listening(ILogger logger, string address);

    [LoggerMessage(4001, LogLevel.Information,
        "There are no API keys: only requests from this machine, to localhost, are answered.")]
    public static partial void LocalOnly(ILogger logger);

    [LoggerMessage(4002, LogLevel.Warning,
        "API keys are sent in the clear: use https://, or a proxy that does, before anybody else's network.")]
    public static partial void KeysInTheClear(ILogger logger);

    [LoggerMessage(4004, LogLevel.Critical, "The engine could not be started: a defect. Nothing is served.")]
    public static partial void EngineNotStarted(ILogger logger, Exception exception);

    [LoggerMessage(4003, LogLevel.Warning, "The store cannot be opened: {Reason} Trying again every {Seconds} s.")]
    public static partial void StoreNotOpened(ILogger logger, string reason, double seconds);
}

using Microsoft.Extensions.Logging;

namespace Elasticity.Silo;

/// <summary>What the silo's process logs. Events 8000 to 8999 belong to it.</summary>
internal static partial class SiloLog
{
    [LoggerMessage(8000, LogLevel.Information,
        "The silo is {Silo} of the cluster {Cluster} and listens on {Address}.")]
    public static partial void Started(ILogger logger, string silo, string cluster, string address);

    [LoggerMessage(8001, LogLevel.Warning, "The database does not answer: {Reason} Trying again every {Seconds} s.")]
    public static partial void DatabaseAway(ILogger logger, string reason, double seconds);

    [LoggerMessage(8002, LogLevel.Warning, "The database is away, and the silo not ready: {Reason}")]
    public static partial void DatabaseLost(ILogger logger, string reason);

    [LoggerMessage(8003, LogLevel.Information, "The database is back.")]
    public static partial void DatabaseBack(ILogger logger);

    [LoggerMessage(8004, LogLevel.Information,
        "Told to stop: not ready any more; requests are taken for {Seconds} s more.")]
    public static partial void Draining(ILogger logger, double seconds);

    [LoggerMessage(8005, LogLevel.Warning, "{Count} requests were not answered in time and are cut off.")]
    public static partial void CutOff(ILogger logger, int count);

    [LoggerMessage(8006, LogLevel.Information, "The silo has left the cluster.")]
    public static partial void Left(ILogger logger);

    [LoggerMessage(8007, LogLevel.Warning,
        "Ports {SiloPort} and {GatewayPort} of {Address} ask for no key: let only silos and clients reach them.")]
    public static partial void PortsAreOpen(ILogger logger, int siloPort, int gatewayPort, string address);

    [LoggerMessage(8008, LogLevel.Debug, "What did not start did not stop in order either.")]
    public static partial void NotLeft(ILogger logger, Exception exception);

    [LoggerMessage(8009, LogLevel.Warning,
        "The members of the cluster cannot be read, and the silo serves on: {Reason} Until they can, no silo joins, "
        + "and none that dies is declared dead.")]
    public static partial void MembersLost(ILogger logger, string reason);

    [LoggerMessage(8011, LogLevel.Information, "The silo has stopped before it was a member of the cluster.")]
    public static partial void NeverJoined(ILogger logger);

    [LoggerMessage(8010, LogLevel.Information, "The members of the cluster can be read again.")]
    public static partial void MembersBack(ILogger logger);
}

using Microsoft.Extensions.Logging;

namespace Elasticity.Engine.Embedded;

/// <summary>Every message that the engine logs. Ids 1000 to 1099.</summary>
internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Information,
        "Serving: {Jobs} open jobs, {Leases} live leases, {Queued} queued tasks, recovered in {Seconds:0.000} s")]
    public static partial void Serving(ILogger logger, int jobs, int leases, int queued, double seconds);

    [LoggerMessage(1001, LogLevel.Information, "Standing by: {Owner} owns the database, renewed {Seconds:0.0} s ago")]
    public static partial void StandingBy(ILogger logger, string owner, double seconds);

    [LoggerMessage(1002, LogLevel.Error, "The core failed; recovering from the log")]
    public static partial void CoreFailed(ILogger logger, Exception exception);

    [LoggerMessage(1003, LogLevel.Error, "Not serving, {Code}: {Reason} Trying again in {Seconds:0.0} s")]
    public static partial void Recovering(ILogger logger, string code, string reason, double seconds);

    [LoggerMessage(1004, LogLevel.Information, "The derived list of jobs is being rebuilt from the log")]
    public static partial void Rebuilding(ILogger logger);

    [LoggerMessage(1005, LogLevel.Information, "The derived list of jobs was rebuilt: {Jobs} jobs")]
    public static partial void Rebuilt(ILogger logger, int jobs);
}

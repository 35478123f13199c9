using Microsoft.Extensions.Logging;

namespace Elasticity.Api.Http;

/// <summary>What the edge logs. Events 3000 to 3999 belong to the API.</summary>
internal static partial class EdgeLog
{
    [LoggerMessage(3000, LogLevel.Error, "{Method} {Path} failed: a defect.")]
    public static partial void Defect(ILogger logger, string method, string path, Exception exception);

    [LoggerMessage(3001, LogLevel.Warning, "API keys: {Problem} The keys read before stay in force.")]
    public static partial void KeysUnreadable(ILogger logger, string problem);

    [LoggerMessage(3002, LogLevel.Information, "API keys: {Count} keys are in force.")]
    public static partial void KeysRead(ILogger logger, int count);
}

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Elasticity.Cli.Serve;

/// <summary>The log of a process that serves, on standard output.</summary>
internal static class ConsoleLog
{
    /// <summary>One JSON document a line, in the place of lines for people.</summary>
    public static void AsJson(ILoggingBuilder logging) => logging.ClearProviders().AddJsonConsole(Configure);

    private static void Configure(JsonConsoleFormatterOptions options)
    {
        options.UseUtcTimestamp = true;
        options.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
    }
}

using System.CommandLine;
using System.Globalization;

namespace Elasticity.Benchmarks.Append;

/// <summary><c>append</c>: what the event stores take.</summary>
internal sealed class AppendCommand : Command
{
    private readonly Option<string?> _postgres = new("--postgres")
    {
        Description = "Measures PostgreSQL, too: an Npgsql connection string. A schema is made and removed.",
        HelpName = "CONNECTION",
    };

    private readonly Option<string?> _directory = new("--directory")
    {
        Description = "Where SQLite writes. Default: the directory for temporary files",
        HelpName = "DIR",
    };

    private readonly Option<int[]> _producers = new("--producers")
    {
        Description = "How many append at once.",
        HelpName = "N",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [1, 64, 1_000, 4_000],
    };

    private readonly Option<int> _seconds = new("--seconds")
    {
        Description = "How long each case is measured, after a second to warm up.",
        HelpName = "N",
        DefaultValueFactory = _ => 5,
    };

    /// <summary>Makes the command.</summary>
    public AppendCommand()
        : base("append", "Appends events of 300 bytes: each producer to a stream of its own, one event at a time.")
    {
        Add(_postgres);
        Add(_directory);
        Add(_producers);
        Add(_seconds);
        SetAction((parsed, _) => RunAsync(parsed));
    }

    private async Task RunAsync(ParseResult parsed)
    {
        string? connection = parsed.GetValue(_postgres);
        string? directory = parsed.GetValue(_directory);
        TimeSpan length = TimeSpan.FromSeconds(parsed.GetValue(_seconds));
        foreach (int producers in parsed.GetValue(_producers)!)
        {
            await MeasureAsync(await MeasuredSqlite.OpenAsync(directory), producers, length);
            if (connection is not null)
            {
                await MeasureAsync(await MeasuredPostgreSql.OpenAsync(connection), producers, length);
            }
        }
    }

    private static async Task MeasureAsync(MeasuredStore measured, int producers, TimeSpan length)
    {
        await using (measured)
        {
            AppendMeasurement m = await AppendMeasurement.OfAsync(measured, producers, length);
            Output.Write(m, string.Create(
                CultureInfo.InvariantCulture,
                $"{m.Store}, {m.Producers} producers: {m.EventsPerSecond:n0} events/s, acknowledged within {m.P50Ms} "
                + $"ms (p50) and {m.P99Ms} ms (p99), {m.MeanBatch} in a commit; {m.Durable}"));
        }
    }
}

using System.CommandLine;
using System.Globalization;

namespace Elasticity.Benchmarks.QuartzPeer;

/// <summary><c>quartz</c>: Quartz.NET in the terms of the other peers.</summary>
internal sealed class QuartzCommand : Command
{
    private readonly Argument<string> _connection = new("CONNECTION")
    {
        Description = "An Npgsql connection string to an empty database.",
    };

    /// <summary>Makes the command.</summary>
    public QuartzCommand()
        : base("quartz", "Measures Quartz.NET, clustered on PostgreSQL. bench/README.md has the variables BENCH_*.")
    {
        Add(_connection);
        SetAction((parsed, _) => RunAsync(parsed.GetRequiredValue(_connection)));
    }

    private static async Task RunAsync(string connection)
    {
        await using QuartzCluster cluster = await QuartzCluster.OpenAsync(connection);
        QuartzMeasurement m = await new QuartzBenchmark(cluster, new QuartzSettings()).RunAsync();
        Output.Write(m, string.Create(
            CultureInfo.InvariantCulture,
            $"Quartz.NET: {m.Drain:n0} tasks/s drained, {m.EndToEnd:n0} end to end; p99 {m.P99Ms} ms"));
    }
}

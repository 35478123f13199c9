using System.Diagnostics.Metrics;

namespace Elasticity.EventStore.Sqlite;

/// <summary>What an operator can watch: meter <c>Elasticity.EventStore.Sqlite</c>.</summary>
internal static class SqliteMetrics
{
    private static readonly Meter Meter = new("Elasticity.EventStore.Sqlite");

    private static readonly Histogram<double> Commit = Meter.CreateHistogram<double>(
        "elasticity.sqlite.commit.duration", "s", "From the begin of a transaction until it is durable.");

    private static readonly Histogram<int> Group = Meter.CreateHistogram<int>(
        "elasticity.sqlite.commit.requests", "{request}", "Requests that one transaction made durable together.");

    private static readonly Counter<long> Failures = Meter.CreateCounter<long>(
        "elasticity.sqlite.commit.failures", "{transaction}", "Transactions that failed, by code.");

    private static readonly Counter<long> Unmoved = Meter.CreateCounter<long>(
        "elasticity.sqlite.checkpoint.incomplete",
        "{checkpoint}",
        "Checkpoints that left pages in the log: for readers harmless, for a full or broken disk a first sign.");

    public static void Committed(TimeSpan duration, int requests)
    {
        Commit.Record(duration.TotalSeconds);
        Group.Record(requests);
    }

    public static void Failed(Exception e)
    {
        if (Failures.Enabled)
        {
            string code = e is EventStoreException known ? known.Code : "bug";
            Failures.Add(1, new KeyValuePair<string, object?>("code", code));
        }
    }

    public static void CheckpointIncomplete() => Unmoved.Add(1);
}

using System.Diagnostics.Metrics;

namespace Elasticity.EventStore.PostgreSql;

/// <summary>What an operator can watch: meter <c>Elasticity.EventStore.PostgreSql</c>.</summary>
internal static class PostgreSqlMetrics
{
    private static readonly Meter Meter = new("Elasticity.EventStore.PostgreSql");

    private static readonly Histogram<double> Commit = Meter.CreateHistogram<double>(
        "elasticity.postgresql.commit.duration", "s", "From an append that is sent until it is durable.");

    private static readonly Histogram<int> Group = Meter.CreateHistogram<int>(
        "elasticity.postgresql.commit.requests", "{request}", "Appends that one transaction made durable together.");

    private static readonly Counter<long> Failures = Meter.CreateCounter<long>(
        "elasticity.postgresql.write.failures", "{request}", "Requests of the writer that failed, by code.");

    private static readonly Counter<long> Resumptions = Meter.CreateCounter<long>(
        "elasticity.postgresql.owner.resumptions", "{connection}", "Connections the owner had to replace.");

    private static readonly Counter<long> Evictions = Meter.CreateCounter<long>(
        "elasticity.postgresql.owner.evictions", "{connection}", "Connections ended that froze inside a commit.");

    private static readonly Gauge<long> Lag = Meter.CreateGauge<long>(
        "elasticity.postgresql.log.lag", "{event}", "Committed events that log readers do not see yet.");

    public static void Committed(TimeSpan duration, int requests)
    {
        Commit.Record(duration.TotalSeconds);
        Group.Record(requests);
    }

    public static void Failed(EventStoreException e) =>
        Failures.Add(1, new KeyValuePair<string, object?>("code", e.Code));

    public static void Resumed() => Resumptions.Add(1);

    public static void Evicted() => Evictions.Add(1);

    public static void Lagged(long events) => Lag.Record(events);
}

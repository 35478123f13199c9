using System.Globalization;

namespace Elasticity.Cli.Bench;

/// <summary>A report as people read it.</summary>
internal static class BenchText
{
    /// <summary>Writes a report.</summary>
    public static string Of(BenchReport r) => string.Create(CultureInfo.InvariantCulture, $"""
        {r.Site}, {r.Store}: {r.Durability}
        {r.Machine}
        {r.Jobs} jobs of {r.TasksPerJob} tasks with {r.PayloadBytes} bytes; {r.Agents} agents with {r.Slots} slots

        submitted    {Of(r.Submit)}
        drained      {Of(r.Drain)}
        end to end   {Of(r.EndToEnd)}
        {Of(r.SubmitToStart)}
        memory       {string.Join(", ", r.Memory.PeakMiB.Select(Of))} at most{Of(r.Memory.InProcess)}
        """);

    private static string Of(KeyValuePair<string, double> peak) =>
        string.Create(CultureInfo.InvariantCulture, $"{peak.Key} {peak.Value:n0} MiB");

    private static string Of(BenchHeap? heap) => heap is null ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $"; {heap.HeapMiB:n0} MiB of managed heap at the end, {heap.AllocatedBytesPerTask:n0} bytes allocated a task");

    private static string Of(BenchPhase p) => string.Create(
        CultureInfo.InvariantCulture,
        $"{p.TasksPerSecond,10:n0} tasks/s   ({p.Tasks:n0} in {p.Seconds:0.00} s{Stored(p)})");

    private static string Stored(BenchPhase p) => p.Appends is null ? "" : string.Create(
        CultureInfo.InvariantCulture, $"; {p.Appends:n0} appends, {p.Events:n0} events");

    private static string Of(BenchLatency? l) => l is null ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $"""

        submit to start, {l.RatePerSecond}/s, {l.Count:n0} jobs of one task
                     p50 {l.P50Ms:0.0} ms, p99 {l.P99Ms:0.0} ms, p99.9 {l.P999Ms:0.0} ms, max {l.MaxMs:0.0} ms

        """);
}

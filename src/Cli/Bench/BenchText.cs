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
        memory       {r.Memory.PeakMiB:n0} MiB at most, {r.Memory.HeapMiB:n0} MiB of managed heap at the end, {
            r.Memory.AllocatedBytesPerTask:n0} bytes allocated per task
        """);

    private static string Of(BenchPhase p) => string.Create(
        CultureInfo.InvariantCulture,
        $"{p.TasksPerSecond,10:n0} tasks/s   ({p.Tasks:n0} in {p.Seconds:0.00} s; {p.Appends:n0} appends, "
        + $"{p.Events:n0} events)");

    private static string Of(BenchLatency? l) => l is null ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $"""

        submit to start, {l.RatePerSecond}/s, {l.Count:n0} jobs of one task
                     p50 {l.P50Ms:0.0} ms, p99 {l.P99Ms:0.0} ms, p99.9 {l.P999Ms:0.0} ms, max {l.MaxMs:0.0} ms

        """);
}

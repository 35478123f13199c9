namespace Elasticity.Benchmarks.QuartzPeer;

/// <summary>What Quartz.NET did, in the terms of <c>bench/peers/harness.mjs</c>: tasks a second, milliseconds,
/// MiB.</summary>
/// <param name="EnqueueOne">Scheduled with one call in flight.</param>
/// <param name="EnqueueConcurrent">Scheduled with many calls in flight.</param>
/// <param name="EnqueueBatch">Scheduled with the call for many.</param>
/// <param name="Drain">All of these executed and acknowledged while nobody schedules.</param>
/// <param name="EndToEnd">Scheduled in batches and executed at the same time.</param>
/// <param name="P50Ms">From the call to the start of the handler, at a steady low rate; half were faster.</param>
/// <param name="P99Ms">99 of 100 were.</param>
/// <param name="Latencies">How many of them were measured.</param>
/// <param name="WorkerMiB">The largest working set of this process, which is producer and worker.</param>
internal sealed record QuartzMeasurement(
    double EnqueueOne,
    double EnqueueConcurrent,
    double EnqueueBatch,
    double Drain,
    double EndToEnd,
    double? P50Ms,
    double? P99Ms,
    int Latencies,
    double WorkerMiB);

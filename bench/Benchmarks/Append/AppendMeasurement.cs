namespace Elasticity.Benchmarks.Append;

/// <summary>What producers got from a store.</summary>
/// <param name="Benchmark">Always <c>append</c>.</param>
/// <param name="Store">Which store.</param>
/// <param name="Producers">How many appended at once.</param>
/// <param name="EventBytes">The content of one event.</param>
/// <param name="Seconds">How long was measured.</param>
/// <param name="Events">How many were acknowledged in that time.</param>
/// <param name="EventsPerSecond">The quotient.</param>
/// <param name="P50Ms">Half of the acknowledgements came within, in milliseconds.</param>
/// <param name="P99Ms">99 of 100 did.</param>
/// <param name="Commits">How many transactions made them durable.</param>
/// <param name="MeanBatch">Events in a transaction on average.</param>
/// <param name="Durable">What was synchronised before an acknowledgement.</param>
internal sealed record AppendMeasurement(
    string Benchmark,
    string Store,
    int Producers,
    int EventBytes,
    double Seconds,
    int Events,
    double EventsPerSecond,
    double? P50Ms,
    double? P99Ms,
    long Commits,
    double? MeanBatch,
    string Durable)
{
    private static readonly byte[] Content = [.. "{\"note\":\""u8, .. Enumerable.Repeat((byte)'x', 289), .. "\"}"u8];

    /// <summary>Measures a store.</summary>
    /// <param name="measured">An empty store.</param>
    /// <param name="producers">How many append at once.</param>
    /// <param name="length">For how long, after a second to warm up.</param>
    public static async Task<AppendMeasurement> OfAsync(MeasuredStore measured, int producers, TimeSpan length)
    {
        Producer[] all = [.. Enumerable.Range(0, producers).Select(i => new Producer(measured.Store, i, Content))];
        using CommitMeter meter = new();
        Window window = new(length);
        Task running = Task.WhenAll(all.Select(p => Task.Run(() => p.RunAsync(window))));
        await Task.WhenAny(running, window.UntilStartAsync()); // Who fails does not wait.
        Commits before = meter.Read();
        await Task.WhenAny(running, window.UntilEndAsync());
        Commits commits = meter.Read() - before;
        await running;

        Latencies latencies = new(all.SelectMany(p => p.Acknowledgements));
        return new AppendMeasurement(
            "append",
            measured.Name,
            producers,
            Content.Length,
            length.TotalSeconds,
            latencies.Count,
            Math.Round(latencies.Count / length.TotalSeconds),
            latencies.MillisecondsAt(0.5),
            latencies.MillisecondsAt(0.99),
            commits.Count,
            commits.Mean,
            measured.Durable);
    }
}

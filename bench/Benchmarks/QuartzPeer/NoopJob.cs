using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Quartz;

namespace Elasticity.Benchmarks.QuartzPeer;

/// <summary>Does nothing, and is counted.</summary>
internal sealed class NoopJob : IJob
{
    /// <summary>The entry of a trigger's data that says when it was scheduled, where the latency is measured.</summary>
    public const string SentAt = "sentAt";

    private static int _executed;

    /// <summary>How many ran.</summary>
    public static int Executed => Volatile.Read(ref _executed);

    /// <summary>From just before the call that scheduled it to the first line of the handler.</summary>
    public static ConcurrentQueue<long> Latencies { get; } = [];

    /// <inheritdoc/>
    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        long now = Stopwatch.GetTimestamp();
        if (context.MergedJobDataMap.TryGetValue(SentAt, out object? sentAt) && sentAt is string text)
        {
            Latencies.Enqueue(now - long.Parse(text, CultureInfo.InvariantCulture));
        }

        Interlocked.Increment(ref _executed);
        return ValueTask.CompletedTask;
    }
}

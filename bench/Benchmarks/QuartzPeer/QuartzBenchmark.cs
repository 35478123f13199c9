using System.Diagnostics;

namespace Elasticity.Benchmarks.QuartzPeer;

/// <summary>Measures a cluster, phase by phase.</summary>
internal sealed class QuartzBenchmark(QuartzCluster cluster, QuartzSettings settings)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(5);

    // Lets what the drain left behind settle.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private int _expected;

    /// <summary>Measures everything.</summary>
    /// <exception cref="TimeoutException">A phase did not end.</exception>
    public async Task<QuartzMeasurement> RunAsync()
    {
        double one = await RateAsync(settings.OneByOne, OneByOneAsync);
        double concurrent = await RateAsync(settings.Concurrent, ConcurrentlyAsync);
        double batch = await RateAsync(settings.Tasks, () => cluster.EnqueueBatchesAsync(settings.Tasks));

        _expected = settings.OneByOne + settings.Concurrent + settings.Tasks;
        double drain = await RateAsync(_expected, async () =>
        {
            await cluster.WorkAsync();
            await FinishedAsync("drain");
        });
        await Task.Delay(Pause);

        _expected += settings.Steady;
        await SteadilyAsync();
        await FinishedAsync("steady");
        Latencies latencies = new(NoopJob.Latencies);

        _expected += settings.Tasks;
        double endToEnd = await RateAsync(settings.Tasks, async () =>
        {
            await cluster.EnqueueBatchesAsync(settings.Tasks);
            await FinishedAsync("end to end");
        });

        using Process self = Process.GetCurrentProcess();
        return new QuartzMeasurement(
            one,
            concurrent,
            batch,
            drain,
            endToEnd,
            latencies.MillisecondsAt(0.5),
            latencies.MillisecondsAt(0.99),
            latencies.Count,
            self.PeakWorkingSet64 >> 20);
    }

    private static async Task<double> RateAsync(int count, Func<Task> work)
    {
        long start = Stopwatch.GetTimestamp();
        await work();
        return Math.Round(count / Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private async Task OneByOneAsync()
    {
        for (int i = 0; i < settings.OneByOne; i++)
        {
            await cluster.EnqueueAsync();
        }
    }

    private Task ConcurrentlyAsync()
    {
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = settings.Callers };
        return Parallel.ForAsync(0, settings.Concurrent, parallel, async (_, _) => await cluster.EnqueueAsync());
    }

    /// <summary>At a fixed rate, whatever the answers take: a slow answer does not thin out the load.</summary>
    private async Task SteadilyAsync()
    {
        Task[] calls = new Task[settings.Steady];
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls.Length; i++)
        {
            TimeSpan early = TimeSpan.FromSeconds((double)i / settings.Rate) - Stopwatch.GetElapsedTime(start);
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early);
            }

            long sentAt = Stopwatch.GetTimestamp();
            calls[i] = Task.Run(() => cluster.EnqueueAsync(sentAt));
        }

        await Task.WhenAll(calls);
    }

    private async Task FinishedAsync(string phase)
    {
        long start = Stopwatch.GetTimestamp();
        while (NoopJob.Executed < _expected || !await cluster.IsEmptyAsync())
        {
            if (Stopwatch.GetElapsedTime(start) > settings.PhaseMax)
            {
                throw new TimeoutException(
                    $"{phase}: {NoopJob.Executed} of {_expected} after {settings.PhaseMax.TotalSeconds} s.");
            }

            await Task.Delay(LookInterval);
        }
    }
}

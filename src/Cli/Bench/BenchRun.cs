using System.Buffers.Text;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Elasticity.Cli.CommandLine;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;

namespace Elasticity.Cli.Bench;

/// <summary>Measures a site, phase by phase.</summary>
internal sealed class BenchRun(BenchSite site, BenchOptions options, Action<string> tell)
{
    private const double MiB = 1024 * 1024;

    private static readonly JobHeader Header = new(
        "bench", JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty);

    private readonly string _run = Guid.CreateVersion7().ToString("N")[^12..];

    /// <summary>Measures everything.</summary>
    public async Task<BenchReport> RunAsync(CancellationToken stop)
    {
        tell($"submitting {options.Jobs} jobs of {options.TasksPerJob} tasks");
        long allocated = GC.GetTotalAllocatedBytes();
        BenchPhase submit = await PhaseAsync(() => SubmitAllAsync("first", stop));
        tell($"  {submit.TasksPerSecond:n0} tasks/s submitted; draining");
        await site.PrepareAgentsAsync(stop);
        BenchPhase drain = await PhaseAsync(() =>
        {
            site.StartAgents();
            return UntilEndedAsync("first", stop);
        });
        tell($"  {drain.TasksPerSecond:n0} tasks/s drained; both at once");
        BenchPhase both = await PhaseAsync(async () =>
        {
            Task submitting = SubmitAllAsync("second", stop);
            await submitting;
            await UntilEndedAsync("second", stop);
        });
        double perTask = (GC.GetTotalAllocatedBytes() - allocated) / (3.0 * submit.Tasks);
        tell($"  {both.TasksPerSecond:n0} tasks/s end to end");
        BenchLatency? latency = options.Steady > TimeSpan.Zero ? await SteadyAsync(stop) : null;
        return new BenchReport(
            site.Name,
            options.StoreName,
            site.Durability,
            Machine(),
            options.Jobs,
            options.TasksPerJob,
            options.PayloadBytes,
            options.Agents,
            options.Slots,
            submit,
            drain,
            both,
            latency,
            Memory(perTask));
    }

    private static string Machine() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / MiB / 1024:0.0} GiB, "
        + $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}");

    private static double PeakOf(int id)
    {
        using Process process = Process.GetProcessById(id);
        return Math.Round(process.PeakWorkingSet64 / MiB, 1);
    }

    private BenchMemory Memory(double allocatedPerTask)
    {
        Dictionary<string, double> peaks = site.Processes.ToDictionary(p => p.Name, p => PeakOf(p.Id));
        bool isInProcess = site.Processes.Any(p => p.Id == Environment.ProcessId);
        return new BenchMemory(peaks, !isInProcess ? null : new BenchHeap(
            Math.Round(GC.GetTotalMemory(forceFullCollection: true) / MiB, 1),
            Math.Round(allocatedPerTask),
            [GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2)]));
    }

    private async Task<BenchPhase> PhaseAsync(Func<Task> work)
    {
        EngineStatus before = site.Engine.GetStatus();
        long start = Stopwatch.GetTimestamp();
        await work();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        EngineStatus after = site.Engine.GetStatus();
        long tasks = (long)options.Jobs * options.TasksPerJob;
        return new BenchPhase(
            tasks,
            Math.Round(seconds, 3),
            Math.Round(tasks / seconds),
            site.IsStoreOwn ? after.Appends - before.Appends : null,
            site.IsStoreOwn ? after.Events - before.Events : null);
    }

    private JobId JobOf(string phase, int number) => new($"bench-{_run}-{phase}-{number}");

    private Task SubmitAllAsync(string phase, CancellationToken stop)
    {
        Payload payload = options.PayloadBytes < 2
            ? Payload.None
            : Payload.FromJson($"\"{new string('x', options.PayloadBytes - 2)}\"");
        TaskSpec[] tasks = new TaskSpec[options.TasksPerJob];
        Array.Fill(tasks, new TaskSpec { Kind = NoopHandler.Kind, Payload = payload });
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = options.Submitters, CancellationToken = stop };
        return Parallel.ForEachAsync(Enumerable.Range(0, options.Jobs), parallel, async (i, c) =>
            Accepted(await site.EngineOf(i).SubmitAsync(new JobSubmission(JobOf(phase, i), Header, tasks), c)));
    }

    private async Task UntilEndedAsync(string phase, CancellationToken stop)
    {
        for (int i = 0; i < options.Jobs; i++)
        {
            while (true)
            {
                Task news = site.Engine.WaitForNewsAsync(stop).AsTask(); // Before looking, or news may be missed.
                JobSummary job = Accepted(await site.Engine.GetJobAsync(JobOf(phase, i), null, stop));
                if (job.IsEnded)
                {
                    break;
                }

                await news;
                site.Check();
            }
        }
    }

    /// <summary>Submits at a fixed rate, whatever the answers take: a slow answer does not thin out the load.</summary>
    private async Task<BenchLatency> SteadyAsync(CancellationToken stop)
    {
        int count = (int)(options.Rate * options.Steady.TotalSeconds);
        tell($"submitting {options.Rate} jobs of one task a second for {options.Steady.TotalSeconds:0} s");
        long[] submittedAt = new long[count];
        Task[] submits = new Task[count];
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            TimeSpan early = TimeSpan.FromSeconds((double)i / options.Rate) - Stopwatch.GetElapsedTime(start);
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early, stop);
            }

            submittedAt[i] = Stopwatch.GetTimestamp();
            submits[i] = SubmitStampAsync(i, stop);
        }

        await Task.WhenAll(submits);
        double[] milliseconds = new double[count];
        for (int i = 0; i < count; i++)
        {
            milliseconds[i] = Stopwatch.GetElapsedTime(submittedAt[i], await StampOfAsync(i, stop)).TotalMilliseconds;
        }

        return BenchLatency.Of(options.Rate, milliseconds);
    }

    private async Task SubmitStampAsync(int number, CancellationToken stop) =>
        Accepted(await site.EngineOf(number).SubmitAsync(
            new JobSubmission(JobOf("steady", number), Header, [new TaskSpec { Kind = NoopHandler.StampKind }]), stop));

    private async Task<long> StampOfAsync(int number, CancellationToken stop)
    {
        while (true)
        {
            TaskView task = Accepted(await site.EngineOf(number).GetTaskAsync(
                new TaskId(JobOf("steady", number), 0), null, withPayloads: true, stop));
            if (Utf8Parser.TryParse(task.Result.Bytes.Span, out long stamp, out _))
            {
                return stamp;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), stop);
            site.Check();
        }
    }

    private static T Accepted<T>(Reply<T> reply)
        where T : class => reply.IsAccepted ? reply.Value : throw CliException.Of(reply.Rejection);
}

using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;

namespace Elasticity.ClusterBench;

/// <summary>Measures a cluster, phase by phase, and prints a line of JSON for each.</summary>
/// <param name="cluster">The silos.</param>
/// <param name="options">How much.</param>
internal sealed class BenchRun(BenchCluster cluster, BenchOptions options) : IDisposable
{
    private const int PayloadBytes = 110;
    private const int SubmittersMax = 4;

    /// <summary>How many tasks an agent holds to see what they cost.</summary>
    private const int HeldMax = 10_000;
    private const int HeldPerCall = 500;

    /// <summary>What the list of them here costs a task: a record with its references.</summary>
    private const int LeasedTaskBytes = 150;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<JobId, long> _startedAt = new();
    private readonly List<Task> _agents = [];
    private bool _isSteady;

    /// <summary>Measures everything.</summary>
    public async Task RunAsync()
    {
        await PhaseAsync("submitted", () => SubmitAllAsync("first"));
        await MemoryAsync();
        await PhaseAsync("drained", () =>
        {
            StartAgents();
            return UntilEndedAsync("first");
        });
        await PhaseAsync("end to end", async () =>
        {
            await SubmitAllAsync("second");
            await UntilEndedAsync("second");
        });
        if (options.Steady > TimeSpan.Zero)
        {
            await SteadyAsync();
        }

        await _stop.CancelAsync();
        await Task.WhenAll(_agents);
    }

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    private static void Print<T>(T result) =>
        Console.WriteLine(JsonSerializer.Serialize(result, JsonSerializerOptions.Web));

    private IElasticity Port(int number) => cluster.Ports[number % cluster.Ports.Count];

    private void StartAgents()
    {
        for (int i = 0; i < options.Agents; i++)
        {
            BenchAgent agent = new(Port(i), $"bench-{i}", options, (task, now) =>
            {
                if (Volatile.Read(ref _isSteady))
                {
                    _startedAt[task.Task.Job] = now;
                }
            });
            _agents.Add(agent.RunAsync(_stop.Token));
        }
    }

    private async Task PhaseAsync(string name, Func<Task> work)
    {
        long allocated = GC.GetTotalAllocatedBytes();
        long calls = cluster.Calls.Count;
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        await work();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        int tasks = options.Jobs * options.TasksPerJob;
        Print(new
        {
            Phase = name,
            options.Silos,
            Tasks = tasks,
            Seconds = Math.Round(seconds, 2),
            PerSecond = Math.Round(tasks / seconds),
            CpuMicrosecondsPerTask = Math.Round((Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / tasks, 1),
            AllocatedBytesPerTask = (GC.GetTotalAllocatedBytes() - allocated) / tasks,
            GrainCallsPerTask = Math.Round((double)(cluster.Calls.Count - calls) / tasks, 3),
            GrainCallsPerSecond = Math.Round((cluster.Calls.Count - calls) / seconds),
            WorkingSetMiB = Environment.WorkingSet >> 20,
        });
    }

    /// <summary>What a leased task costs in memory: an agent takes some, and gives them back.</summary>
    private async Task MemoryAsync()
    {
        IElasticity port = Port(0);
        AgentId agent = new("holder");
        SessionId session = new("bench");
        AgentOffer offer = new([BenchAgent.Kind], HeldMax, ImmutableSortedDictionary<string, string>.Empty, false);
        await port.RegisterAsync(agent, session, offer, CancellationToken.None);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        List<LeasedTask> held = [];
        while (held.Count < HeldMax)
        {
            LeaseRequest request = new(
                agent, session, $"request-{held.Count}", HeldPerCall, TimeSpan.Zero);
            LeaseGrant grant = (await port.LeaseAsync(request, CancellationToken.None)).Value!;
            if (grant.Tasks.IsEmpty)
            {
                break;
            }

            held.AddRange(grant.Tasks.Select(t => t with { Payload = Payload.None }));
        }

        long own = held.Count * LeasedTaskBytes;
        Print(new
        {
            Phase = "memory",
            options.Silos,
            Leased = held.Count,
            HeapBytesPerLeasedTask = (GC.GetTotalMemory(forceFullCollection: true) - before - own) / held.Count,
        });
        foreach (LeasedTask[] some in held.Chunk(HeldPerCall))
        {
            await port.SettleAsync(
                new SettleRequest(
                    agent,
                    session,
                    [.. some.Select(t => new TaskResult(t.Task, t.Token, new Settlement.GivenBack()))],
                    null),
                CancellationToken.None);
        }

        await port.CloseAsync(agent, session, CancellationToken.None);
    }

    private static JobId JobOf(string phase, int number) => new($"{phase}-{number}");

    private Task SubmitAllAsync(string phase)
    {
        TaskSpec[] tasks = new TaskSpec[options.TasksPerJob];
        Array.Fill(tasks, Spec());
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = SubmittersMax };
        return Parallel.ForEachAsync(
            Enumerable.Range(0, options.Jobs),
            parallel,
            async (i, _) => await SubmitAsync(JobOf(phase, i), tasks, Port(i)));
    }

    private static TaskSpec Spec() => new()
    {
        Kind = BenchAgent.Kind,
        Payload = Payload.FromJson($"\"{new string('x', PayloadBytes - 2)}\""),
    };

    private static async Task SubmitAsync(JobId job, TaskSpec[] tasks, IElasticity port)
    {
        JobHeader header = new("bench", JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty);
        Reply<SubmitReceipt> receipt = await port.SubmitAsync(
            new JobSubmission(job, header, tasks), CancellationToken.None);
        if (receipt.Rejection is { } rejection)
        {
            throw new InvalidOperationException($"{rejection.Code}: {rejection.Detail}");
        }
    }

    private async Task UntilEndedAsync(string phase)
    {
        for (int i = 0; i < options.Jobs; i++)
        {
            while (!(await Port(i).GetJobAsync(JobOf(phase, i), null, CancellationToken.None)).Value!.IsEnded)
            {
                await Task.WhenAny([.. _agents, Task.Delay(LookInterval)]);
                if (_agents.Find(a => a.IsFaulted) is { } failed)
                {
                    await failed;
                }
            }
        }
    }

    /// <summary>Submits at a fixed rate, whatever the answers take.</summary>
    private async Task SteadyAsync()
    {
        Volatile.Write(ref _isSteady, true);
        int count = (int)(options.Rate * options.Steady.TotalSeconds);
        long[] submittedAt = new long[count];
        Task[] submits = new Task[count];
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            TimeSpan early = TimeSpan.FromSeconds((double)i / options.Rate) - Stopwatch.GetElapsedTime(start);
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early);
            }

            submittedAt[i] = Stopwatch.GetTimestamp();
            submits[i] = SubmitAsync(JobOf("steady", i), [Spec()], Port(i));
        }

        await Task.WhenAll(submits);
        while (_startedAt.Count < count)
        {
            await Task.Delay(LookInterval);
        }

        double[] times = [.. Enumerable.Range(0, count)
            .Select(i => Stopwatch.GetElapsedTime(submittedAt[i], _startedAt[JobOf("steady", i)]).TotalMilliseconds)
            .Order()];
        Print(new
        {
            Phase = "submit to start",
            options.Silos,
            options.Rate,
            Jobs = count,
            P50Ms = Math.Round(times[count / 2], 2),
            P99Ms = Math.Round(times[(int)(count * 0.99)], 2),
            MaxMs = Math.Round(times[^1], 2),
        });
    }
}

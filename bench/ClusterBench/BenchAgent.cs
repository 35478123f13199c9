using System.Collections.Immutable;
using System.Diagnostics;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;

namespace Elasticity.ClusterBench;

/// <summary>An agent inside a silo that does nothing with its tasks but settle them.</summary>
/// <param name="port">The port of its silo.</param>
/// <param name="name">Its id.</param>
/// <param name="options">How it works.</param>
/// <param name="onStart">Called with each task and when it arrived.</param>
internal sealed class BenchAgent(IElasticity port, string name, BenchOptions options, Action<LeasedTask, long> onStart)
{
    /// <summary>The kind of the tasks.</summary>
    public const string Kind = "noop";

    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(2);

    private readonly AgentId _agent = new(name);
    private readonly SessionId _session = new("bench");
    private int _requests;

    /// <summary>Works until told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        AgentOffer offer = new(
            [Kind], options.Batch * options.Calls, ImmutableSortedDictionary<string, string>.Empty, IsInProcess: true);
        Check((await port.RegisterAsync(_agent, _session, offer, stop)).Rejection);
        await Task.WhenAll(Enumerable.Range(0, options.Calls).Select(_ => Task.Run(() => WorkAsync(stop), stop)));
    }

    private static void Check(Rejection? rejection)
    {
        if (rejection is not null)
        {
            throw new InvalidOperationException($"{rejection.Code}: {rejection.Detail}");
        }
    }

    private async Task WorkAsync(CancellationToken stop)
    {
        ImmutableArray<LeasedTask> tasks = [];
        while (!stop.IsCancellationRequested)
        {
            if (tasks.IsEmpty)
            {
                Reply<LeaseGrant> leased = await port.LeaseAsync(Request(Wait), CancellationToken.None);
                Check(leased.Rejection);
                tasks = leased.Value!.Tasks;
            }

            long now = Stopwatch.GetTimestamp();
            foreach (LeasedTask task in tasks)
            {
                onStart(task, now);
            }

            if (!tasks.IsEmpty)
            {
                tasks = await SettleAsync(tasks);
            }
        }
    }

    private async Task<ImmutableArray<LeasedTask>> SettleAsync(ImmutableArray<LeasedTask> tasks)
    {
        SettleRequest request = new(
            _agent,
            _session,
            [.. tasks.Select(t => new TaskResult(t.Task, t.Token, new Settlement.Succeeded(Payload.None)))],
            Request(TimeSpan.Zero));
        Reply<SettleAnswer> settled = await port.SettleAsync(request, CancellationToken.None);
        Check(settled.Rejection);
        foreach (Rejection? verdict in settled.Value!.Results)
        {
            Check(verdict);
        }

        return settled.Value.Leased;
    }

    private LeaseRequest Request(TimeSpan wait) =>
        new(_agent, _session, $"r{Interlocked.Increment(ref _requests)}", options.Batch, wait);
}

using System.Collections.Immutable;
using System.Globalization;
using Elasticity.Domain;
using Elasticity.Engine;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;

namespace Elasticity.Simulator.Cluster;

/// <summary>Delivers again what the open jobs and tasks of a shard still wait for: see
/// <c>src/Grains/SupervisorGrain.cs</c>.</summary>
internal sealed class SupervisorGrain(SiloProcess silo, string key) : Grain(silo, key)
{
    private const int StreamsMax = 10_000;

    private bool _isSweeping;
    private bool _isAskedAgain;

    private int Shard => int.Parse(Key, CultureInfo.InvariantCulture);

    public override Task ActivateAsync()
    {
        Every(Silo.Plan.Sweep, SweepAsync);
        return Task.CompletedTask;
    }

    /// <summary>Sweeps at once; nobody waits for it.</summary>
    public Task NudgeAsync()
    {
        Silo.Run(SweepAsync);
        return Task.CompletedTask;
    }

    /// <summary>One sweep at a time: a grain has one turn at a time.</summary>
    public async Task SweepAsync()
    {
        if (_isSweeping)
        {
            _isAskedAgain = true;
            return;
        }

        _isSweeping = true;
        try
        {
            do
            {
                _isAskedAgain = false;
                await SweepOnceAsync();
            }
            while (_isAskedAgain);
        }
        finally
        {
            _isSweeping = false;
        }
    }

    private async Task SweepOnceAsync()
    {
        Dictionary<JobId, List<(TaskId Task, StreamInfo Stream)>> tasks = [];
        foreach (StreamInfo open in await OpenAsync(StreamNames.TaskPrefix))
        {
            if (StreamNames.TryParseTask(open.Stream, out TaskId? task))
            {
                if (!tasks.TryGetValue(task.Value.Job, out List<(TaskId Task, StreamInfo Stream)>? ofJob))
                {
                    tasks.Add(task.Value.Job, ofJob = []);
                }

                ofJob.Add((task.Value, open));
            }
        }

        Courier courier = new(Silo, isRestoring: true);
        foreach (StreamInfo open in await OpenAsync(StreamNames.JobPrefix))
        {
            JobId job = new(open.Stream.Value[StreamNames.JobPrefix.Length..]);
            tasks.Remove(job, out List<(TaskId Task, StreamInfo Stream)>? ofJob);
            await Harmless(() => SweepAsync(courier, job, open.Head.Version, ofJob ?? []));
        }

        foreach (List<(TaskId Task, StreamInfo Stream)> rest in tasks.Values) // Their jobs ended in between.
        {
            await Harmless(() => SweepAsync(courier, rest));
        }

        foreach (StreamInfo open in await OpenAsync(StreamNames.AgentPrefix))
        {
            string agent = open.Stream.Value[StreamNames.AgentPrefix.Length..];
            await Harmless(() => Silo.Cluster.CallAsync<AgentGrain>(
                Silo, GrainKind.Agent, agent, a => a.LookAsync()));
        }
    }

    private Task<IReadOnlyList<StreamInfo>> OpenAsync(string prefix) =>
        Silo.Store.ReadAsync(s => s.ListOpenAsync(Shard, prefix, null, StreamsMax, CancellationToken.None));

    /// <summary>What is said of the job as a whole first, then what its tasks wait for, then its offers without those
    /// tasks.</summary>
    private async Task SweepAsync(
        Courier courier, JobId job, long version, List<(TaskId Task, StreamInfo Stream)> tasks)
    {
        int[] open = [.. tasks.Select(t => t.Task.Index).Order()];
        bool isFirst = true;
        int? cursor = 0;
        while (cursor is { } from)
        {
            (ImmutableArray<Letter> letters, int? next) = await Silo.Cluster
                .CallAsync<JobGrain, (ImmutableArray<Letter>, int?)>(
                    Silo, GrainKind.Job, job.Value, j => j.OutstandingAsync(from, version));
            ImmutableArray<Letter> offers = [.. letters.Where(m => m.Message is Message.Offer)];
            await courier.DeliverAsync(letters.RemoveRange(offers));
            if (isFirst)
            {
                await SweepAsync(courier, tasks);
                isFirst = false;
            }

            await courier.DeliverAsync([.. offers.SelectMany(o => Without(o, open))]);
            cursor = next;
        }
    }

    private async Task SweepAsync(Courier courier, List<(TaskId Task, StreamInfo Stream)> tasks)
    {
        TaskTold[] told = await Silo.Desk.LookAsync(tasks);
        await courier.DeliverAsync([.. told.SelectMany(t => t.Letters)]);
    }

    private static IEnumerable<Letter> Without(Letter letter, int[] open)
    {
        Message.Offer offer = (Message.Offer)letter.Message;
        int from = Array.BinarySearch(open, offer.First);
        int to = Array.BinarySearch(open, offer.First + offer.Count);
        from = from < 0 ? ~from : from;
        to = to < 0 ? ~to : to;
        return offer.Without(open[from..to]).Select(o => letter with { Message = o });
    }
}

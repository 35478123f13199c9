using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Engine;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Microsoft.Extensions.Logging;

namespace Elasticity.Grains;

/// <inheritdoc cref="ISupervisorGrain"/>
/// <remarks>It asks every open job and task of its shard what they still wait for, and delivers it: messages that were
/// lost, queues that forgot, agents that were to mind a lease. What had arrived before changes nothing.</remarks>
/// <param name="store">The log.</param>
/// <param name="desk">The way to the tasks.</param>
/// <param name="options">How often to sweep.</param>
/// <param name="counter">What this silo has done.</param>
/// <param name="log">Where to say what could not be swept.</param>
public sealed partial class SupervisorGrain(
    IEventStore store, SiloDesk desk, GrainsOptions options, SiloCounter counter, ILogger<SupervisorGrain> log)
    : Grain, ISupervisorGrain, IRemindable
{
    private const string ReminderName = "sweep";

    /// <summary>By up to so large a part the interval of a supervisor is shorter or longer: those that were nudged
    /// together would otherwise sweep together from then on, and whoever leases would wait for them.</summary>
    private const double IntervalSpread = 0.25;

    /// <summary>So many tasks are in memory at once, with their results.</summary>
    private const int TasksPerPage = 1_000;

    private readonly StateReader _states = new(store);

    private readonly TimeSpan _interval = options.SweepInterval > TimeSpan.Zero
        ? options.SweepInterval * (1 - IntervalSpread + (2 * IntervalSpread * Random.Shared.NextDouble()))
        : options.SweepInterval;

    private IGrainTimer? _timer;
    private bool _isReminding;

    private int Shard => (int)this.GetPrimaryKeyLong();

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _ = RemindAsync();
        _timer = this.RegisterGrainTimer(
            SweepAsync,
            new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, _interval)
            {
                KeepAlive = _interval > TimeSpan.Zero,
            });
        _timer.Change(_interval, _interval);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task ReceiveReminder(string reminderName, TickStatus status) => SweepAsync();

    /// <inheritdoc/>
    public Task NudgeAsync()
    {
        _timer?.Change(TimeSpan.Zero, _interval);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task SweepAsync()
    {
        if (!_isReminding)
        {
            _ = RemindAsync();
        }

        Dictionary<JobId, List<(TaskId Task, StreamInfo Stream)>> tasks = [];
        await foreach (StreamInfo open in _states.OpenAsync(Shard, StreamNames.TaskPrefix, CancellationToken.None))
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

        Courier courier = new(GrainFactory, desk, options, counter, isRestoring: true);
        await foreach (StreamInfo open in _states.OpenAsync(Shard, StreamNames.JobPrefix, CancellationToken.None))
        {
            JobId job = new(open.Stream.Value[StreamNames.JobPrefix.Length..]);
            long version = open.Head.Version;
            tasks.Remove(job, out List<(TaskId Task, StreamInfo Stream)>? ofJob);
            await TryAsync(job.Value, () => SweepAsync(courier, job, version, ofJob ?? []));
        }

        foreach ((JobId job, List<(TaskId Task, StreamInfo Stream)> rest) in tasks) // They ended in between.
        {
            await TryAsync(job.Value, () => SweepAsync(courier, rest));
        }

        if (courier.Queues.Count > 0)
        {
            // The registry may be a new one, and queues themselves tell it only now and then.
            await TryAsync(
                "registry", () => GrainFactory.GetGrain<IRegistryGrain>(0).AddQueuesAsync([.. courier.Queues]));
        }

        await foreach (StreamInfo open in _states.OpenAsync(Shard, StreamNames.AgentPrefix, CancellationToken.None))
        {
            // A live session is minded by its grain: this makes sure that there is one.
            string agent = open.Stream.Value[StreamNames.AgentPrefix.Length..];
            await TryAsync(agent, () => GrainFactory.GetGrain<IAgentGrain>(agent).LookAsync());
        }
    }

    /// <summary>Has a reminder wake it. Nobody waits for that: a reminder service may take long to start, and the shard
    /// is to be swept meanwhile.</summary>
    private async Task RemindAsync()
    {
        _isReminding = true;
        try
        {
            await this.RegisterOrUpdateReminder(ReminderName, options.ReminderInterval, options.ReminderInterval);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _isReminding = false;
            NotReminded(Shard, e);
        }
    }

    [LoggerMessage(
        EventId = 7005,
        Level = LogLevel.Warning,
        Message = "No reminder could be set for shard {Shard}; the next sweep tries again.")]
    private partial void NotReminded(int shard, Exception exception);

    /// <summary>One that cannot be reached, or read, must not keep the others of its shard from being swept.</summary>
    private async Task TryAsync(string what, Func<Task> sweep)
    {
        try
        {
            await sweep();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            counter.AddUndelivered(1);
            NotSwept(what, Shard, e);
        }
    }

    [LoggerMessage(
        EventId = 7002,
        Level = LogLevel.Warning,
        Message = "{What} in shard {Shard} could not be swept; the next sweep tries again.")]
    private partial void NotSwept(string what, int shard, Exception exception);

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
            JobPage page = await GrainFactory.GetGrain<IJobGrain>(job.Value).OutstandingAsync(from, version);
            ImmutableArray<Letter> offers = [.. page.Letters.Where(m => m.Message is Message.Offer)];
            await courier.DeliverAsync(page.Letters.RemoveRange(offers));
            if (isFirst)
            {
                await SweepAsync(courier, tasks);
                isFirst = false;
            }

            await courier.DeliverAsync([.. offers.SelectMany(o => Without(o, open))]);
            cursor = page.Next;
        }
    }

    private async Task SweepAsync(Courier courier, List<(TaskId Task, StreamInfo Stream)> tasks)
    {
        foreach ((TaskId Task, StreamInfo Stream)[] page in tasks.Chunk(TasksPerPage))
        {
            TaskTold[] told;
            try
            {
                told = await desk.LookAsync(page);
            }
            catch (EventStoreException e) when (page.Length > 1 && !e.IsTransient)
            {
                // One of them cannot be read; the others are.
                foreach ((TaskId Task, StreamInfo Stream) one in page)
                {
                    await TryAsync(one.Task.ToString(), () => SweepAsync(courier, [one]));
                }

                continue;
            }

            await courier.DeliverAsync([.. told.SelectMany(t => t.Letters)]);
        }
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

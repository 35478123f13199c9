using Elasticity.Domain;
using Elasticity.Domain.Tasks;

namespace Elasticity.Grains;

/// <summary>What the grains are bounded by, and how often they look at the clock. The same in every silo.</summary>
public sealed record GrainsOptions
{
    /// <summary>The limits of the domain.</summary>
    public Limits Limits { get; init; } = Limits.Default;

    /// <summary>How often agents and queues look for what is due. Default: 250 ms;
    /// <see cref="Timeout.InfiniteTimeSpan"/> leaves that to whoever calls their <c>TickAsync</c>.</summary>
    public TimeSpan TickInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How often a supervisor sweeps its shard, give or take a quarter. Default: 10 s;
    /// <see cref="Timeout.InfiniteTimeSpan"/> leaves only reminders, silos that start or die, and
    /// <c>SweepAsync</c>.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a reminder wakes each supervisor; at least one minute. Default: 1 minute.</summary>
    public TimeSpan ReminderInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A session that was silent for so long and holds no lease is over. Default: 10 minutes.</summary>
    public TimeSpan SessionSilenceMax { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The greatest <see cref="QueueShards"/>: who waits for tasks waits at all of them.</summary>
    public const int QueueShardsMax = 64;

    /// <summary>How many grains hold the queue of one kind; 1 to 64, the same in every silo. More of them spread a hot
    /// kind over silos; priorities and turns between jobs then hold only among the jobs that share one. Default:
    /// 1.</summary>
    public int QueueShards { get; init; } = 1;

    /// <summary>The most lease requests of one agent that wait at once. Default: 1,000; one more is refused with
    /// <c>limit-exceeded</c>.</summary>
    public int WaitsPerAgentMax { get; init; } = 1_000;

    /// <summary>The most bytes of chunks that a silo keeps in memory, payloads included. Default: 64 MiB.</summary>
    public long ChunkCacheBytesMax { get; init; } = 64L * 1024 * 1024;

    /// <summary>How many calls to grains of tasks are under way at once for one request. Default: 64.</summary>
    public int CallsUnderWayMax { get; init; } = 64;

    /// <summary>How many unended tasks each silo remembers as it stored them last, so that the next command needs
    /// neither grain nor read. Default: 100,000, about 60 MB; a task that is not remembered costs a grain.</summary>
    public int TasksKnownMax { get; init; } = 100_000;

    /// <summary>So many rounds of messages between jobs, tasks, queues and agents are delivered before the answer to
    /// what caused them; later ones after it. Default: 4, which is a report, its job, what the job sets free or skips,
    /// and the queues.</summary>
    public int RoundsAwaitedMax { get; init; } = 4;

    /// <summary>Up to so many tasks are stopped before the answer; more of them after it. Default: 1,000.</summary>
    public int StopsAwaitedMax { get; init; } = 1_000;
}

/// <summary>The clocks of the engine; those of Orleans are its own.</summary>
/// <param name="Time">Wall clock and monotonic clock.</param>
public sealed record EngineClock(TimeProvider Time)
{
    private readonly long _start = Time.GetTimestamp();

    /// <summary>UTC.</summary>
    public DateTimeOffset Utc => Time.GetUtcNow();

    /// <summary>Since the start of this silo.</summary>
    public TimeSpan Monotonic => Time.GetElapsedTime(_start);

    /// <summary>Sets the instant of a command, and its chance.</summary>
    /// <param name="command">The command.</param>
    /// <returns>The command as it is decided on.</returns>
    public TaskCommand Stamp(TaskCommand command) => command.At(Utc, static () => Random.Shared.NextDouble());
}

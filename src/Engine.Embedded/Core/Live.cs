using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Queues;
using Elasticity.Domain.Tasks;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;

namespace Elasticity.Engine.Embedded.Core;

/// <summary>A job in memory.</summary>
internal sealed class LiveJob(JobId id, JobState state, StreamHead head)
{
    public JobId Id => id;

    public StreamId Stream { get; } = StreamNames.Of(id);

    public JobState State { get; set; } = state;

    public StreamHead Head { get; set; } = head;

    /// <summary>How many of its chunks are counted among those that name kinds.</summary>
    public int ChunksCounted { get; set; }

    /// <summary>Outcomes that its tasks told in this step and that it has not recorded yet.</summary>
    public List<OutcomeRecord> Told { get; } = [];

    /// <summary>Its tasks in memory, by index.</summary>
    public Dictionary<int, LiveTask> Tasks { get; } = [];
}

/// <summary>A task in memory: leased or backing off, or looked at in this step.</summary>
internal sealed class LiveTask(TaskId id, TaskState state, StreamHead head)
{
    public TaskId Id => id;

    public StreamId Stream { get; } = StreamNames.Of(id);

    /// <summary>Without what was reported last: results are large, and many tasks may back off at once.</summary>
    public TaskState State { get; set => field = value with { LastSettlement = null }; } =
        state with { LastSettlement = null };

    public StreamHead Head { get; set; } = head;
}

/// <summary>An agent in memory: with a live session, or looked at in this step.</summary>
internal sealed class LiveAgent(AgentId id, AgentState state, StreamHead head, TimeSpan seenAt)
{
    public AgentId Id => id;

    public StreamId Stream { get; } = StreamNames.Of(id);

    public AgentState State { get; set; } = state;

    public StreamHead Head { get; set; } = head;

    /// <summary>Its present session, as the one who holds leases.</summary>
    public Holder Holder => new(id, State.Session);

    /// <summary>When it was last heard of, monotonic.</summary>
    public TimeSpan SeenAt { get; set; } = seenAt;

    /// <summary>Whose turn it is of the kinds that it takes.</summary>
    public KindTurns Kinds { get; } = new();
}

/// <summary>The queue of one kind and who waits at it.</summary>
internal sealed class KindQueue(string kind)
{
    public string Kind => kind;

    public ReadyQueue Ready { get; } = new();

    /// <summary>Tasks of the kind that are leased.</summary>
    public int Leased { get; set; }

    /// <summary>Live agents that offer the kind.</summary>
    public int Agents { get; set; }

    /// <summary>Whether nothing would be lost without it. What waits at it finds it by its kind.</summary>
    public bool IsEmpty => Ready.ReadyCount + Ready.DelayedCount + Leased + Agents + Loading == 0;

    /// <summary>Loads under way that its next tasks wait for.</summary>
    public int Loading { get; set; }

    /// <summary>The next task when it was last loaded for.</summary>
    public ReadyTask LoadedFor { get; set; }
}

/// <summary>A lease request that waits for ready tasks.</summary>
internal sealed class WaitingLease(LeaseRequest request, object? caller, ReadOnlyMemory<byte> metadata, TimeSpan until)
{
    public LeaseRequest Request => request;

    public object? Caller => caller;

    public ReadOnlyMemory<byte> Metadata => metadata;

    /// <summary>When it is answered with nothing, monotonic.</summary>
    public TimeSpan Until => until;

    /// <summary>Set for the second half of a settle: its results, answered together with the leases.</summary>
    public SettleAnswer? Settled { get; init; }
}

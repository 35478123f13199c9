using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.EventStore;

namespace Elasticity.Engine.Embedded.Core;

/// <summary>What the core is given: what callers ask, and what it asked to be loaded.</summary>
public abstract record CoreInput
{
    private CoreInput() { }

    /// <summary>Where the answer goes; given back with it, never looked at. Null when nobody waits.</summary>
    public object? Caller { get; init; }

    /// <summary>UTF-8 JSON stored with the events that this input causes, such as the trace context; empty for
    /// none.</summary>
    public ReadOnlyMemory<byte> Metadata { get; init; }

    /// <summary>Commands for one job, carried out in order until one is refused. Answered by
    /// <see cref="JobAnswer"/>.</summary>
    /// <param name="Job">The job.</param>
    /// <param name="Commands">The commands; the core stamps their instant.</param>
    public sealed record ForJob(JobId Job, ImmutableArray<JobCommand> Commands) : CoreInput;

    /// <summary>
    /// Reserves an ended job that is to be trimmed: until <see cref="Release"/> nothing else is done to it or its
    /// tasks. Answered by a <see cref="TrimAnswer"/>.
    /// </summary>
    /// <param name="Job">The job.</param>
    public sealed record Reserve(JobId Job) : CoreInput;

    /// <summary>Ends a reservation. Not answered.</summary>
    /// <param name="Job">The job.</param>
    public sealed record Release(JobId Job) : CoreInput;

    /// <summary>A command for an agent. Answered by a <see cref="Reply{T}"/> of <see cref="AgentView"/>.</summary>
    /// <param name="Agent">The agent.</param>
    /// <param name="Command">The command; the core stamps its instant.</param>
    public sealed record ForAgent(AgentId Agent, AgentCommand Command) : CoreInput;

    /// <summary>Answered by a <see cref="Reply{T}"/> of <see cref="LeaseGrant"/>.</summary>
    /// <param name="Request">The wish.</param>
    public sealed record Lease(LeaseRequest Request) : CoreInput;

    /// <summary>The caller of a lease request is gone: it waits no longer. Not answered.</summary>
    /// <param name="Gone">The <see cref="Caller"/> of that request.</param>
    public sealed record AbandonLease(object Gone) : CoreInput;

    /// <summary>Answered by a <see cref="Reply{T}"/> of <see cref="HeartbeatAnswer"/>.</summary>
    /// <param name="Heartbeat">The sign of life.</param>
    public sealed record Beat(Heartbeat Heartbeat) : CoreInput;

    /// <summary>Answered by a <see cref="Reply{T}"/> of <see cref="SettleAnswer"/>.</summary>
    /// <param name="Request">The results.</param>
    public sealed record Settle(SettleRequest Request) : CoreInput;

    /// <summary>Asks for what only the core knows. Answered by a <see cref="CoreSnapshot"/>.</summary>
    /// <param name="Job">The job whose state is wanted too; null for none.</param>
    /// <param name="WithLists">Whether agents, queues and findings are wanted.</param>
    public sealed record Look(JobId? Job, bool WithLists) : CoreInput;

    /// <summary>A job that was asked for.</summary>
    /// <param name="Job">The job.</param>
    /// <param name="State">Its state; <see cref="JobState.None"/> when there is none.</param>
    /// <param name="Head">Its head.</param>
    public sealed record JobLoaded(JobId Job, JobState State, StreamHead Head) : CoreInput;

    /// <summary>A task that was asked for.</summary>
    /// <param name="Task">The task.</param>
    /// <param name="State">Its state.</param>
    /// <param name="Head">Its head.</param>
    public sealed record TaskLoaded(TaskId Task, Domain.Tasks.TaskState State, StreamHead Head) : CoreInput;

    /// <summary>An agent that was asked for.</summary>
    /// <param name="Agent">The agent.</param>
    /// <param name="State">Its state.</param>
    /// <param name="Head">Its head.</param>
    public sealed record AgentLoaded(AgentId Agent, AgentState State, StreamHead Head) : CoreInput;

    /// <summary>The part of a chunk that was asked for.</summary>
    /// <param name="Load">What was asked for.</param>
    /// <param name="Tasks">The tasks with their payloads, from <see cref="CoreLoad.Chunk.First"/> on; at least
    /// one.</param>
    public sealed record ChunkLoaded(CoreLoad.Chunk Load, ImmutableArray<TaskSpec> Tasks) : CoreInput;
}

/// <summary>What the core wants to know from the store. It must be read after everything that the core decided is
/// durable.</summary>
public abstract record CoreLoad
{
    private CoreLoad() { }

    /// <summary>Wants <see cref="CoreInput.JobLoaded"/>.</summary>
    /// <param name="Id">The job.</param>
    public sealed record Job(JobId Id) : CoreLoad;

    /// <summary>Wants <see cref="CoreInput.TaskLoaded"/>.</summary>
    /// <param name="Id">The task.</param>
    public sealed record Task(TaskId Id) : CoreLoad;

    /// <summary>Wants <see cref="CoreInput.AgentLoaded"/>.</summary>
    /// <param name="Id">The agent.</param>
    public sealed record Agent(AgentId Id) : CoreLoad;

    /// <summary>Wants <see cref="CoreInput.ChunkLoaded"/>.</summary>
    /// <param name="Id">The job.</param>
    /// <param name="Version">The version of the event that holds the chunk.</param>
    /// <param name="First">The index of the first task wanted.</param>
    /// <param name="BytesMax">How much memory they may take; one task is wanted in any case.</param>
    public sealed record Chunk(JobId Id, long Version, int First, long BytesMax) : CoreLoad;
}

/// <summary>What a reservation is answered.</summary>
/// <param name="Job">The job.</param>
/// <param name="Head">The head of its stream that the tombstone was made for.</param>
/// <param name="Tombstone">What is to stand for it; null when there is nothing to do, or it was refused.</param>
/// <param name="Row">How the job is listed from then on; null as the tombstone.</param>
/// <param name="Rejection">Why it was refused; null when it was not.</param>
public sealed record TrimAnswer(
    JobSummary? Job, StreamHead Head, StreamAppend? Tombstone, JobRow? Row, Rejection? Rejection);

/// <summary>What only the core knows.</summary>
/// <param name="Job">The state of the job asked for; null when it is not in memory.</param>
/// <param name="Progress">What agents said of the progress of its leased tasks, by index.</param>
/// <param name="Agents">The live agents; empty unless asked for.</param>
/// <param name="Queues">The queues; empty unless asked for.</param>
/// <param name="Findings">What needs a look; empty unless asked for.</param>
public sealed record CoreSnapshot(
    JobState? Job,
    IReadOnlyDictionary<int, string> Progress,
    IReadOnlyList<AgentView> Agents,
    IReadOnlyList<QueueView> Queues,
    IReadOnlyList<Finding> Findings);

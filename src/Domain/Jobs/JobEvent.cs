using System.Collections.Immutable;
using Elasticity.Domain.Tasks;

namespace Elasticity.Domain.Jobs;

/// <summary>What has happened to a job.</summary>
public abstract record JobEvent
{
    private JobEvent(DateTimeOffset at) => At = at;

    /// <summary>When it happened, UTC.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>A client began to submit.</summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="Header">Name, policy and labels as given.</param>
    /// <param name="Digest">SHA-256 over policy and tasks as given, see <see cref="JobDigest"/>; 64 hexadecimal
    /// digits.</param>
    /// <param name="TaskCount">How many tasks will come.</param>
    public sealed record Opened(DateTimeOffset At, JobHeader Header, string Digest, int TaskCount) : JobEvent(At);

    /// <summary>A chunk of the tasks arrived.</summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="First">The index of the first of them.</param>
    /// <param name="Tasks">The tasks as given; their payloads are attachments.</param>
    /// <param name="Digest">The digest up to and including this chunk; 64 hexadecimal digits.</param>
    public sealed record TasksAdded(DateTimeOffset At, int First, ImmutableArray<TaskSpec> Tasks, string Digest)
        : JobEvent(At);

    /// <summary>All tasks are there: the job is accepted and scheduling starts.</summary>
    /// <param name="At">When it happened, UTC.</param>
    public sealed record Sealed(DateTimeOffset At) : JobEvent(At);

    /// <summary>Runs of tasks ended.</summary>
    /// <param name="At">When it was recorded, UTC.</param>
    /// <param name="Outcomes">Which and how, many at once.</param>
    public sealed record OutcomesRecorded(DateTimeOffset At, ImmutableArray<OutcomeRecord> Outcomes) : JobEvent(At);

    /// <summary>A task was dead-lettered and the policy fails the job at once.</summary>
    /// <param name="At">When it happened, UTC.</param>
    public sealed record Failing(DateTimeOffset At) : JobEvent(At);

    /// <summary>Somebody asked to cancel.</summary>
    /// <param name="At">When it happened, UTC.</param>
    public sealed record CancelRequested(DateTimeOffset At) : JobEvent(At);

    /// <summary>No new leases until resumed.</summary>
    /// <param name="At">When it happened, UTC.</param>
    public sealed record Paused(DateTimeOffset At) : JobEvent(At);

    /// <summary>Leases are given again.</summary>
    /// <param name="At">When it happened, UTC.</param>
    public sealed record Resumed(DateTimeOffset At) : JobEvent(At);

    /// <summary>Tasks that had ended badly are to be done again, as a new run.</summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="Tasks">The tasks asked for.</param>
    /// <param name="Restored">The skipped tasks that can be done now because of that.</param>
    /// <param name="Request">The id of the request, by which a repetition is known; null when it had none.</param>
    /// <param name="Index">The one task that was asked for with that id; null means all.</param>
    public sealed record Redriven(
        DateTimeOffset At,
        ImmutableArray<IndexRange> Tasks,
        ImmutableArray<IndexRange> Restored,
        string? Request = null,
        int? Index = null) : JobEvent(At);

    /// <summary>The inputs and results of tasks are to be forgotten: they cannot be shown nor done again. The bytes go
    /// after this event; their digests, and with them all hashes, stay.</summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="Index">One task; null means all.</param>
    public sealed record PayloadsErased(DateTimeOffset At, int? Index) : JobEvent(At);

    /// <summary>Where the job stands, written down so that its state can be had without the events between the seal
    /// and here. It changes nothing. There is one in 1,000 events, and in a job of more than 100,000 tasks one in as
    /// many as a hundredth of its tasks.</summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="Phase">Where in its life the job is: open, failing or cancelling.</param>
    /// <param name="IsPaused">Whether new leases are held back.</param>
    /// <param name="Statuses">How each task stands, in order: 0 blocked, 1 released, 2 asked to skip, 3 succeeded,
    /// 4 dead-lettered, 5 cancelled, 6 skipped (<see cref="JobTaskStatus"/>). Numbers with a space between them,
    /// <c>3*1200</c> for 1,200 that are alike.</param>
    /// <param name="Runs">The run of each task that was redriven, 0 for the others, in the same form; null when none
    /// was.</param>
    /// <param name="Erased">1 for each task whose payloads were erased, 0 for the others, in the same form; null when
    /// none were.</param>
    /// <param name="Redrives">The latest redrives that had an id, oldest first.</param>
    public sealed record Checkpointed(
        DateTimeOffset At,
        JobPhase Phase,
        bool IsPaused,
        string Statuses,
        string? Runs,
        string? Erased,
        ImmutableArray<KnownRedrive> Redrives) : JobEvent(At);

    /// <summary>Every task has ended.</summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="Outcome">How the job ended.</param>
    public sealed record Ended(DateTimeOffset At, JobOutcome Outcome) : JobEvent(At);

    /// <summary>
    /// The events of the ended job and of its tasks were removed; this stands for them, as the first event of a stream
    /// of its own. The job is still known: submitting it again is still harmless.
    /// </summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="Header">Name, policy and labels as given.</param>
    /// <param name="Digest">The digest of the job.</param>
    /// <param name="TaskCount">How many tasks it had.</param>
    /// <param name="Counts">How they ended.</param>
    /// <param name="Outcome">How the job ended.</param>
    /// <param name="CreatedAt">When it was opened, UTC.</param>
    /// <param name="SealedAt">When it was accepted, UTC; null when it was cancelled before.</param>
    /// <param name="EndedAt">When it ended, UTC.</param>
    /// <param name="Head">The head hash of the job's stream, 64 hexadecimal digits; it holds the heads of its tasks'
    /// streams.</param>
    public sealed record Trimmed(
        DateTimeOffset At,
        JobHeader Header,
        string Digest,
        int TaskCount,
        TaskCounts Counts,
        JobOutcome Outcome,
        DateTimeOffset CreatedAt,
        DateTimeOffset? SealedAt,
        DateTimeOffset EndedAt,
        string Head) : JobEvent(At);
}

/// <summary>What a job says about itself, as the client gave it.</summary>
/// <param name="Name">For humans; may be empty.</param>
/// <param name="Policy">For all its tasks.</param>
/// <param name="Labels">For finding it again; keys are unique.</param>
public sealed record JobHeader(string Name, JobPolicy Policy, ImmutableSortedDictionary<string, string> Labels);

/// <summary>The outcome of one run of one task, as the job records it.</summary>
/// <param name="Index">The task.</param>
/// <param name="Run">The run.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Head">The head hash of the task's stream then, so that a missing tail shows; 64 hexadecimal
/// digits.</param>
public sealed record OutcomeRecord(int Index, int Run, TaskOutcome Outcome, string Head);

/// <summary>Tasks that follow one another.</summary>
/// <param name="First">The first index.</param>
/// <param name="Count">How many; at least 1.</param>
public readonly record struct IndexRange(int First, int Count);

/// <summary>How a job ended.</summary>
public enum JobOutcome
{
    /// <summary>All tasks succeeded, or the policy ignores the dead-lettered ones. Stored as 1.</summary>
    Succeeded = 1,

    /// <summary>A task was dead-lettered. Stored as 2.</summary>
    Failed = 2,

    /// <summary>Cancelled on request. Stored as 3.</summary>
    Cancelled = 3,
}

using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Elasticity.Simulator.Actors;

namespace Elasticity.Simulator.Checks;

/// <summary>A job as the checkers understand it, from nothing but its stored events.</summary>
internal sealed class ModelJob(string id)
{
    public string Id => id;

    public string Digest { get; set; } = string.Empty;

    public string Name { get; set; } = string.Empty;

    /// <summary><c>opening</c>, <c>open</c>, <c>failing</c>, <c>cancelling</c>, <c>succeeded</c>, <c>failed</c>,
    /// <c>cancelled</c>; empty before the first event.</summary>
    public string Phase { get; set; } = string.Empty;

    public int TaskCount { get; set; }

    public int Rule { get; set; } = 1;

    public ModelRetry? Retry { get; set; }

    public TimeSpan? LeaseLength { get; set; }

    public int? Priority { get; set; }

    public List<ModelTask> Tasks { get; } = [];

    public bool IsSealed { get; set; }

    public bool IsPaused { get; set; }

    /// <summary>The batch in which it was paused last; it may have been resumed in the same. 0 when never; so also of
    /// those below.</summary>
    public long PausedIn { get; set; }

    public long ResumedIn { get; set; }

    public long CancelledIn { get; set; }

    public long RedrivenIn { get; set; }

    public long OpenedIn { get; set; }

    public long SealedIn { get; set; }

    public long EndedIn { get; set; }

    /// <summary>The batch with its last event; its streams may have gone later.</summary>
    public long ChangedIn { get; set; }

    /// <summary>What was submitted; null when that is not known.</summary>
    public JobSubmissionDraft? Draft { get; set; }

    /// <summary>A tombstone stands for its streams.</summary>
    public bool IsTrimmed { get; set; }

    public long Version { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? SealedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>The latest redrives that had an id, oldest first.</summary>
    public List<(string Request, int? Index)> Redrives { get; } = [];

    public bool IsEnded => Phase is "succeeded" or "failed" or "cancelled";

    public bool IsStopping => Phase is "failing" or "cancelling";

    /// <summary>How things stood before the batch that is looked at; decisions of one batch have no order
    /// outside.</summary>
    public bool WasPaused { get; set; }

    public bool WasStopping { get; set; }

    /// <summary>What it recorded in this batch: the task must say the same.</summary>
    public List<(ModelTask Task, int Run, int Outcome, string Head)> Claims { get; } = [];
}

/// <summary>A task as the checkers understand it: what was submitted, its own events, what its job recorded.</summary>
internal sealed class ModelTask(ModelJob job, int index)
{
    public ModelJob Job => job;

    public int Index => index;

    public string Id { get; } = $"{job.Id}/{index}";

    /// <summary>What was submitted; null when that is not known.</summary>
    public TaskSpec? Spec => job.Draft?.Tasks[index];

    public string Kind { get; set; } = string.Empty;

    public int Priority { get; set; }

    public int[] DependsOn { get; set; } = [];

    public ModelRetry Retry { get; set; } = ModelRetry.Default;

    public TimeSpan LeaseLength { get; set; }

    public DateTimeOffset? NotBefore { get; set; }

    /// <summary>Its payloads are to be forgotten.</summary>
    public bool IsErased { get; set; }

    /// <summary>The run that its job is in.</summary>
    public int JobRun { get; set; } = 1;

    /// <summary>What the job recorded for that run; 0 for nothing yet.</summary>
    public int Recorded { get; set; }

    /// <summary>Runs that cannot be done, and the dependency that ended badly while its job was in them. A redrive
    /// begins another run, and the skip of the run before may still come.</summary>
    public HashSet<(int Run, int Cause)> Doomed { get; } = [];

    /// <summary><c>untouched</c>, <c>waiting</c>, <c>leased</c>, <c>ended</c>.</summary>
    public string Phase { get; set; } = "untouched";

    public int Run { get; set; }

    public long Token { get; set; }

    public ModelLease? Lease { get; set; }

    /// <summary>Every lease that it ever had, by token.</summary>
    public Dictionary<long, ModelLease> Leases { get; } = [];

    public int Failures { get; set; }

    public int Lost { get; set; }

    public int Expired { get; set; }

    public bool IsCancelRequested { get; set; }

    /// <summary>The batch in which it was asked to stop; 0 when it was not, or when the run is over.</summary>
    public long CancelBatch { get; set; }

    public DateTimeOffset? RetryAt { get; set; }

    /// <summary>Of the lease under a token; 0 when there is none.</summary>
    public long BatchOf(long token) => Leases.GetValueOrDefault(token)?.Batch ?? 0;

    /// <summary>What must follow in the same batch, such as <c>dead-lettered poison</c> or
    /// <c>cancelled</c>.</summary>
    public string? Owed { get; set; }

    /// <summary>The outcome of each run that ended; 1 succeeded, 2 dead-lettered, 3 cancelled, 4 skipped.</summary>
    public Dictionary<int, int> Outcomes { get; } = [];

    /// <summary>The dependency that made it skipped last.</summary>
    public int? SkipCause { get; set; }

    /// <summary>How each token was settled, and with what.</summary>
    public Dictionary<long, string> Settled { get; } = [];

    public HashSet<long> Refused { get; } = [];

    public int RefusedInRun { get; set; }

    /// <summary>The batch in which its run began.</summary>
    public long RunIn { get; set; }

    /// <summary>The hashes of its events, and the place of the event that ended the last run.</summary>
    public List<string> Hashes { get; } = [];

    public int EndPlace { get; set; }

    public bool IsOpen => Phase is "waiting" or "leased";

    /// <summary>It waits in a queue, perhaps for its time, or for its job to go on.</summary>
    public bool IsOffered => Job is { IsSealed: true, Phase: "open" } && Phase != "leased" && Status == "released";

    /// <summary>What its job says of it: derived anew each time from what was recorded, never carried on.</summary>
    public string Status => Recorded != 0
        ? Recorded switch { 1 => "succeeded", 2 => "deadLettered", 3 => "cancelled", _ => "skipped" }
        : !job.IsSealed ? string.Empty
        : DependsOn.Any(d => job.Tasks[d].Recorded > 1) ? "skipAsked"
        : DependsOn.All(d => job.Tasks[d].Recorded == 1) ? "released"
        : "blocked";
}

/// <summary>A lease as stored.</summary>
internal sealed record ModelLease(
    long Token, int Run, int Attempt, string Agent, string Session, string Request, DateTimeOffset At)
{
    public Holder Holder => new(new AgentId(Agent), new SessionId(Session));

    /// <summary>The number of the batch that brought it.</summary>
    public long Batch { get; init; }
}

/// <summary>An agent as the checkers understand it.</summary>
internal sealed class ModelAgent(string id)
{
    public string Id => id;

    public string Session { get; set; } = string.Empty;

    /// <summary><c>live</c>, <c>draining</c>, <c>gone</c>; empty before the first event.</summary>
    public string Phase { get; set; } = string.Empty;

    public string[] Kinds { get; set; } = [];

    /// <summary>The batch in which the session began.</summary>
    public long SessionIn { get; set; }

    /// <summary>The batch from which on everybody who is asked must know that the session drains. Embedded: the one
    /// that stored it. In a cluster: the one after somebody was told; until then <see cref="long.MaxValue"/>.</summary>
    public long DrainKnownIn { get; set; }

    /// <summary>The batch in which its last session ended that did.</summary>
    public long GoneIn { get; set; }

    /// <summary>Every session that it ever had.</summary>
    public HashSet<string> Sessions { get; } = [];

    /// <summary>Why each session ended that did.</summary>
    public Dictionary<string, string> EndedAs { get; } = [];

    /// <summary>Sessions that could lease at some time within the batch that is looked at.</summary>
    public HashSet<string> CouldLease { get; } = [];

    public bool IsOpen => Phase is "live" or "draining";

    /// <summary>The kinds that a request of it asks for.</summary>
    public string[] KindsFor(LeaseRequest request) =>
        request.Kinds.IsDefaultOrEmpty ? Kinds : [.. request.Kinds];

    /// <summary>Who it is in its live or last session.</summary>
    public Holder Holder => new(new AgentId(Id), new SessionId(Session));
}

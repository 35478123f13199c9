using System.Collections.Immutable;

namespace Elasticity.Domain.Tasks;

/// <summary>Where a task stands: the fold of its events. A task without events is <see cref="Untouched"/>.</summary>
public sealed record TaskState
{
    /// <summary>The state before the first event.</summary>
    public static TaskState Untouched { get; } = new();

    /// <summary>Whether it waits, is leased or has ended.</summary>
    public TaskPhase Phase { get; init; }

    /// <summary>The current run; 0 before the first lease.</summary>
    public int Run { get; init; }

    /// <summary>The token of the last lease; 0 before the first.</summary>
    public long Token { get; init; }

    /// <summary>How many attempts of this run the handler failed.</summary>
    public int Failures { get; init; }

    /// <summary>How many leases of this run were lost.</summary>
    public int LeasesLost { get; init; }

    /// <summary>How many leases of this run expired.</summary>
    public int LeasesExpired { get; init; }

    /// <summary>The terms of this run; null before its first lease.</summary>
    public TaskTerms? Terms { get; init; }

    /// <summary>The current lease; null unless leased.</summary>
    public Lease? Lease { get; init; }

    /// <summary>Not to be leased before this instant, UTC; null means at once.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>Whether the job asked to stop this run.</summary>
    public bool IsCancelRequested { get; init; }

    /// <summary>How the run ended; null until then.</summary>
    public TaskOutcome? Outcome { get; init; }

    /// <summary>The stable word for why it was dead-lettered; null otherwise.</summary>
    public string? DeadLetterReason { get; init; }

    /// <summary>The dependency that made it skipped; null otherwise.</summary>
    public int? SkipCause { get; init; }

    /// <summary>The last settlements that counted, the youngest last, so that one of them, sent again, is a success. At
    /// most <see cref="TaskTerms.SettledMax"/>.</summary>
    public ImmutableArray<SettledLease> Settled { get; init; } = [];

    /// <summary>The token of the last settlement that counted; 0 before the first.</summary>
    public long LastSettledToken => Settled.IsEmpty ? 0 : Settled[^1].Token;

    /// <summary>The last settlement that counted, to be shown; no decision looks at it. A shell that keeps many tasks
    /// in memory drops it: results are large.</summary>
    public Settlement? LastSettlement { get; init; }

    /// <summary>The last failure of this run; null for none.</summary>
    public Failure? LastFailure { get; init; }

    /// <summary>The last token before this run: a settlement under a greater one is of this run.</summary>
    public long TokenBefore { get; init; }

    /// <summary>The tokens whose late reports were recorded; at most <see cref="TaskTerms.RefusedMax"/> a
    /// run.</summary>
    public ImmutableArray<long> RefusedTokens { get; init; } = [];

    /// <summary>How many of <see cref="RefusedTokens"/> were recorded before this run.</summary>
    public int RefusedBefore { get; init; }

    /// <summary>When the first lease of this run began, UTC.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the run ended, UTC.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Whether the stream waits for something: recovery must look at it.</summary>
    public bool IsOpen => Phase is TaskPhase.Waiting or TaskPhase.Leased;
}

/// <summary>A lease that its agent settled.</summary>
/// <param name="Token">The lease.</param>
/// <param name="Fingerprint">What was reported, see <see cref="Settlement.Fingerprint"/>.</param>
public readonly record struct SettledLease(long Token, UInt128 Fingerprint);

/// <summary>The phases of a task as its own stream knows them.</summary>
public enum TaskPhase
{
    /// <summary>No event yet: an entry in a chunk of its job.</summary>
    Untouched,

    /// <summary>Between two leases of one run, perhaps backing off.</summary>
    Waiting,

    /// <summary>With an agent.</summary>
    Leased,

    /// <summary>The run has its outcome.</summary>
    Ended,
}

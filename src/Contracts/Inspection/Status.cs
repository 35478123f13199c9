namespace Elasticity.Contracts;

/// <summary>The ready tasks of one kind.</summary>
public sealed record QueueDocument
{
    /// <summary>The kind.</summary>
    public required string Kind { get; init; }

    /// <summary>Tasks that may be leased now, those of paused jobs among them.</summary>
    public required int Ready { get; init; }

    /// <summary>Tasks that wait for their not-before or the end of their back-off.</summary>
    public required int Delayed { get; init; }

    /// <summary>Tasks of this kind with an agent.</summary>
    public required int Leased { get; init; }

    /// <summary>Live agents that offer the kind; 0 with ready tasks means: no agent offers it.</summary>
    public required int Agents { get; init; }

    /// <summary>Lease requests that wait for a task of this kind.</summary>
    public required int Waiting { get; init; }
}

/// <summary>Something that needs a look.</summary>
public sealed record FindingDocument
{
    /// <summary>Stable: <c>no-agent</c>, <c>lease-overdue</c>, <c>submit-unfinished</c>, <c>job-paused</c>,
    /// <c>engine-lag</c>, <c>store-lag</c>, <c>dead-letters</c>.</summary>
    public required string Code { get; init; }

    /// <summary>What it is about: a job, a task, a kind.</summary>
    public required string Subject { get; init; }

    /// <summary>One sentence for a human, with what to do.</summary>
    public required string Detail { get; init; }
}

/// <summary>How the engine is. Counters begin with its start.</summary>
public sealed record StatusDocument
{
    /// <summary><c>starting</c>, <c>serving</c>, <c>standby</c>, <c>recovering</c>, <c>stopped</c>.</summary>
    public required string State { get; init; }

    /// <summary>It serves, and its lag is small.</summary>
    public required bool IsReady { get; init; }

    /// <summary>Why it is not ready; null when it is.</summary>
    public string? Reason { get; init; }

    /// <summary>The stable code of that reason; null when ready.</summary>
    public string? Code { get; init; }

    /// <summary>How long the oldest command now waiting has waited.</summary>
    public required double LagSeconds { get; init; }

    /// <summary>Stored events that readers of the log do not see yet; counted to 10,000.</summary>
    public long LogLagEvents { get; init; }

    /// <summary>Jobs in memory.</summary>
    public required int OpenJobs { get; init; }

    /// <summary>Live leases.</summary>
    public required int LeasedTasks { get; init; }

    /// <summary>Ready and delayed tasks.</summary>
    public required int QueuedTasks { get; init; }

    /// <summary>Live agents.</summary>
    public required int Agents { get; init; }

    /// <summary>Batches made durable.</summary>
    public required long Appends { get; init; }

    /// <summary>Events made durable.</summary>
    public required long Events { get; init; }

    /// <summary>Leases given.</summary>
    public required long Granted { get; init; }

    /// <summary>Results recorded.</summary>
    public required long Settled { get; init; }

    /// <summary>Results refused.</summary>
    public required long Refused { get; init; }

    /// <summary>Leases taken back, lost and expired.</summary>
    public required long TakenBack { get; init; }

    /// <summary>Messages inside a cluster that did not arrive, and that sweeps delivered again; 0 where the engine is
    /// one process.</summary>
    public long Undelivered { get; init; }
}

/// <summary>The answer of <c>/healthz</c> and of a <c>/readyz</c> that succeeds.</summary>
public sealed record HealthDocument
{
    /// <summary><c>live</c> or <c>ready</c>.</summary>
    public required string Status { get; init; }

    /// <summary>What a ready one lacks although it serves, one sentence for a human; null when it lacks
    /// nothing.</summary>
    public string? Warning { get; init; }
}

namespace Elasticity.Domain;

/// <summary>An expected "no". Never an exception.</summary>
/// <param name="Code">Stable, kebab-case, part of the public API; see <see cref="RejectionCode"/>.</param>
/// <param name="Detail">One sentence for a human, with the values that disagreed.</param>
public sealed record Rejection(string Code, string Detail);

/// <summary>Every code that the domain refuses with. <c>docs/reference/rejections.md</c> has one heading for
/// each.</summary>
public static class RejectionCode
{
    /// <summary>No job has this id.</summary>
    public const string JobUnknown = "job-unknown";

    /// <summary>A job with this id but another digest exists.</summary>
    public const string JobExists = "job-exists";

    /// <summary>Tasks were added, or a seal asked, out of turn or against what was declared.</summary>
    public const string JobIncomplete = "job-incomplete";

    /// <summary>The tasks added do not have the digest that the job was opened with.</summary>
    public const string DigestMismatch = "digest-mismatch";

    /// <summary>The job is sealed, ended or stopping and cannot do this any more.</summary>
    public const string JobState = "job-state";

    /// <summary>The dependencies form a cycle.</summary>
    public const string DependencyCycle = "dependency-cycle";

    /// <summary>A dependency names a task that is not in the job.</summary>
    public const string DependencyUnknown = "dependency-unknown";

    /// <summary>A value is outside its documented range.</summary>
    public const string Invalid = "invalid";

    /// <summary>More than a documented limit allows.</summary>
    public const string LimitExceeded = "limit-exceeded";

    /// <summary>The job has no task of this index or name.</summary>
    public const string TaskUnknown = "task-unknown";

    /// <summary>The task cannot be redriven: it has not ended badly.</summary>
    public const string TaskState = "task-state";

    /// <summary>The id of the request, or the <c>Idempotency-Key</c>, was used for something else.</summary>
    public const string IdempotencyMismatch = "idempotency-mismatch";

    /// <summary>The task is leased, backing off, or ended: it cannot be leased now.</summary>
    public const string NotReady = "not-ready";

    /// <summary>The token is not the current one: the lease ended, or somebody else holds the task.</summary>
    public const string LeaseLost = "lease-lost";

    /// <summary>The session is not, or no longer, registered.</summary>
    public const string SessionUnknown = "session-unknown";

    /// <summary>The agent registered again under the same id; this session is over.</summary>
    public const string AgentSuperseded = "agent-superseded";

    /// <summary>The session drains and gets no new leases.</summary>
    public const string AgentDraining = "agent-draining";
}

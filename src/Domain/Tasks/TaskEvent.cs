namespace Elasticity.Domain.Tasks;

/// <summary>What has happened to a task. A clean task has two events: leased and succeeded.</summary>
public abstract record TaskEvent
{
    private TaskEvent(DateTimeOffset at) => At = at;

    /// <summary>When it happened, UTC.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>A session took the task.</summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="Run">The run; greater than before when the job redrove the task.</param>
    /// <param name="Lease">Who, and under which token.</param>
    /// <param name="Terms">The terms of the run; given with its first lease, null later.</param>
    public sealed record Leased(DateTimeOffset At, int Run, Lease Lease, TaskTerms? Terms) : TaskEvent(At);

    /// <summary>The task is done.</summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="Token">The lease it was done under.</param>
    /// <param name="Result">What came out; stored as an attachment.</param>
    public sealed record Succeeded(DateTimeOffset At, long Token, Payload Result) : TaskEvent(At);

    /// <summary>An attempt failed.</summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="Token">The lease.</param>
    /// <param name="Failure">Why.</param>
    /// <param name="RetryAt">When the next attempt may begin, UTC; null when there is none.</param>
    /// <param name="Result">What came out all the same; stored as an attachment.</param>
    public sealed record Failed(
        DateTimeOffset At, long Token, Failure Failure, DateTimeOffset? RetryAt, Payload Result) : TaskEvent(At);

    /// <summary>The agent gave the task back unfinished, free of charge.</summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="Token">The lease.</param>
    public sealed record GivenBack(DateTimeOffset At, long Token) : TaskEvent(At);

    /// <summary>The lease ended because the session is over or never confirmed it.</summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="Token">The lease.</param>
    /// <param name="Reason">A stable word: <c>agent-superseded</c>, <c>closed</c>, <c>silent</c>, <c>process-dead</c>,
    /// <c>unconfirmed</c>.</param>
    public sealed record Lost(DateTimeOffset At, long Token, string Reason) : TaskEvent(At);

    /// <summary>The lease ran out: confirmed by a heartbeat once, then silent.</summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="Token">The lease.</param>
    public sealed record Expired(DateTimeOffset At, long Token) : TaskEvent(At);

    /// <summary>Given up.</summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="Run">The run that ended.</param>
    /// <param name="Reason">A stable word: <c>attempts-exhausted</c>, <c>final-failure</c>, <c>poison</c>,
    /// <c>lost-too-often</c>.</param>
    public sealed record DeadLettered(DateTimeOffset At, int Run, string Reason) : TaskEvent(At);

    /// <summary>The job asks to stop; whoever executes the task is told with the next heartbeat.</summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="Run">The run to stop.</param>
    public sealed record CancelRequested(DateTimeOffset At, int Run) : TaskEvent(At);

    /// <summary>Stopped on request.</summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="Run">The run that ended.</param>
    public sealed record Cancelled(DateTimeOffset At, int Run) : TaskEvent(At);

    /// <summary>Not done, because a dependency did not succeed.</summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="Run">The run that ended.</param>
    /// <param name="Cause">The index of the dependency.</param>
    public sealed record Skipped(DateTimeOffset At, int Run, int Cause) : TaskEvent(At);

    /// <summary>A report came under a token that no longer counts: two agents worked on one task.</summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="Token">The old token.</param>
    /// <param name="Agent">Who reported.</param>
    /// <param name="Session">The agent's session.</param>
    /// <param name="Settlement">What was reported, a word: <c>succeeded</c>, <c>failed</c>, <c>given-back</c>.</param>
    public sealed record ResultRefused(
        DateTimeOffset At, long Token, AgentId Agent, SessionId Session, string Settlement) : TaskEvent(At);
}

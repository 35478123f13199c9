using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Leases;
using Elasticity.Domain.Tasks;

namespace Elasticity.Engine;

/// <summary>What agents ask for. All commands are idempotent.</summary>
public interface IWork
{
    /// <summary>Opens a session. An older session of the same agent is over, and its leases with it.</summary>
    /// <param name="agent">Stable over the agent's restarts.</param>
    /// <param name="session">Chosen by the agent, new for each start.</param>
    /// <param name="offer">What the agent says about itself.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The agent; or <c>invalid</c>, <c>limit-exceeded</c>.</returns>
    ValueTask<Reply<AgentView>> RegisterAsync(
        AgentId agent, SessionId session, AgentOffer offer, CancellationToken cancellationToken);

    /// <summary>Leases ready tasks; waits for some when there are none.</summary>
    /// <param name="request">How many, of which kinds.</param>
    /// <param name="cancellationToken">Stops waiting; tasks leased meanwhile are found by the same request id.</param>
    /// <returns>The leases, none when the wait is over; or <c>session-unknown</c>, <c>agent-superseded</c>,
    /// <c>agent-draining</c>, <c>invalid</c>, <c>limit-exceeded</c>.</returns>
    ValueTask<Reply<LeaseGrant>> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken);

    /// <summary>Says which leases the session works on, and extends those. What is not named is not extended.</summary>
    /// <param name="heartbeat">The leases, with progress.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What became of each; or <c>session-unknown</c>, <c>agent-superseded</c>,
    /// <c>limit-exceeded</c>.</returns>
    ValueTask<Reply<HeartbeatAnswer>> HeartbeatAsync(Heartbeat heartbeat, CancellationToken cancellationToken);

    /// <summary>Ends leases with results, and may lease new tasks in the same call (which does not wait for
    /// any).</summary>
    /// <param name="request">The results.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A verdict for each result, in order; or <c>limit-exceeded</c>. Results are recorded whether or not the
    /// session still lives: the token decides. A refused lease request is in
    /// <see cref="SettleAnswer.LeaseRejection"/>.</returns>
    ValueTask<Reply<SettleAnswer>> SettleAsync(SettleRequest request, CancellationToken cancellationToken);

    /// <summary>The session finishes what it has and gets nothing new.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The agent; or <c>session-unknown</c>, <c>agent-superseded</c>.</returns>
    ValueTask<Reply<AgentView>> DrainAsync(AgentId agent, SessionId session, CancellationToken cancellationToken);

    /// <summary>Ends the session. What it still holds is taken back as lost.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The agent; never refused for a session that is over already; <c>session-unknown</c> for an unknown
    /// agent.</returns>
    ValueTask<Reply<AgentView>> CloseAsync(AgentId agent, SessionId session, CancellationToken cancellationToken);
}

/// <summary>A wish for tasks.</summary>
/// <param name="Agent">Who asks.</param>
/// <param name="Session">Its session.</param>
/// <param name="RequestId">
/// Chosen by the agent, new for each request: 1 to 128 of <c>[A-Za-z0-9._-]</c>. Repeated, the request returns the same
/// leases, as far as they still live.
/// </param>
/// <param name="Max">How many at most; 1 to 1,000.</param>
/// <param name="Wait">How long to wait when there are none; 0 to 60 seconds.</param>
/// <param name="Kinds">Some of the kinds that the agent offers; empty or default means all of them. They take turns:
/// that of which the agent was given nothing for the longest time comes first.</param>
public sealed record LeaseRequest(
    AgentId Agent, SessionId Session, string RequestId, int Max, TimeSpan Wait, ImmutableArray<string> Kinds = default)
{
    /// <summary>Who asks.</summary>
    public Holder Holder => new(Agent, Session);

    /// <summary>The greatest <see cref="Max"/>.</summary>
    public const int MaxLimit = 1_000;

    /// <summary>The longest <see cref="Wait"/>.</summary>
    public static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(60);

    /// <summary>What is wrong with the request itself.</summary>
    /// <returns><c>invalid</c>, or null.</returns>
    public Rejection? Problem() => Max is < 1 or > MaxLimit || !Identifier.IsValid(RequestId)
        || Wait < TimeSpan.Zero || Wait > WaitLimit
        ? new Rejection(
            RejectionCode.Invalid,
            $"A lease request has an id and asks for 1 to {MaxLimit} tasks; "
            + $"it waits {WaitLimit.TotalSeconds} s at most.")
        : null;

    /// <summary>Why an agent may not have what it asks for.</summary>
    /// <param name="agent">Where the agent stands.</param>
    /// <returns><c>session-unknown</c>, <c>agent-superseded</c>, <c>agent-draining</c>, <c>invalid</c> for a kind that
    /// it does not offer and for more kinds than it offers, or null.</returns>
    public Rejection? Problem(AgentState agent)
    {
        if (AgentDecider.WhyNotLease(Agent, agent, Session) is { } absence)
        {
            return absence;
        }

        ImmutableArray<string> asked = Kinds.IsDefault ? [] : Kinds;
        if (asked.Length > agent.Offer!.Kinds.Length)
        {
            // A request may wait for a minute, and holds its kinds for as long.
            return new Rejection(
                RejectionCode.Invalid,
                $"Agent {Agent} offers {agent.Offer.Kinds.Length} kinds and cannot ask for {asked.Length}.");
        }

        foreach (string kind in asked)
        {
            if (!agent.Offer.Kinds.Contains(kind))
            {
                return new Rejection(
                    RejectionCode.Invalid, $"Agent {Agent} does not offer '{Identifier.Shorten(kind)}'.");
            }
        }

        return null;
    }

    /// <summary>The kinds wanted: those asked for, or all that the agent offers.</summary>
    /// <param name="agent">Where the agent stands; it has registered.</param>
    /// <returns>The kinds.</returns>
    public ImmutableArray<string> KindsFor(AgentState agent) =>
        Kinds.IsDefaultOrEmpty ? agent.Offer!.Kinds : Kinds;
}

/// <summary>Leases given.</summary>
/// <param name="Tasks">The tasks; may be empty.</param>
public sealed record LeaseGrant(ImmutableArray<LeasedTask> Tasks)
{
    /// <summary>No task.</summary>
    public static LeaseGrant Nothing { get; } = new([]);
}

/// <summary>A task in the hands of an agent.</summary>
/// <param name="Task">Which.</param>
/// <param name="Name">Its name; null when it has none.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Payload">Its input.</param>
/// <param name="Run">Its run.</param>
/// <param name="Attempt">Which attempt of the run; 1 is the first.</param>
/// <param name="Token">The fence: give it to whatever the task writes to.</param>
/// <param name="LeaseLength">How long the lease lasts without a heartbeat.</param>
public sealed record LeasedTask(
    TaskId Task, string? Name, string Kind, Payload Payload, int Run, int Attempt, long Token, TimeSpan LeaseLength);

/// <summary>A sign of life.</summary>
/// <param name="Agent">Who.</param>
/// <param name="Session">Its session.</param>
/// <param name="Leases">What it works on; at most <see cref="LeasesMax"/>; default means none.</param>
public sealed record Heartbeat(AgentId Agent, SessionId Session, ImmutableArray<HeldLease> Leases)
{
    /// <summary>Who is alive.</summary>
    public Holder Holder => new(Agent, Session);

    /// <summary>The most leases that one heartbeat names.</summary>
    public const int LeasesMax = 10_000;
}

/// <summary>A lease that a session works on.</summary>
/// <param name="Task">The task.</param>
/// <param name="Token">The lease.</param>
/// <param name="Progress">What to show people, cut at <see cref="ProgressLengthMax"/>; null keeps what was said
/// before.</param>
public sealed record HeldLease(TaskId Task, long Token, string? Progress = null)
{
    /// <summary>The most characters of <see cref="Progress"/>.</summary>
    public const int ProgressLengthMax = 256;
}

/// <summary>What became of the leases of a heartbeat.</summary>
/// <param name="Leases">In the order of the heartbeat; never <see cref="LeaseAnswer.Unknown"/>.</param>
/// <param name="IsDraining">The session is to finish what it has.</param>
public sealed record HeartbeatAnswer(ImmutableArray<LeaseAnswer> Leases, bool IsDraining)
{
    /// <summary>What a session is told once the tasks of the leases that nobody minded were asked, and this second
    /// answer was given. Whoever minds leases may have moved between the two answers, and know less the second time.
    /// That takes nobody's lease away.</summary>
    /// <param name="first">The answer before the tasks were asked.</param>
    /// <param name="stands">For each lease, whether its task said that it is current.</param>
    /// <returns>The answer; null when a lease stands that is not minded yet: the session beats again.</returns>
    public HeartbeatAnswer? After(HeartbeatAnswer first, IReadOnlyList<bool> stands)
    {
        LeaseAnswer[] known = [.. Leases.Select((second, i) => Known(first.Leases[i], second, stands[i]))];
        return known.Contains(LeaseAnswer.Unknown) ? null : this with { Leases = [.. known] };
    }

    private static LeaseAnswer Known(LeaseAnswer first, LeaseAnswer second, bool stands) =>
        second != LeaseAnswer.Unknown ? second
        : first != LeaseAnswer.Unknown ? first
        : stands ? LeaseAnswer.Unknown
        : LeaseAnswer.Lost;
}

/// <summary>Results.</summary>
/// <param name="Agent">Who.</param>
/// <param name="Session">Its session.</param>
/// <param name="Results">What came out; at most <see cref="ResultsMax"/>; default means none.</param>
/// <param name="Lease">New tasks wanted; null for none. Its wait is ignored.</param>
public sealed record SettleRequest(
    AgentId Agent, SessionId Session, ImmutableArray<TaskResult> Results, LeaseRequest? Lease = null)
{
    /// <summary>Who reports.</summary>
    public Holder Holder => new(Agent, Session);

    /// <summary>The most results of one call.</summary>
    public const int ResultsMax = 1_000;
}

/// <summary>How one lease ends.</summary>
/// <param name="Task">The task.</param>
/// <param name="Token">The lease.</param>
/// <param name="Settlement">The result.</param>
public sealed record TaskResult(TaskId Task, long Token, Settlement Settlement);

/// <summary>What became of results.</summary>
/// <param name="Results">For each result, in order: null when recorded (also when it had been before), or the
/// rejection: <c>lease-lost</c>, <c>task-unknown</c>, <c>job-unknown</c>, <c>limit-exceeded</c>.</param>
/// <param name="Leased">The new tasks; empty when none were asked for or ready.</param>
/// <param name="LeaseRejection">Why the lease request was refused; null when it was not.</param>
public sealed record SettleAnswer(
    ImmutableArray<Rejection?> Results, ImmutableArray<LeasedTask> Leased, Rejection? LeaseRejection);

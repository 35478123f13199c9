using System.Collections.Immutable;

namespace Elasticity.Domain.Agents;

/// <summary>What an agent says about itself when it registers.</summary>
/// <param name="Kinds">The capabilities it offers; not empty.</param>
/// <param name="Slots">How many tasks it executes at once; at least 1. Shown to people; the agent asks for as many as
/// it has room for.</param>
/// <param name="Labels">For people; keys are unique.</param>
/// <param name="IsInProcess">It lives in the engine's own process and dies with it.</param>
public sealed record AgentOffer(
    ImmutableArray<string> Kinds, int Slots, ImmutableSortedDictionary<string, string> Labels, bool IsInProcess);

/// <summary>What has happened to an agent.</summary>
public abstract record AgentEvent
{
    private AgentEvent(DateTimeOffset at) => At = at;

    /// <summary>When it happened, UTC.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>A session began; one that was still live is over.</summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="Session">The session.</param>
    /// <param name="Offer">What the agent says about itself.</param>
    public sealed record Registered(DateTimeOffset At, SessionId Session, AgentOffer Offer) : AgentEvent(At);

    /// <summary>The session finishes what it has and takes nothing new.</summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="Session">The session.</param>
    public sealed record Draining(DateTimeOffset At, SessionId Session) : AgentEvent(At);

    /// <summary>The session is over.</summary>
    /// <param name="At">When it happened, UTC.</param>
    /// <param name="Session">The session.</param>
    /// <param name="Reason">A stable word: <c>closed</c>, <c>silent</c>, <c>process-dead</c>.</param>
    public sealed record SessionEnded(DateTimeOffset At, SessionId Session, string Reason) : AgentEvent(At);

    /// <summary>Somebody else minds the agent's leases from now on: on a cluster, where the former one may not know
    /// that it is replaced. It cannot append on top of this, and must end no lease.</summary>
    /// <param name="At">When it happened, UTC.</param>
    public sealed record Attached(DateTimeOffset At) : AgentEvent(At);
}

/// <summary>What may be asked of an agent.</summary>
public abstract record AgentCommand
{
    private AgentCommand(DateTimeOffset now) => Now = now;

    /// <summary>When the shell received the command, UTC.</summary>
    public DateTimeOffset Now { get; init; }

    /// <summary>Begin a session.</summary>
    /// <param name="Now">When the shell received the command, UTC.</param>
    /// <param name="Session">Chosen by the agent, never used before.</param>
    /// <param name="Offer">What the agent says about itself.</param>
    public sealed record Register(DateTimeOffset Now, SessionId Session, AgentOffer Offer) : AgentCommand(Now);

    /// <summary>Take nothing new.</summary>
    /// <param name="Now">When the shell received the command, UTC.</param>
    /// <param name="Session">The session.</param>
    public sealed record Drain(DateTimeOffset Now, SessionId Session) : AgentCommand(Now);

    /// <summary>End the session.</summary>
    /// <param name="Now">When the shell received the command, UTC.</param>
    /// <param name="Session">The session.</param>
    /// <param name="Reason">See <see cref="AgentEvent.SessionEnded"/>.</param>
    public sealed record EndSession(DateTimeOffset Now, SessionId Session, string Reason) : AgentCommand(Now);

    /// <summary>Mind the leases of the agent, in the place of whoever did.</summary>
    /// <param name="Now">When the shell received the command, UTC.</param>
    public sealed record Attach(DateTimeOffset Now) : AgentCommand(Now);
}

/// <summary>Where an agent stands.</summary>
/// <param name="Session">The live session, or the last one.</param>
/// <param name="Phase">What it does.</param>
/// <param name="Offer">What it said about itself.</param>
/// <param name="RegisteredAt">When the session began, UTC.</param>
/// <param name="EndReason">Why the last session ended; null while one is live.</param>
public sealed record AgentState(
    SessionId Session, AgentPhase Phase, AgentOffer? Offer, DateTimeOffset RegisteredAt, string? EndReason)
{
    /// <summary>The state before the first event.</summary>
    public static AgentState None { get; } = new(default, AgentPhase.None, null, default, null);

    /// <summary>How many sessions that are over are remembered.</summary>
    public const int FormerMax = 16;

    /// <summary>What was before the last so many <see cref="AgentEvent.Registered"/> makes no difference to the state:
    /// each begins anew, and remembers <see cref="FormerMax"/> sessions.</summary>
    public const int RegistrationsNeeded = FormerMax + 1;

    /// <summary>The last sessions before <see cref="Session"/>, the youngest last: a late, repeated registration does
    /// not bring them back. At most <see cref="FormerMax"/>.</summary>
    public ImmutableArray<SessionId> Former { get; init; } = [];

    /// <summary>Whether a session is live.</summary>
    public bool IsOpen => Phase is AgentPhase.Live or AgentPhase.Draining;

    /// <summary>Whether this session is the live one.</summary>
    /// <param name="session">The session.</param>
    /// <returns>True when it is.</returns>
    public bool IsLive(SessionId session) => IsOpen && Session == session;

    /// <summary>Whether a command was a sign of life: of the session that is live after it, not of a former
    /// one.</summary>
    /// <param name="command">The command.</param>
    /// <returns>True when it was.</returns>
    public bool IsSignOfLife(AgentCommand command) => command switch
    {
        AgentCommand.Register c => IsLive(c.Session),
        AgentCommand.Drain c => IsLive(c.Session),
        _ => false,
    };

    /// <summary>Whether this session was live once, and is no longer.</summary>
    /// <param name="session">The session.</param>
    /// <returns>True when it was, as far as is remembered.</returns>
    public bool IsOver(SessionId session) =>
        Former.Contains(session) || (Phase == AgentPhase.Gone && Session == session);
}

/// <summary>What an agent does.</summary>
public enum AgentPhase
{
    /// <summary>Never registered.</summary>
    None,

    /// <summary>Takes tasks.</summary>
    Live,

    /// <summary>Finishes what it has.</summary>
    Draining,

    /// <summary>Its last session is over.</summary>
    Gone,
}

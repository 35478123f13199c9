using System.Collections.Immutable;
using System.Diagnostics;
using static Elasticity.Domain.RejectionCode;
using AgentDecision = Elasticity.Domain.Decision<Elasticity.Domain.Agents.AgentEvent>;

namespace Elasticity.Domain.Agents;

/// <summary>The life of an agent as pure functions. <c>docs/reference/agent-transitions.md</c> is generated from
/// it.</summary>
public static class AgentDecider
{
    /// <summary>The reason told to a session whose agent registered again.</summary>
    public const string SupersededReason = AgentSuperseded;

    /// <summary>Decides what a command does to an agent.</summary>
    /// <param name="id">The agent, named in rejections.</param>
    /// <param name="state">The fold of its events so far.</param>
    /// <param name="command">What is asked.</param>
    /// <param name="limits">The limits in force.</param>
    /// <returns>Events and messages; or a rejection: <c>invalid</c>, <c>limit-exceeded</c>, <c>session-unknown</c>,
    /// <c>agent-superseded</c>.</returns>
    public static AgentDecision Decide(AgentId id, AgentState state, AgentCommand command, Limits limits) =>
        command switch
    {
        AgentCommand.Register c when state.IsLive(c.Session) => AgentDecision.NoChange, // The answer was lost.
        AgentCommand.Register c when state.IsOver(c.Session) =>
            new AgentDecision([], [], Absence(id, state, c.Session)), // A late repetition.
        AgentCommand.Register c => Register(id, state, c, limits),
        AgentCommand.Drain c when Absence(id, state, c.Session) is { } absence => new AgentDecision([], [], absence),
        AgentCommand.Drain when state.Phase == AgentPhase.Draining => AgentDecision.NoChange,
        AgentCommand.Drain c => AgentDecision.Accept(new AgentEvent.Draining(c.Now, c.Session)),
        AgentCommand.EndSession c when state.IsLive(c.Session) =>
            AgentDecision.Accept(new AgentEvent.SessionEnded(c.Now, c.Session, c.Reason))
                .Tell(new Message.SessionEnded(new Holder(id, c.Session), c.Reason)),
        AgentCommand.EndSession => AgentDecision.NoChange, // It is over already.
        AgentCommand.Attach c when state.IsOpen => AgentDecision.Accept(new AgentEvent.Attached(c.Now)),
        AgentCommand.Attach => AgentDecision.NoChange, // There is no lease to mind.
        _ => throw new UnreachableException($"Unknown agent command {command.GetType().Name}."),
    };

    /// <summary>Applies one stored event. Total.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="event">The fact.</param>
    /// <returns>The state after.</returns>
    public static AgentState Evolve(AgentState state, AgentEvent @event) => @event switch
    {
        AgentEvent.Registered e => new AgentState(e.Session, AgentPhase.Live, e.Offer, e.At, null)
        {
            Former = FormerOf(state),
        },
        AgentEvent.Draining => state with { Phase = AgentPhase.Draining },
        AgentEvent.SessionEnded e => state with { Phase = AgentPhase.Gone, EndReason = e.Reason },
        AgentEvent.Attached => state, // Its place in the stream is what it says.
        _ => throw new UnreachableException($"Unknown agent event {@event.GetType().Name}."),
    };

    /// <summary>Why a session may not lease, or null when it may.</summary>
    /// <param name="id">The agent.</param>
    /// <param name="state">Its state.</param>
    /// <param name="session">The session that asks.</param>
    /// <returns><c>session-unknown</c>, <c>agent-superseded</c>, <c>agent-draining</c> or null.</returns>
    public static Rejection? WhyNotLease(AgentId id, AgentState state, SessionId session) =>
        Absence(id, state, session)
        ?? (state.Phase == AgentPhase.Draining
            ? new Rejection(AgentDraining, $"Session {session} of agent {id} drains: it gets no new leases.")
            : null);

    /// <summary>Why a session is not live, or null when it is.</summary>
    /// <param name="id">The agent.</param>
    /// <param name="state">Its state.</param>
    /// <param name="session">The session that asks.</param>
    /// <returns><c>session-unknown</c>, <c>agent-superseded</c> or null.</returns>
    public static Rejection? Absence(AgentId id, AgentState state, SessionId session) =>
        state.IsLive(session) ? null
        : state.IsOpen ? new Rejection(AgentSuperseded, $"Agent {id} registered again: session {session} is over.")
        : new Rejection(
            SessionUnknown, $"Session {session} of agent {id} is not registered, or is over: register a new one.");

    /// <summary>Answers a task that asks whether its lease is still minded.</summary>
    /// <param name="state">The agent's state.</param>
    /// <param name="watch">What the task asks.</param>
    /// <returns>The reason why the lease is lost, or null when the session lives.</returns>
    public static string? WhyLost(AgentState state, Message.WatchLease watch) =>
        state.Session == watch.Lease.Session ? state.EndReason : SupersededReason;

    private static ImmutableArray<SessionId> FormerOf(AgentState state) =>
        state.Phase == AgentPhase.None ? []
        : [.. state.Former.Length < AgentState.FormerMax ? state.Former : state.Former.RemoveAt(0), state.Session];

    private static AgentDecision Register(AgentId id, AgentState state, AgentCommand.Register c, Limits limits)
    {
        AgentOffer offer = c.Offer;
        if (!Identifier.IsValid(id.Value) || !Identifier.IsValid(c.Session.Value))
        {
            return AgentDecision.Reject(
                Invalid,
                $"Agent and session ids are 1 to {Identifier.LengthMax} of [A-Za-z0-9._-], "
                    + $"not '{id}' and '{c.Session}'.");
        }

        if (offer.Kinds.IsDefaultOrEmpty || offer.Slots < 1
            || offer.Kinds.Any(k => !Identifier.IsValid(k) || k.Length > limits.KindLengthMax))
        {
            return AgentDecision.Reject(
                Invalid,
                "An agent has a slot and offers a kind; "
                    + $"a kind is 1 to {limits.KindLengthMax} of [A-Za-z0-9._-].");
        }

        if (offer.Kinds.Length > limits.KindsPerAgentMax || offer.Labels.Count > limits.LabelsMax
            || offer.Labels.Any(l => l.Key.Length > limits.NameLengthMax || l.Value.Length > limits.NameLengthMax))
        {
            return AgentDecision.Reject(
                LimitExceeded,
                $"An agent offers at most {limits.KindsPerAgentMax} kinds and has at most {limits.LabelsMax} labels.");
        }

        if (offer.Labels.Any(l => !Identifier.IsShowable(l.Key) || !Identifier.IsShowable(l.Value)))
        {
            return AgentDecision.Reject(Invalid, "Labels have no control characters and no halves of characters.");
        }

        AgentDecision registered = AgentDecision.Accept(new AgentEvent.Registered(c.Now, c.Session, offer));
        return state.IsOpen
            ? registered.Tell(new Message.SessionEnded(new Holder(id, state.Session), SupersededReason))
            : registered;
    }
}

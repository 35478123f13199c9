using System.Collections.Immutable;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Tests.Support;
using Xunit;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Agents;

/// <summary>Sessions: registering, superseding, draining, ending.</summary>
public class AgentTests
{
    private static readonly AgentOffer Resizer = AgentOffer("resize");

    [Fact]
    public void Registering_opens_a_session()
    {
        GivenAgent.Nothing.When(Register(Session)).Records(new AgentEvent.Registered(T0, Session, Resizer)).Tells();

        AgentState live = GivenAgent.Registered(Session).State;
        Assert.True(live.IsLive(Session));
        Assert.Null(AgentDecider.WhyNotLease(Agent, live, Session));
    }

    [Fact]
    public void Registering_the_same_session_twice_changes_nothing() =>
        GivenAgent.Registered(Session).When(Register(Session)).ChangesNothing().Tells();

    [Fact]
    public void Registering_again_supersedes_the_older_session()
    {
        GivenAgent older = GivenAgent.Registered(Session);

        older.When(Register(OtherSession))
            .Records(new AgentEvent.Registered(T0, OtherSession, Resizer))
            .Tells(new Message.SessionEnded(TheHolder, "agent-superseded"));

        AgentState state = older.After(Register(OtherSession)).State;
        Assert.Equal(RejectionCode.AgentSuperseded, AgentDecider.WhyNotLease(Agent, state, Session)!.Code);
        Assert.Null(AgentDecider.WhyNotLease(Agent, state, OtherSession));
    }

    [Fact]
    public void Registering_late_does_not_bring_a_superseded_session_back() =>
        GivenAgent.Registered(Session).After(Register(OtherSession))
            .When(Register(Session)).IsRefused(RejectionCode.AgentSuperseded).Tells();

    [Fact]
    public void Registering_late_does_not_bring_an_ended_session_back() =>
        GivenAgent.Registered(Session).After(End(Session, "closed"))
            .When(Register(Session)).IsRefused(RejectionCode.SessionUnknown).Tells();

    [Fact]
    public void Only_what_the_live_session_asks_is_a_sign_of_life()
    {
        AgentState state = GivenAgent.Registered(Session).After(Register(OtherSession)).State;

        Assert.True(state.IsSignOfLife(Register(OtherSession)));
        Assert.True(state.IsSignOfLife(new AgentCommand.Drain(T0, OtherSession)));
        Assert.False(state.IsSignOfLife(Register(Session)));
        Assert.False(state.IsSignOfLife(new AgentCommand.Drain(T0, Session)));
        Assert.False(state.IsSignOfLife(End(Session, "closed")));
        Assert.False(state.IsSignOfLife(new AgentCommand.Attach(T0)));
    }

    [Fact]
    public void A_session_stays_over_when_a_few_others_have_come_and_gone()
    {
        GivenAgent agent = GivenAgent.Registered(Session);
        for (int i = 1; i < AgentState.FormerMax; i++)
        {
            agent = agent.After(Register(new SessionId($"session-{i}")));
        }

        agent.When(Register(Session)).IsRefused(RejectionCode.AgentSuperseded);
        Assert.True(agent.After(Register(OtherSession)).State.Former.Length <= AgentState.FormerMax);
    }

    [Fact]
    public void An_agent_whose_session_ended_registers_with_a_new_one() =>
        GivenAgent.Registered(Session).After(End(Session, "silent"))
            .When(Register(OtherSession)).Records(new AgentEvent.Registered(T0, OtherSession, Resizer)).Tells();

    [Fact]
    public void Ending_a_session_takes_its_leases_back() =>
        GivenAgent.Registered(Session).When(End(Session, "closed"))
            .Records(new AgentEvent.SessionEnded(T0, Session, "closed"))
            .Tells(new Message.SessionEnded(TheHolder, "closed"));

    [Fact]
    public void Ending_a_session_twice_or_one_that_is_not_live_changes_nothing()
    {
        GivenAgent.Nothing.When(End(Session, "closed")).ChangesNothing().Tells();
        GivenAgent.Registered(Session).After(End(Session, "closed")).When(End(Session, "silent"))
            .ChangesNothing().Tells();
        GivenAgent.Registered(OtherSession).When(End(Session, "closed")).ChangesNothing().Tells();
    }

    [Fact]
    public void A_draining_session_gets_no_new_leases_and_keeps_its_own()
    {
        GivenAgent live = GivenAgent.Registered(Session);
        live.When(new AgentCommand.Drain(T0, Session)).Records(new AgentEvent.Draining(T0, Session)).Tells();

        AgentState draining = live.After(new AgentCommand.Drain(T0, Session)).State;
        Assert.Equal(RejectionCode.AgentDraining, AgentDecider.WhyNotLease(Agent, draining, Session)!.Code);
        Assert.Null(AgentDecider.Absence(Agent, draining, Session));
        Assert.Null(AgentDecider.WhyLost(draining, Watch(Session)));
    }

    [Fact]
    public void Draining_twice_changes_nothing() =>
        GivenAgent.Registered(Session).After(new AgentCommand.Drain(T0, Session))
            .When(new AgentCommand.Drain(T0, Session)).ChangesNothing();

    [Fact]
    public void A_draining_session_is_not_made_live_by_registering_it_again() =>
        Assert.Equal(
            AgentPhase.Draining,
            GivenAgent.Registered(Session).After(new AgentCommand.Drain(T0, Session))
                .After(Register(Session)).State.Phase);

    [Fact]
    public void Draining_is_over_with_the_session() =>
        Assert.Null(AgentDecider.WhyNotLease(
            Agent,
            GivenAgent.Registered(Session).After(new AgentCommand.Drain(T0, Session))
                .After(Register(OtherSession)).State,
            OtherSession));

    [Fact]
    public void A_draining_session_can_end() =>
        GivenAgent.Registered(Session).After(new AgentCommand.Drain(T0, Session)).When(End(Session, "closed"))
            .Records(new AgentEvent.SessionEnded(T0, Session, "closed"));

    [Fact]
    public void Only_a_live_session_can_drain()
    {
        GivenAgent.Nothing.When(new AgentCommand.Drain(T0, Session)).IsRefused(RejectionCode.SessionUnknown);
        GivenAgent.Registered(OtherSession).When(new AgentCommand.Drain(T0, Session))
            .IsRefused(RejectionCode.AgentSuperseded);
        GivenAgent.Registered(Session).After(End(Session, "closed")).When(new AgentCommand.Drain(T0, Session))
            .IsRefused(RejectionCode.SessionUnknown);
    }

    [Fact]
    public void A_task_that_asks_after_its_lease_is_told_why_it_is_lost()
    {
        Assert.Null(AgentDecider.WhyLost(GivenAgent.Registered(Session).State, Watch(Session)));
        Assert.Equal(
            "silent",
            AgentDecider.WhyLost(GivenAgent.Registered(Session).After(End(Session, "silent")).State, Watch(Session)));
        Assert.Equal(
            "agent-superseded", AgentDecider.WhyLost(GivenAgent.Registered(OtherSession).State, Watch(Session)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    public void Ids_are_of_plain_letters(string id)
    {
        Assert.Equal(
            RejectionCode.Invalid,
            AgentDecider.Decide(new AgentId(id), AgentState.None, Register(Session), Limits.Default).Rejection!.Code);
        GivenAgent.Nothing.When(Register(new SessionId(id))).IsRefused(RejectionCode.Invalid);
    }

    [Fact]
    public void An_agent_offers_a_kind_and_has_a_slot()
    {
        GivenAgent.Nothing.When(Register(Session, AgentOffer())).IsRefused(RejectionCode.Invalid);
        GivenAgent.Nothing.When(Register(Session, AgentOffer("no kind"))).IsRefused(RejectionCode.Invalid);
        GivenAgent.Nothing.When(Register(Session, AgentOffer(new string('k', 65)))).IsRefused(RejectionCode.Invalid);
        GivenAgent.Nothing.When(Register(Session, Resizer with { Slots = 0 })).IsRefused(RejectionCode.Invalid);
    }

    [Fact]
    public void An_agent_has_limits()
    {
        string[] kinds = [.. Enumerable.Range(0, 257).Select(i => $"kind-{i}")];

        Assert.Null(GivenAgent.Nothing.When(Register(Session, AgentOffer(kinds[..256]))).Decision.Rejection);
        GivenAgent.Nothing.When(Register(Session, AgentOffer(kinds))).IsRefused(RejectionCode.LimitExceeded);
        GivenAgent.Nothing.When(Register(Session, Labelled(new string('k', 257), "v")))
            .IsRefused(RejectionCode.LimitExceeded);
        GivenAgent.Nothing.When(Register(Session, Labelled("k", new string('v', 257))))
            .IsRefused(RejectionCode.LimitExceeded);
        GivenAgent.Nothing
            .When(Register(Session, Labelled("k", "v")), Limits.Default with { LabelsMax = 0 })
            .IsRefused(RejectionCode.LimitExceeded);
    }

    [Fact]
    public void The_ends_of_the_limits_belong_to_them()
    {
        Assert.Null(GivenAgent.Nothing.When(Register(Session, AgentOffer(new string('k', 64)))).Decision.Rejection);
        Assert.Null(GivenAgent.Nothing.When(Register(Session, Resizer with { Slots = 1 })).Decision.Rejection);
        Assert.Null(GivenAgent.Nothing
            .When(Register(Session, Labelled(new string('k', 256), new string('v', 256)))).Decision.Rejection);
        Assert.Null(GivenAgent.Nothing
            .When(Register(Session, Labelled("k", "v")), Limits.Default with { LabelsMax = 1 }).Decision.Rejection);
    }

    [Fact]
    public void The_last_16_sessions_are_remembered()
    {
        SessionId[] sessions = [.. Enumerable.Range(0, 18).Select(i => new SessionId($"session-{i}"))];
        GivenAgent agent = sessions.Aggregate(GivenAgent.Nothing, (a, s) => a.After(Register(s)));

        Assert.Equal(sessions[1..17], agent.State.Former);
        agent.When(Register(sessions[1])).IsRefused(RejectionCode.AgentSuperseded);
        Assert.Empty(GivenAgent.Registered(Session).State.Former);
    }

    [Fact]
    public void A_session_that_is_over_may_not_lease()
    {
        AgentState other = GivenAgent.Registered(OtherSession).State;

        Assert.Equal(RejectionCode.AgentSuperseded, AgentDecider.WhyNotLease(Agent, other, Session)?.Code);
        Assert.Equal(RejectionCode.SessionUnknown, AgentDecider.WhyNotLease(Agent, AgentState.None, Session)?.Code);
        Assert.Equal(
            RejectionCode.AgentSuperseded,
            AgentDecider.WhyNotLease(
                Agent, new GivenAgent(other).After(new AgentCommand.Drain(T0, OtherSession)).State, Session)?.Code);
        Assert.Null(AgentDecider.WhyNotLease(Agent, other, OtherSession));
    }

    [Fact]
    public void One_bad_kind_among_good_ones_is_refused() =>
        GivenAgent.Nothing.When(Register(Session, AgentOffer("resize", "no kind"))).IsRefused(RejectionCode.Invalid);

    [Fact]
    public void Labels_can_be_shown_and_stored_anywhere()
    {
        GivenAgent.Nothing.When(Register(Session, Labelled("a\nb", "v"))).IsRefused(RejectionCode.Invalid);
        GivenAgent.Nothing.When(Register(Session, Labelled("k", "a\0b"))).IsRefused(RejectionCode.Invalid);
    }

    private static AgentOffer Labelled(string key, string value) =>
        Resizer with { Labels = ImmutableSortedDictionary<string, string>.Empty.Add(key, value) };

    private static AgentCommand.Register Register(SessionId session, AgentOffer? offer = null) =>
        new(T0, session, offer ?? Resizer);

    private static AgentCommand.EndSession End(SessionId session, string reason) => new(T0, session, reason);

    private static Message.WatchLease Watch(SessionId session) =>
        new(FirstTask, Lease(1) with { Session = session }, TimeSpan.FromSeconds(30), IsCancelRequested: false);
}

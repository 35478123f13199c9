using Elasticity.Agent.Sdk.Core;
using Elasticity.Agent.Sdk.Tests.Support;
using Elasticity.Contracts;
using Xunit;
using static Elasticity.Agent.Sdk.Tests.Support.CoreDriver;

namespace Elasticity.Agent.Sdk.Tests.Core;

/// <summary>Draining and giving back.</summary>
public class StoppingTests
{
    private static readonly AgentInput Drain = new AgentInput.Drain();
    private static readonly AgentInput GiveUp = new AgentInput.GiveUp();

    [Fact]
    public void Draining_leases_nothing_lets_handlers_finish_and_closes_the_session()
    {
        CoreDriver agent = Executing(tasks: 1, slots: 2);
        AgentCall.Lease poll = agent.Take<AgentCall.Lease>();
        agent.Step(Drain);
        agent.Answer(agent.Take<AgentCall.Drain>(), new AgentAnswer.Done());
        agent.Refuse(poll, 409, "agent-draining");
        agent.Pass(10);
        agent.Answer(agent.Take<AgentCall.Heartbeat>(), Beaten(1, isDraining: true));
        Assert.Empty(agent.Stopped);

        agent.Finish(agent.Started[0]);
        AgentCall.Settle settle = agent.AnswerSettle();
        Assert.Equal(OutcomeWord.Succeeded, settle.Body.Results[0].Outcome);
        Assert.Null(settle.Body.Lease);
        Assert.Empty(agent.Waiting<AgentCall.Lease>());
        agent.Answer(agent.Take<AgentCall.Close>(), new AgentAnswer.Done());
        Assert.True(agent.End!.IsClean);
    }

    [Fact]
    public void Handlers_that_take_longer_than_the_drain_timeout_are_cancelled_and_given_back()
    {
        CoreDriver agent = Executing(tasks: 2);
        agent.Step(Drain);
        agent.Answer(agent.Take<AgentCall.Drain>(), new AgentAnswer.Done());
        agent.Pass(10);
        agent.Answer(agent.Take<AgentCall.Heartbeat>(), Beaten(2));
        agent.Pass(9.9);
        Assert.Empty(agent.Stopped);
        agent.Pass(0.1);
        Assert.All(agent.Stopped, l => Assert.Equal(StopReason.Draining, l.StopReason));

        agent.StopEnds(agent.Stopped[0]);
        Assert.Equal(OutcomeWord.GivenBack, agent.AnswerSettle().Body.Results[0].Outcome);
        agent.Finish(agent.Stopped[1]);
        Assert.Equal(OutcomeWord.Succeeded, agent.AnswerSettle().Body.Results[0].Outcome);
        agent.Answer(agent.Take<AgentCall.Close>(), new AgentAnswer.Done());
        Assert.True(agent.End!.IsClean);
    }

    [Theory]
    [InlineData(false, OutcomeWord.GivenBack)]
    [InlineData(true, OutcomeWord.Failed)]
    public void A_handler_that_stumbles_over_being_cancelled_costs_no_attempt_but_one_that_means_it_does(
        bool isDeliberate, string outcome)
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Step(Drain);
        agent.Pass(20);
        agent.Fail(agent.Stopped[0], isDeliberate);
        Assert.Equal(outcome, agent.Take<AgentCall.Settle>().Body.Results[0].Outcome);
    }

    [Fact]
    public void A_handler_that_ignores_being_cancelled_is_given_back_without_it()
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Step(Drain);
        agent.Answer(agent.Take<AgentCall.Drain>(), new AgentAnswer.Done());
        agent.Pass(25);
        Assert.Equal(OutcomeWord.GivenBack, agent.AnswerSettle().Body.Results[0].Outcome);
        Assert.Contains(agent.Notices, n => n.Kind == AgentEventKind.HandlerIgnoresStop);

        agent.Finish(agent.Started[0]); // Too late: the token is spent.
        Assert.Empty(agent.Waiting<AgentCall.Settle>());
    }

    [Fact]
    public void A_second_signal_gives_everything_back_at_once()
    {
        CoreDriver agent = Executing(tasks: 2);
        agent.Step(Drain);
        agent.Pass(1);
        agent.Step(GiveUp);

        Assert.Equal(2, agent.Stopped.Count);
        Assert.All(agent.AnswerSettle().Body.Results, r => Assert.Equal(OutcomeWord.GivenBack, r.Outcome));
        agent.Answer(agent.Take<AgentCall.Close>(), new AgentAnswer.Done());
        Assert.True(agent.End!.IsClean);
    }

    [Fact]
    public void A_second_signal_does_not_put_off_the_end()
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Step(Drain);
        agent.Pass(29); // Of 20 s for handlers, 5 s for them to notice, 5 s for the last calls.
        agent.Step(GiveUp);
        Assert.Null(agent.End);
        agent.Pass(1);
        Assert.NotNull(agent.End);
    }

    [Fact]
    public void Leases_that_a_long_poll_brings_while_the_agent_drains_go_straight_back()
    {
        CoreDriver agent = Registered();
        agent.Step(Drain);
        agent.AnswerPoll(Leased(0));

        Assert.Empty(agent.Started);
        Assert.Equal(OutcomeWord.GivenBack, agent.AnswerSettle().Body.Results[0].Outcome);
        agent.Answer(agent.Take<AgentCall.Close>(), new AgentAnswer.Done());
        Assert.True(agent.End!.IsClean);
    }

    [Fact]
    public void Tasks_leased_ahead_go_back_when_the_agent_drains()
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Finish(agent.Started[0]);
        agent.AnswerSettle(Leased(1), Leased(2));
        Assert.Equal(1, agent.Core.WaitingCount);

        agent.Step(Drain);
        TaskResultInput back = Assert.Single(agent.AnswerSettle().Body.Results);
        Assert.Equal((2, OutcomeWord.GivenBack), (back.Index, back.Outcome));
    }

    [Fact]
    public void A_long_poll_that_does_not_come_back_does_not_hold_up_the_end()
    {
        CoreDriver agent = Registered();
        AgentCall.Lease poll = agent.Take<AgentCall.Lease>();
        agent.Step(Drain);
        agent.Answer(agent.Take<AgentCall.Drain>(), new AgentAnswer.Done());
        agent.Pass(1);
        Assert.Contains(poll.Id, agent.Aborted);
        Assert.Single(agent.Waiting<AgentCall.Close>());
    }

    [Fact]
    public void A_long_poll_that_waits_for_its_next_attempt_is_given_up_when_the_agent_drains()
    {
        CoreDriver agent = Registered();
        agent.Lose(agent.Take<AgentCall.Lease>());
        agent.Step(Drain);
        agent.Pass(1);

        Assert.Empty(agent.Waiting<AgentCall.Lease>());
        agent.Answer(agent.Take<AgentCall.Close>(), new AgentAnswer.Done());
        Assert.True(agent.End!.IsClean);
    }

    [Fact]
    public void An_agent_that_never_reached_its_server_ends_at_once()
    {
        CoreDriver agent = new();
        agent.Step();
        agent.Lose(agent.Take<AgentCall.Register>());
        agent.Step(Drain);
        for (int i = 0; i < 3; i++)
        {
            agent.Lose(agent.Take<AgentCall.Close>());
            agent.Pass(0.5);
        }

        Assert.True(agent.End!.IsClean);
    }

    [Fact]
    public void Without_a_server_an_agent_ends_all_the_same()
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Step(Drain);
        agent.Pass(31); // Nobody answers anything.
        Assert.True(agent.End!.IsClean);
        Assert.Null(agent.Last.WakeAt);
    }

    [Fact]
    public void When_the_server_wishes_it_handlers_finish_without_hurry_and_then_the_agent_ends()
    {
        CoreDriver agent = Executing(tasks: 1);
        for (int i = 0; i < 20; i++)
        {
            agent.Pass(10);
            agent.Answer(agent.Take<AgentCall.Heartbeat>(), Beaten(1, isDraining: true));
        }

        Assert.Empty(agent.Stopped);
        agent.Finish(agent.Started[0]);
        agent.AnswerSettle();
        agent.Answer(agent.Take<AgentCall.Close>(), new AgentAnswer.Done());
        Assert.True(agent.End!.IsClean);
        Assert.Empty(agent.Waiting<AgentCall.Drain>());
    }

    [Fact]
    public void A_session_that_is_unknown_at_the_end_needs_no_closing()
    {
        CoreDriver agent = Registered();
        agent.Refuse(agent.Take<AgentCall.Lease>(), 409, "agent-draining");
        agent.Refuse(agent.Take<AgentCall.Close>(), 404, "session-unknown");
        Assert.True(agent.End!.IsClean);
    }

    [Fact]
    public void After_its_end_a_core_does_nothing()
    {
        CoreDriver agent = new();
        agent.Step(GiveUp);
        Assert.True(agent.End!.IsClean);
        agent.Step(Drain);
        Assert.Empty(agent.Last.Calls);
        Assert.True(agent.End!.IsClean);
    }
}

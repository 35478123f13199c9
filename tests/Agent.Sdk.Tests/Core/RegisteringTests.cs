using Elasticity.Agent.Sdk.Core;
using Elasticity.Agent.Sdk.Tests.Support;
using Xunit;

namespace Elasticity.Agent.Sdk.Tests.Core;

/// <summary>Opening a session, losing it, and being told to go away.</summary>
public class RegisteringTests
{
    [Fact]
    public void An_agent_registers_and_then_asks_for_as_many_tasks_as_it_has_slots()
    {
        CoreDriver agent = new(slots: 3);

        agent.Step();
        AgentCall.Register register = agent.Take<AgentCall.Register>();
        Assert.Equal(["resize"], register.Body.Kinds);
        Assert.Equal(3, register.Body.Slots);
        Assert.Empty(agent.Waiting<AgentCall.Lease>());

        agent.Answer(register, new AgentAnswer.Done());
        Assert.Equal(3, agent.Take<AgentCall.Lease>().Body.Max);
    }

    [Fact]
    public void A_registration_without_an_answer_is_repeated_for_the_same_session()
    {
        CoreDriver agent = new();
        agent.Step();
        AgentCall.Register first = agent.Take<AgentCall.Register>();

        agent.Lose(first);
        agent.Pass(0.1);

        AgentCall.Register second = agent.Take<AgentCall.Register>();
        Assert.Equal(first.Session, second.Session);
        Assert.NotEqual(first.Id, second.Id);
    }

    [Fact]
    public void A_server_that_cannot_be_reached_is_tried_ever_more_rarely_but_at_least_every_5_seconds()
    {
        CoreDriver agent = new() { Chance = 0.999_999 };
        agent.Step();
        List<TimeSpan> waits = [];
        for (int i = 0; i < 10; i++)
        {
            TimeSpan failedAt = agent.Now;
            agent.Lose(agent.Take<AgentCall.Register>());
            Assert.Empty(agent.Waiting<AgentCall.Register>());
            agent.Pass((agent.Last.WakeAt!.Value - agent.Now).TotalSeconds);
            waits.Add(agent.Now - failedAt);
        }

        int[] expected = [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000, 5_000];
        Assert.Equal(expected, waits.Select(w => (int)Math.Round(w.TotalMilliseconds)));
        Assert.Single(agent.Notices, n => n.Kind == AgentEventKind.Disconnected);
    }

    [Fact]
    public void Half_of_a_wait_is_random()
    {
        CoreDriver agent = new() { Chance = 0 };
        agent.Step();
        agent.Lose(agent.Take<AgentCall.Register>());
        Assert.Equal(50, agent.Last.WakeAt!.Value.TotalMilliseconds, 3);
    }

    [Theory]
    [InlineData(409, "agent-superseded")]
    [InlineData(401, "unauthorized")]
    [InlineData(403, "host-not-allowed")]
    [InlineData(400, "invalid")]
    [InlineData(404, "")]
    public void A_refused_registration_ends_the_agent_and_says_why(int status, string code)
    {
        CoreDriver agent = new();
        agent.Step();
        agent.Refuse(agent.Take<AgentCall.Register>(), status, code);

        Assert.Equal(code, agent.End!.Code);
        Assert.False(agent.End.IsClean);
        Assert.Null(agent.Last.WakeAt);
    }

    [Theory]
    [InlineData(503, "engine-starting")]
    [InlineData(429, "engine-overloaded")]
    [InlineData(502, "")]
    [InlineData(422, "limit-exceeded")]
    public void A_registration_that_may_succeed_later_is_repeated(int status, string code)
    {
        CoreDriver agent = new();
        agent.Step();
        agent.Refuse(agent.Take<AgentCall.Register>(), status, code);
        agent.Pass(1);
        Assert.Single(agent.Waiting<AgentCall.Register>());
    }

    [Fact]
    public void The_server_may_ask_for_a_longer_wait_but_not_for_more_than_the_longest()
    {
        CoreDriver agent = new();
        agent.Step();
        agent.Answer(
            agent.Take<AgentCall.Register>(),
            new AgentAnswer.Refused(503, "engine-standby", "No.", TimeSpan.FromSeconds(2)));
        Assert.Equal(2, agent.Last.WakeAt!.Value.TotalSeconds);

        agent.Pass(2);
        agent.Answer(
            agent.Take<AgentCall.Register>(),
            new AgentAnswer.Refused(503, "store-full", "No.", TimeSpan.FromSeconds(30)));
        Assert.Equal(7, agent.Last.WakeAt!.Value.TotalSeconds);
    }

    [Fact]
    public void A_session_that_the_server_does_not_know_is_replaced_by_a_new_one_and_its_leases_are_lost()
    {
        CoreDriver agent = CoreDriver.Executing(tasks: 1, slots: 2);
        AgentCall.Lease poll = agent.Take<AgentCall.Lease>();

        agent.Refuse(poll, 404, "session-unknown");
        agent.Pass(0.1);

        Assert.Equal(StopReason.Lost, Assert.Single(agent.Stopped).StopReason);
        AgentCall.Register register = agent.Take<AgentCall.Register>();
        Assert.NotEqual(poll.Session, register.Session);
        agent.Answer(register, new AgentAnswer.Done());
        Assert.Equal(register.Session, agent.Take<AgentCall.Lease>().Session);
    }

    [Fact]
    public void A_result_that_was_reached_before_the_session_was_lost_is_still_sent_under_that_session()
    {
        CoreDriver agent = CoreDriver.Executing(tasks: 1, slots: 2);
        agent.Finish(agent.Started[0]);
        AgentCall.Settle settle = agent.Take<AgentCall.Settle>();
        agent.Refuse(agent.Take<AgentCall.Lease>(), 404, "session-unknown");
        agent.Lose(settle);
        agent.Pass(0.1);

        AgentCall.Settle again = agent.Take<AgentCall.Settle>();
        Assert.Equal(settle.Session, again.Session);
        Assert.NotEqual(agent.Core.Session, again.Session);
        Assert.Null(again.Body.Lease);
    }

    [Fact]
    public void An_agent_whose_id_another_process_took_stops_everything_and_ends()
    {
        CoreDriver agent = CoreDriver.Executing(tasks: 2, slots: 3);

        agent.Refuse(agent.Take<AgentCall.Lease>(), 409, "agent-superseded");

        Assert.All(agent.Stopped, l => Assert.Equal(StopReason.Lost, l.StopReason));
        Assert.Equal(2, agent.Stopped.Count);
        Assert.Equal("agent-superseded", agent.End!.Code);
        Assert.Empty(agent.Waiting<AgentCall.Close>());
    }

    [Fact]
    public void A_superseded_agent_still_sends_the_results_it_has_but_not_for_long()
    {
        CoreDriver agent = CoreDriver.Executing(tasks: 2, slots: 3);
        agent.Finish(agent.Started[0]);
        AgentCall.Settle settle = agent.Take<AgentCall.Settle>();
        agent.Refuse(agent.Take<AgentCall.Lease>(), 409, "agent-superseded");
        Assert.Null(agent.End);

        agent.Lose(settle);
        agent.Pass(4.9);
        Assert.NotEmpty(agent.Waiting<AgentCall.Settle>());
        Assert.Null(agent.End);
        agent.Pass(0.2);
        Assert.Equal("agent-superseded", agent.End!.Code);
    }

    [Fact]
    public void A_key_that_is_refused_while_the_agent_runs_is_tried_again()
    {
        CoreDriver agent = CoreDriver.Registered();
        agent.Refuse(agent.Take<AgentCall.Lease>(), 401, "unauthorized");
        agent.Pass(1);
        Assert.Null(agent.End);
        Assert.Single(agent.Waiting<AgentCall.Lease>());
    }
}

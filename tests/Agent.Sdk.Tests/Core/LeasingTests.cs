using Elasticity.Agent.Sdk.Core;
using Elasticity.Agent.Sdk.Tests.Support;
using Elasticity.Contracts;
using Xunit;
using static Elasticity.Agent.Sdk.Tests.Support.CoreDriver;

namespace Elasticity.Agent.Sdk.Tests.Core;

/// <summary>Asking for tasks, losing answers, leasing ahead.</summary>
public class LeasingTests
{
    [Fact]
    public void A_leased_task_is_started_at_once_and_the_other_slots_are_asked_for()
    {
        CoreDriver agent = Registered(slots: 3);
        agent.AnswerPoll(Leased(0));

        Assert.Equal(0, Assert.Single(agent.Started).Document.Index);
        Assert.Equal(2, agent.Take<AgentCall.Lease>().Body.Max);
    }

    [Fact]
    public void Nothing_is_asked_for_while_every_slot_is_busy()
    {
        CoreDriver agent = Executing(tasks: 2);
        agent.Pass(5);
        Assert.Empty(agent.Waiting<AgentCall.Lease>());
    }

    [Fact]
    public void A_request_without_an_answer_is_repeated_under_the_same_id()
    {
        CoreDriver agent = Registered(slots: 2);
        AgentCall.Lease first = agent.Take<AgentCall.Lease>();
        agent.Lose(first);
        agent.Pass(0.1);
        AgentCall.Lease second = agent.Take<AgentCall.Lease>();
        Assert.Equal(first.Body, second.Body);

        agent.Answer(second, new AgentAnswer.Leased([]));
        agent.Pass(0.1);
        Assert.NotEqual(first.Body.RequestId, agent.Take<AgentCall.Lease>().Body.RequestId);
    }

    [Fact]
    public void A_request_that_is_not_answered_in_time_is_given_up_and_repeated()
    {
        CoreDriver agent = Registered();
        AgentCall.Lease first = agent.Take<AgentCall.Lease>();
        agent.Pass(50.2); // 20 s of long poll, 30 s of patience.

        Assert.Equal([first.Id], agent.Aborted);
        Assert.Equal(first.Body.RequestId, agent.Take<AgentCall.Lease>().Body.RequestId);
    }

    [Fact]
    public void A_late_answer_to_an_attempt_that_was_given_up_is_ignored_because_the_next_brings_the_same()
    {
        CoreDriver agent = Registered();
        AgentCall.Lease first = agent.Take<AgentCall.Lease>();
        agent.Lose(first);
        agent.Pass(0.1);
        AgentCall.Lease second = agent.Take<AgentCall.Lease>();

        agent.Answer(first, new AgentAnswer.Leased([Leased(0)]));
        Assert.Empty(agent.Started);
        agent.Answer(second, new AgentAnswer.Leased([Leased(0)]));
        Assert.Single(agent.Started);
    }

    [Fact]
    public void An_answer_that_comes_twice_starts_nothing_twice()
    {
        CoreDriver agent = Registered(slots: 2);
        AgentCall.Lease poll = agent.Take<AgentCall.Lease>();
        agent.Answer(poll, new AgentAnswer.Leased([Leased(0)]));
        agent.Answer(poll, new AgentAnswer.Leased([Leased(0)]));
        agent.AnswerPoll(Leased(0));
        Assert.Single(agent.Started);
    }

    [Fact]
    public void The_same_task_under_a_new_token_is_another_lease()
    {
        CoreDriver agent = Registered(slots: 2);
        agent.AnswerPoll(Leased(0));
        agent.AnswerPoll(Leased(0, token: 2));
        Assert.Equal([1, 2], agent.Started.Select(l => l.Document.Token));
    }

    [Fact]
    public void A_result_and_the_wish_for_the_next_task_go_in_one_call()
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Pass(3);
        agent.Finish(agent.Started[0], "42");

        AgentCall.Settle settle = agent.Take<AgentCall.Settle>();
        Assert.Equal("42", Assert.Single(settle.Body.Results).Result.ToString());
        Assert.Equal(1, settle.Body.Lease!.Max);
        Assert.Empty(agent.Waiting<AgentCall.Lease>());

        agent.Answer(settle, Recorded(1, Leased(1)));
        Assert.Equal(1, agent.Started[^1].Document.Index);
    }

    [Fact]
    public void When_the_call_with_results_brought_nothing_a_long_poll_follows()
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Pass(3);
        agent.Finish(agent.Started[0]);
        agent.AnswerSettle();
        Assert.Equal(15, agent.Take<AgentCall.Lease>().Body.WaitSeconds);
    }

    [Fact]
    public void Slow_tasks_are_not_leased_ahead()
    {
        CoreDriver agent = Executing(tasks: 2);
        for (int i = 0; i < 20; i++)
        {
            agent.Pass(1);
            agent.Finish(agent.Started[^2]);
            AgentCall.Settle settle = agent.Take<AgentCall.Settle>();
            Assert.Equal(1, settle.Body.Lease!.Max);
            agent.Pass(0.01);
            agent.Answer(settle, Recorded(1, Leased(100 + i)));
        }
    }

    [Fact]
    public void Fast_tasks_on_a_slow_network_are_leased_ahead_but_never_more_than_allowed()
    {
        CoreDriver agent = Registered(slots: 4, o => o with { PrefetchMax = 10 });
        agent.AnswerPoll([.. Enumerable.Range(0, 4).Select(i => Leased(i))]);
        int next = 4;
        int seen = 0;
        for (int round = 0; round < 50; round++)
        {
            while (seen < agent.Started.Count)
            {
                agent.Finish(agent.Started[seen++]); // No time passes in the handler.
            }

            Assert.InRange(agent.Core.RunningCount, 0, 4);
            Assert.InRange(agent.Core.RunningCount + agent.Core.WaitingCount, 0, 14);
            agent.Pass(0.1); // The network is slow.
            while (agent.Waiting<AgentCall.Settle>().Count > 0)
            {
                AgentCall.Settle settle = agent.Take<AgentCall.Settle>();
                agent.Answer(settle, Recorded(
                    settle.Body.Results.Count,
                    [.. Enumerable.Range(0, settle.Body.Lease?.Max ?? 0).Select(_ => Leased(next++))]));
            }
        }

        Assert.InRange(agent.Core.RunningCount + agent.Core.WaitingCount, 12, 14);
    }

    [Fact]
    public void A_task_that_was_leased_ahead_and_waited_for_a_third_of_its_lease_is_given_back_and_no_more_are()
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Finish(agent.Started[0]);
        AgentCall.Settle first = agent.Take<AgentCall.Settle>();
        agent.Pass(0.1);
        agent.Answer(first, Recorded(1, Leased(1)));
        agent.Finish(agent.Started[^1]);
        AgentCall.Settle ahead = agent.Take<AgentCall.Settle>();
        Assert.InRange(ahead.Body.Lease!.Max, 2, 1_000);
        agent.Answer(ahead, Recorded(1, Leased(2), Leased(3))); // The first of these is a slow one.

        agent.Pass(9.9);
        Assert.Empty(agent.Waiting<AgentCall.Settle>());
        agent.Pass(0.2);
        AgentCall.Settle back = agent.Take<AgentCall.Settle>();
        Assert.Equal((3, OutcomeWord.GivenBack), (back.Body.Results[0].Index, back.Body.Results[0].Outcome));
        Assert.Null(back.Body.Lease);
        Assert.DoesNotContain(agent.Take<AgentCall.Heartbeat>().Body.Leases, l => l.Index == 3);
    }

    [Fact]
    public void A_long_poll_is_short_against_the_shortest_lease()
    {
        CoreDriver agent = Executing(tasks: 1, leaseSeconds: 4, slots: 2);
        Assert.Equal(2, agent.Take<AgentCall.Lease>().Body.WaitSeconds);
    }

    [Fact]
    public void A_lease_that_may_have_run_out_on_its_way_is_proven_by_a_heartbeat_before_it_is_started()
    {
        CoreDriver agent = Registered();
        agent.Pass(15);
        agent.AnswerPoll(Leased(0, leaseSeconds: 5)); // Nobody knew that leases are that short.
        Assert.Empty(agent.Started);
        AgentCall.Heartbeat beat = agent.Take<AgentCall.Heartbeat>();
        Assert.Equal(0, Assert.Single(beat.Body.Leases).Index);

        agent.Answer(beat, Beaten(1));
        Assert.Single(agent.Started);
    }

    [Fact]
    public void A_lease_that_did_run_out_on_its_way_is_never_started()
    {
        CoreDriver agent = Registered();
        agent.Pass(15);
        agent.AnswerPoll(Leased(0, leaseSeconds: 5));
        agent.Answer(agent.Take<AgentCall.Heartbeat>(), Beaten(0, lost: [0]));

        Assert.Empty(agent.Started);
        Assert.Equal(0, agent.Core.WaitingCount);
        Assert.Single(agent.Waiting<AgentCall.Lease>());
    }

    [Fact]
    public void A_server_that_does_not_wait_is_not_asked_without_end()
    {
        CoreDriver agent = Registered();
        int polls = 0;
        for (TimeSpan end = agent.Now + TimeSpan.FromSeconds(10); agent.Now < end; agent.Pass(0.01))
        {
            while (agent.Waiting<AgentCall.Lease>().Count > 0)
            {
                polls++;
                agent.AnswerPoll();
            }
        }

        Assert.InRange(polls, 10, 250);
    }

    [Fact]
    public void Nothing_is_leased_while_the_server_takes_no_results()
    {
        CoreDriver agent = Registered(slots: 10, o => o with { PrefetchMax = 0 });
        int next = 0;
        for (int i = 0; i < 100 && agent.Waiting<AgentCall.Lease>().Count > 0; i++)
        {
            AgentCall.Lease poll = agent.Take<AgentCall.Lease>();
            agent.Answer(poll, new AgentAnswer.Leased(
                [.. Enumerable.Range(0, poll.Body.Max).Select(_ => Leased(next++))]));
            foreach (AgentLease lease in agent.Last.Starts.ToArray())
            {
                agent.Finish(lease);
            }
        }

        Assert.InRange(agent.Core.FinishedCount, 10, 20);
    }
}

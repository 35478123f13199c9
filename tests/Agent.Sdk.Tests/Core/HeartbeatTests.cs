using Elasticity.Agent.Sdk.Core;
using Elasticity.Agent.Sdk.Tests.Support;
using Elasticity.Contracts;
using Xunit;
using static Elasticity.Agent.Sdk.Tests.Support.CoreDriver;

namespace Elasticity.Agent.Sdk.Tests.Core;

/// <summary>Keeping leases, being asked to stop, and losing leases.</summary>
public class HeartbeatTests
{
    [Fact]
    public void A_heartbeat_goes_out_at_a_third_of_the_shortest_lease_and_names_all_that_run()
    {
        CoreDriver agent = Registered(slots: 3);
        agent.AnswerPoll(Leased(0, leaseSeconds: 30), Leased(1, leaseSeconds: 6));
        agent.Pass(1.9);
        Assert.Empty(agent.Waiting<AgentCall.Heartbeat>());
        agent.Pass(0.1);
        Assert.Equal([0, 1], agent.Take<AgentCall.Heartbeat>().Body.Leases.Select(l => l.Index));
    }

    [Fact]
    public void Heartbeats_go_on_at_the_same_pace_while_a_long_poll_is_under_way()
    {
        CoreDriver agent = Executing(tasks: 1, leaseSeconds: 30, slots: 2);
        List<double> beats = [];
        for (int i = 0; i < 5; i++)
        {
            while (agent.Waiting<AgentCall.Heartbeat>().Count == 0)
            {
                agent.Pass(0.5);
            }

            beats.Add(agent.Now.TotalSeconds);
            agent.Answer(agent.Take<AgentCall.Heartbeat>(), Beaten(1));
        }

        Assert.Equal([10, 20, 30, 40, 50], beats);
    }

    [Fact]
    public void A_heartbeat_that_was_due_for_a_task_that_ended_meanwhile_wakes_nobody()
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Pass(10);
        agent.Lose(agent.Take<AgentCall.Heartbeat>());
        agent.Finish(agent.Started[0]);
        agent.AnswerSettle();

        agent.Pass(5);
        Assert.Empty(agent.Waiting<AgentCall.Heartbeat>());
    }

    [Fact]
    public void One_heartbeat_at_a_time()
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Pass(15);
        Assert.Single(agent.Waiting<AgentCall.Heartbeat>());
    }

    [Fact]
    public void A_heartbeat_that_fails_is_repeated_soon_however_long_the_server_has_been_away()
    {
        CoreDriver agent = Executing(tasks: 1, leaseSeconds: 8);
        agent.Pass(3);
        for (int i = 0; i < 100; i++)
        {
            agent.Lose(agent.Take<AgentCall.Heartbeat>()); // There is one each time.
            agent.Pass(1); // An eighth of the lease, at most.
        }

        Assert.Empty(agent.Stopped);
    }

    [Fact]
    public void A_heartbeat_that_hangs_is_given_up_after_a_third_of_the_lease()
    {
        CoreDriver agent = Executing(tasks: 1, leaseSeconds: 6);
        agent.Pass(2);
        AgentCall.Heartbeat hanging = agent.Take<AgentCall.Heartbeat>();
        agent.Pass(2.2);
        Assert.Contains(hanging.Id, agent.Aborted);
        Assert.Single(agent.Waiting<AgentCall.Heartbeat>());
    }

    [Fact]
    public void A_heartbeat_that_hangs_does_not_hold_up_a_shorter_lease_that_came_since()
    {
        CoreDriver agent = Executing(tasks: 1, leaseSeconds: 60, slots: 2);
        AgentCall.Lease poll = agent.Take<AgentCall.Lease>();
        agent.Pass(20);
        AgentCall.Heartbeat hanging = agent.Take<AgentCall.Heartbeat>(); // Until a third of 60 s has passed.
        agent.Lose(poll);
        agent.Pass(1);
        agent.AnswerPoll(Leased(1, leaseSeconds: 3));

        agent.Pass(1.5); // Half of the shorter.
        Assert.Contains(hanging.Id, agent.Aborted);
        Assert.Equal([0, 1], agent.Take<AgentCall.Heartbeat>().Body.Leases.Select(l => l.Index));
    }

    [Fact]
    public void A_heartbeat_that_failed_does_not_wait_longer_than_a_shorter_lease_that_came_since_allows()
    {
        CoreDriver agent = Executing(tasks: 1, leaseSeconds: 60, slots: 2);
        AgentCall.Lease poll = agent.Take<AgentCall.Lease>();
        agent.Pass(20);
        for (int i = 0; i < 8; i++)
        {
            agent.Lose(agent.Take<AgentCall.Heartbeat>());
            agent.Pass(5); // The wait has grown to seconds.
        }

        agent.Lose(agent.Take<AgentCall.Heartbeat>());
        agent.Lose(poll);
        agent.Pass(0.2);
        agent.AnswerPoll(Leased(1, leaseSeconds: 3));

        agent.Pass(1.5); // Half of the shorter.
        Assert.Equal([0, 1], agent.Take<AgentCall.Heartbeat>().Body.Leases.Select(l => l.Index));
    }

    /// <summary>A lease that was confirmed, and is silent until it runs out, counts as one that was the death of its
    /// agent.</summary>
    [Fact]
    public void What_ran_and_is_given_back_is_named_until_the_server_has_heard_of_it()
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Pass(10);
        agent.Answer(agent.Take<AgentCall.Heartbeat>(), Beaten(1));
        agent.Step(new AgentInput.Drain());
        agent.Pass(10);
        agent.Answer(agent.Take<AgentCall.Heartbeat>(), Beaten(1));
        agent.Pass(10);
        agent.StopEnds(Assert.Single(agent.Stopped));
        Assert.Equal(OutcomeWord.GivenBack, agent.Take<AgentCall.Settle>().Body.Results[0].Outcome);

        agent.Pass(0.5);
        Assert.Single(agent.Take<AgentCall.Heartbeat>().Body.Leases);
    }

    [Fact]
    public void A_handler_that_stops_when_unconfirmed_does_so_when_its_lease_may_be_over()
    {
        CoreDriver agent = Executing(tasks: 1, stopsWhenUnconfirmed: true);
        agent.Pass(10);
        agent.Answer(agent.Take<AgentCall.Heartbeat>(), Beaten(1));

        agent.Pass(28.4);
        Assert.Empty(agent.Stopped);
        agent.Pass(0.2); // A little before 30 s have passed: timers are late.
        Assert.Equal(StopReason.Lost, Assert.Single(agent.Stopped).StopReason);
        Assert.Contains(agent.Notices, n => n.Kind == AgentEventKind.LeaseUnconfirmed);
    }

    [Fact]
    public void A_server_that_is_away_for_longer_than_a_lease_costs_no_work()
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Pass(300);
        Assert.Empty(agent.Stopped);
        Assert.Single(agent.Notices, n => n.Kind == AgentEventKind.LeaseUnconfirmed);

        agent.Answer(UnderWay(agent), Beaten(1)); // It was only away.
        agent.Pass(10);
        agent.Answer(UnderWay(agent), Beaten(0, lost: [0])); // This time it gave the task away.
        Assert.Equal(StopReason.Lost, Assert.Single(agent.Stopped).StopReason);

        static AgentCall.Heartbeat UnderWay(CoreDriver agent)
        {
            agent.Pass(4); // However long it waits after a heartbeat that failed.
            return agent.Waiting<AgentCall.Heartbeat>().Last(b => !agent.Aborted.Contains(b.Id));
        }
    }

    [Fact]
    public void A_confirmation_counts_from_when_its_heartbeat_was_sent()
    {
        CoreDriver agent = Executing(tasks: 1, stopsWhenUnconfirmed: true);
        agent.Pass(10);
        AgentCall.Heartbeat slow = agent.Take<AgentCall.Heartbeat>();
        agent.Pass(9);
        agent.Answer(slow, Beaten(1)); // Sent at 10 s, so the lease lasts until 40 s.

        agent.Pass(38.4 - 19);
        Assert.Empty(agent.Stopped);
        agent.Pass(0.2);
        Assert.Single(agent.Stopped);
    }

    [Fact]
    public void A_process_that_was_frozen_for_longer_than_its_lease_asks_about_it_before_anything_else()
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Pass(10);
        AgentCall.Heartbeat beat = agent.Take<AgentCall.Heartbeat>();
        agent.Freeze(60);
        agent.Answer(beat, Beaten(1)); // It lay in the socket all the time, and says nothing of now.
        Assert.Empty(agent.Stopped);
        agent.Answer(agent.Take<AgentCall.Heartbeat>(), Beaten(1, lost: [0]));
        Assert.Equal(StopReason.Lost, Assert.Single(agent.Stopped).StopReason);
    }

    [Fact]
    public void A_process_that_was_frozen_stops_a_handler_that_stops_when_unconfirmed_before_anything_else()
    {
        CoreDriver agent = Executing(tasks: 1, stopsWhenUnconfirmed: true);
        agent.Pass(10);
        AgentCall.Heartbeat beat = agent.Take<AgentCall.Heartbeat>();
        agent.Freeze(60);
        agent.Answer(beat, Beaten(1)); // It lay in the socket all the time.
        Assert.Equal(StopReason.Lost, Assert.Single(agent.Stopped).StopReason);
    }

    [Fact]
    public void A_lost_lease_is_no_longer_named_and_its_failure_is_not_settled()
    {
        CoreDriver agent = Executing(tasks: 2);
        agent.Pass(10);
        agent.Answer(agent.Take<AgentCall.Heartbeat>(), Beaten(1, lost: [0]));
        Assert.Equal([0], agent.Stopped.Select(l => l.Document.Index));

        agent.Pass(10);
        Assert.Equal([1], agent.Take<AgentCall.Heartbeat>().Body.Leases.Select(l => l.Index));
        agent.StopEnds(agent.Stopped[0]);
        Assert.Empty(agent.Waiting<AgentCall.Settle>());
        Assert.Equal(1, agent.Take<AgentCall.Lease>().Body.Max); // The slot is free again.
    }

    [Fact]
    public void What_the_server_took_away_is_not_settled_even_if_it_succeeds()
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Pass(10);
        agent.Answer(agent.Take<AgentCall.Heartbeat>(), Beaten(0, lost: [0]));
        agent.Finish(agent.Started[0]);
        Assert.Empty(agent.Waiting<AgentCall.Settle>());
    }

    [Fact]
    public void What_ran_out_unheard_and_succeeds_all_the_same_is_settled_because_the_token_decides()
    {
        CoreDriver agent = Executing(tasks: 1, stopsWhenUnconfirmed: true);
        agent.Pass(29);
        Assert.Single(agent.Stopped);
        agent.Finish(agent.Started[0]);
        Assert.Single(agent.Waiting<AgentCall.Settle>());
    }

    [Fact]
    public void A_handler_busy_after_its_lease_was_lost_still_takes_its_slot()
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Pass(10);
        agent.Answer(agent.Take<AgentCall.Heartbeat>(), Beaten(0, lost: [0]));
        Assert.Empty(agent.Waiting<AgentCall.Lease>());
    }

    [Fact]
    public void A_cancelled_task_is_asked_to_stop_once_and_settled_as_failed()
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Pass(10);
        agent.Answer(agent.Take<AgentCall.Heartbeat>(), Beaten(1, cancelled: [0]));
        agent.Pass(10);
        agent.Answer(agent.Take<AgentCall.Heartbeat>(), Beaten(1, cancelled: [0]));
        Assert.Equal(StopReason.Cancelled, Assert.Single(agent.Stopped).StopReason);

        agent.StopEnds(agent.Stopped[0]);
        TaskResultInput result = agent.Take<AgentCall.Settle>().Body.Results[0];
        Assert.Equal((OutcomeWord.Failed, "cancelled"), (result.Outcome, result.Failure!.Code));
    }

    [Fact]
    public void A_cancelled_task_may_still_succeed()
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Pass(10);
        agent.Answer(agent.Take<AgentCall.Heartbeat>(), Beaten(1, cancelled: [0]));
        agent.Finish(agent.Started[0]);
        Assert.Equal(OutcomeWord.Succeeded, agent.Take<AgentCall.Settle>().Body.Results[0].Outcome);
    }

    [Fact]
    public void A_result_that_waits_for_the_server_keeps_its_lease()
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Finish(agent.Started[0]);
        agent.Lose(agent.Take<AgentCall.Settle>());
        agent.Pass(10);
        AgentCall.Heartbeat beat = agent.Take<AgentCall.Heartbeat>();
        Assert.Single(beat.Body.Leases);

        // The result has overtaken the heartbeat: the server does not know the lease any more.
        agent.Answer(beat, Beaten(0, lost: [0]));
        Assert.Equal(1, agent.Core.FinishedCount);
        Assert.Empty(agent.Stopped);
    }

    [Fact]
    public void Progress_is_sent_within_a_second_and_only_the_last_word()
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Step(new AgentInput.Progressed(agent.Started[0], "1 %"));
        Assert.Empty(agent.Waiting<AgentCall.Heartbeat>());
        agent.Step(new AgentInput.Progressed(agent.Started[0], "2 %"));
        agent.Pass(1);
        AgentCall.Heartbeat beat = agent.Take<AgentCall.Heartbeat>();
        Assert.Equal("2 %", Assert.Single(beat.Body.Leases).Progress);

        agent.Answer(beat, Beaten(1));
        agent.Pass(5);
        Assert.Empty(agent.Waiting<AgentCall.Heartbeat>());
        agent.Pass(5.1);
        Assert.Null(Assert.Single(agent.Take<AgentCall.Heartbeat>().Body.Leases).Progress);
    }

    [Fact]
    public void Progress_that_may_not_have_arrived_is_said_again()
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Pass(2);
        agent.Step(new AgentInput.Progressed(agent.Started[0], "half"));
        agent.Lose(agent.Take<AgentCall.Heartbeat>());
        agent.Pass(1);
        Assert.Equal("half", Assert.Single(agent.Take<AgentCall.Heartbeat>().Body.Leases).Progress);
    }

    [Fact]
    public void Progress_is_cut_to_what_can_be_stored_and_shown()
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Pass(2);
        agent.Step(new AgentInput.Progressed(agent.Started[0], "a\tb\0c\ud800" + new string('x', 300)));
        string shown = Assert.Single(agent.Take<AgentCall.Heartbeat>().Body.Leases).Progress!;
        Assert.StartsWith("a b c\ufffdx", shown, StringComparison.Ordinal);
        Assert.Equal(256, shown.Length);
    }
}

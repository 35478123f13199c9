using Elasticity.Agent.Sdk.Core;
using Elasticity.Agent.Sdk.Tests.Support;
using Elasticity.Contracts;
using Xunit;
using static Elasticity.Agent.Sdk.Tests.Support.CoreDriver;

namespace Elasticity.Agent.Sdk.Tests.Core;

/// <summary>Sending results.</summary>
public class SettlingTests
{
    [Fact]
    public void Results_gather_while_all_calls_are_under_way()
    {
        CoreDriver agent = Executing(tasks: 6);
        foreach (AgentLease lease in agent.Started.ToArray())
        {
            agent.Finish(lease);
        }

        Assert.Equal([1, 1], agent.Waiting<AgentCall.Settle>().Select(c => c.Body.Results.Count));
        agent.AnswerSettle();
        Assert.Equal([1, 4], agent.Waiting<AgentCall.Settle>().Select(c => c.Body.Results.Count));
    }

    [Fact]
    public void A_call_without_an_answer_is_repeated_with_the_same_results_and_the_same_request_id()
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Finish(agent.Started[0], "1");
        AgentCall.Settle first = agent.Take<AgentCall.Settle>();
        agent.Lose(first);
        agent.Pass(0.1);
        AgentCall.Settle second = agent.Take<AgentCall.Settle>();

        Assert.Equal(first.Body.Results, second.Body.Results);
        Assert.Equal(first.Body.Lease, second.Body.Lease);
        agent.Answer(second, Recorded(1, Leased(1)));
        Assert.Equal(0, agent.Core.FinishedCount);
        Assert.Equal(1, agent.Started[^1].Document.Index);
    }

    [Fact]
    public void Results_go_on_being_sent_through_a_long_outage()
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Finish(agent.Started[0]);
        for (int i = 0; i < 50; i++)
        {
            agent.Refuse(agent.Take<AgentCall.Settle>(), 503, "engine-starting");
            agent.Pass(5);
        }

        agent.AnswerSettle();
        Assert.Equal(0, agent.Core.FinishedCount);
    }

    [Theory]
    [InlineData("lease-lost")]
    [InlineData("task-unknown")]
    public void A_refused_result_is_dropped_and_said(string code)
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Finish(agent.Started[0]);
        agent.Answer(agent.Take<AgentCall.Settle>(), RefusedResult(0, code));

        Assert.Equal(0, agent.Core.FinishedCount);
        Assert.Contains(agent.Notices, n => n.Kind == AgentEventKind.ResultRefused);
        Assert.Empty(agent.Waiting<AgentCall.Settle>());
    }

    [Fact]
    public void A_result_that_is_too_large_becomes_a_failure_that_says_so()
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Finish(agent.Started[0], "\"far too long\"");
        agent.Answer(agent.Take<AgentCall.Settle>(), RefusedResult(0, "limit-exceeded"));

        AgentCall.Settle second = agent.Take<AgentCall.Settle>();
        TaskResultInput result = Assert.Single(second.Body.Results);
        Assert.Equal((OutcomeWord.Failed, "result-refused"), (result.Outcome, result.Failure!.Code));
        Assert.True(result.Result.IsNone);
        agent.Answer(second, Recorded(1));
        Assert.Equal(0, agent.Core.FinishedCount);
    }

    [Fact]
    public void When_a_whole_call_is_refused_each_result_goes_alone_and_only_the_culprit_is_replaced()
    {
        CoreDriver agent = Executing(tasks: 5);
        foreach (AgentLease lease in agent.Started.ToArray())
        {
            agent.Finish(lease, "1");
        }

        agent.AnswerSettle();
        agent.AnswerSettle();
        agent.Refuse(agent.Take<AgentCall.Settle>(), 400, "bad-json"); // Tasks 2, 3 and 4.
        List<(int Index, string Outcome)> recorded = [];
        while (agent.Waiting<AgentCall.Settle>().Count > 0)
        {
            AgentCall.Settle call = agent.Take<AgentCall.Settle>();
            TaskResultInput one = Assert.Single(call.Body.Results);
            if (one is { Index: 3, Outcome: OutcomeWord.Succeeded })
            {
                agent.Refuse(call, 400, "bad-json");
            }
            else
            {
                recorded.Add((one.Index, one.Outcome));
                agent.Answer(call, Recorded(1));
            }
        }

        Assert.Equal(
            [(2, OutcomeWord.Succeeded), (3, OutcomeWord.Failed), (4, OutcomeWord.Succeeded)], recorded.Order());
        Assert.Equal(0, agent.Core.FinishedCount);
    }

    [Fact]
    public void A_defect_of_the_server_is_not_fed_the_same_call_for_ever()
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Finish(agent.Started[0], "1");
        int calls = 0;
        while (agent.Core.FinishedCount > 0)
        {
            Assert.True(++calls < 100);
            agent.Refuse(agent.Take<AgentCall.Settle>(), 500, "internal-error");
            agent.Pass(5);
        }

        Assert.Contains(agent.Notices, n => n.Kind == AgentEventKind.ResultRefused);
    }

    [Fact]
    public void Large_results_go_in_several_calls()
    {
        CoreDriver agent = Executing(tasks: 10);
        string large = $"\"{new string('x', 250_000)}\"";
        foreach (AgentLease lease in agent.Started.ToArray())
        {
            agent.Finish(lease, large);
        }

        agent.AnswerSettle();
        agent.AnswerSettle();
        Assert.Equal([5, 3], agent.Waiting<AgentCall.Settle>().Select(c => c.Body.Results.Count));
    }

    [Fact]
    public void A_failing_handler_is_settled_as_it_said()
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Fail(agent.Started[0]);
        TaskResultInput result = agent.Take<AgentCall.Settle>().Body.Results[0];
        Assert.Equal((OutcomeWord.Failed, "oops"), (result.Outcome, result.Failure!.Code));
    }

    [Fact]
    public void A_refused_wish_in_a_call_with_results_costs_no_result()
    {
        CoreDriver agent = Executing(tasks: 1);
        agent.Finish(agent.Started[0]);
        agent.Answer(agent.Take<AgentCall.Settle>(), new AgentAnswer.Settled(new SettleAnswerDocument
        {
            Recorded = 1,
            Refused = [],
            Tasks = [],
            LeaseRejection = new RejectionDocument { Code = "session-unknown", Detail = "No." },
        }));
        agent.Pass(0.1);

        Assert.Equal(0, agent.Core.FinishedCount);
        Assert.Single(agent.Waiting<AgentCall.Register>());
    }
}

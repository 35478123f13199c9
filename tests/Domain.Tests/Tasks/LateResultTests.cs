using Elasticity.Domain.Tasks;
using Elasticity.Domain.Tests.Support;
using Xunit;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Tasks;

/// <summary>A report under a token that no longer counts shows that two agents worked on one task.</summary>
public class LateResultTests
{
    private static readonly Settlement Success = new Settlement.Succeeded(Payload.None);
    private static readonly Settlement Failed = new Settlement.Failed(new Failure("x", "x", false), Payload.None);

    [Fact]
    public void A_report_on_a_lost_lease_is_refused_and_recorded_once_per_token()
    {
        GivenTask task = GivenTask.Leased().And(new TaskEvent.Lost(T0, 1, "closed")).LeasedAgain();

        task.When(Settle(1, Success))
            .IsRefused(RejectionCode.LeaseLost, new TaskEvent.ResultRefused(T0, 1, Agent, Session, "succeeded"))
            .Tells();
        task.After(Settle(1, Success)).When(Settle(1, Success)).IsRefused(RejectionCode.LeaseLost);
        task.After(Settle(1, Success)).When(Settle(1, Failed)).IsRefused(RejectionCode.LeaseLost);
    }

    [Fact]
    public void The_record_says_what_was_reported()
    {
        GivenTask task = GivenTask.Leased().And(new TaskEvent.Expired(T0, 1));

        task.When(Settle(1, Failed))
            .IsRefused(RejectionCode.LeaseLost, new TaskEvent.ResultRefused(T0, 1, Agent, Session, "failed"));
        task.When(Settle(1, new Settlement.GivenBack()))
            .IsRefused(RejectionCode.LeaseLost, new TaskEvent.ResultRefused(T0, 1, Agent, Session, "given-back"));
    }

    [Fact]
    public void An_expired_token_is_void_even_if_nobody_took_the_task_since() =>
        GivenTask.Leased().And(new TaskEvent.Expired(T0, 1))
            .When(Settle(1, Success))
            .IsRefused(RejectionCode.LeaseLost, new TaskEvent.ResultRefused(T0, 1, Agent, Session, "succeeded"));

    [Fact]
    public void A_result_that_contradicts_the_one_that_counts_is_refused_and_recorded() =>
        GivenTask.Leased().After(Settle(1, Success))
            .When(Settle(1, Failed))
            .IsRefused(RejectionCode.LeaseLost, new TaskEvent.ResultRefused(T0, 1, Agent, Session, "failed"));

    [Fact]
    public void A_late_result_changes_nothing_but_the_record()
    {
        TaskState before = GivenTask.Leased().And(new TaskEvent.Expired(T0, 1)).LeasedAgain().State;

        TaskState after = new GivenTask(before).After(Settle(1, Success)).State;

        Assert.Equal(Show.Of(before), Show.Of(after with { RefusedTokens = before.RefusedTokens }));
    }

    [Fact]
    public void At_most_16_late_results_of_one_run_are_recorded()
    {
        GivenTask task = TwentyLost(GivenTask.Leased());
        for (int token = 1; token <= 16; token++)
        {
            task = task.After(Settle(token, Success));
        }

        Assert.Equal(16, task.State.RefusedTokens.Length);
        task.When(Settle(17, Success)).IsRefused(RejectionCode.LeaseLost);
    }

    [Fact]
    public void The_next_run_records_16_more_but_no_token_twice()
    {
        GivenTask task = TwentyLost(GivenTask.Leased());
        for (int token = 1; token <= 16; token++)
        {
            task = task.After(Settle(token, Success));
        }

        task = TwentyLost(task.And(new TaskEvent.DeadLettered(T0, 1, "poison")).LeasedInRun(2));
        task.When(Settle(1, Success)).IsRefused(RejectionCode.LeaseLost);
        for (int token = 17; token <= 32; token++)
        {
            task.When(Settle(token, Success)).IsRefused(
                RejectionCode.LeaseLost, new TaskEvent.ResultRefused(T0, token, Agent, Session, "succeeded"));
            task = task.After(Settle(token, Success));
        }

        task.When(Settle(33, Success)).IsRefused(RejectionCode.LeaseLost);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(2)]
    public void A_token_that_was_never_given_is_refused_and_not_recorded(long token)
    {
        GivenTask.Leased().When(Settle(token, Success)).IsRefused(RejectionCode.LeaseLost);
        GivenTask.Untouched.When(Settle(token, Success)).IsRefused(RejectionCode.LeaseLost);
    }

    [Theory]
    [InlineData(0, "was never given")]
    [InlineData(1, "no longer counts: it is leased under token 2")]
    [InlineData(3, "was never given")]
    public void A_refusal_says_what_is_wrong_with_the_token(long token, string detail) =>
        Assert.Contains(
            detail,
            GivenTask.Leased().And(new TaskEvent.GivenBack(T0, 1)).LeasedAgain()
                .When(Settle(token, Success)).Decision.Rejection!.Detail);

    [Fact]
    public void A_refusal_says_how_the_lease_ended()
    {
        Assert.StartsWith(
            "Token 1 of task job-a/0 no longer counts: its last lease, token 1, is over",
            GivenTask.Leased().And(new TaskEvent.GivenBack(T0, 1))
                .When(Settle(1, Success)).Decision.Rejection!.Detail);
        Assert.Contains(
            "no longer counts: its run 1 has ended as cancelled",
            GivenTask.Leased().And(new TaskEvent.GivenBack(T0, 1), new TaskEvent.Cancelled(T0, 1))
                .When(Settle(1, Success)).Decision.Rejection!.Detail);
    }

    private static GivenTask TwentyLost(GivenTask leased)
    {
        for (int i = 0; i < 20; i++)
        {
            leased = leased.And(new TaskEvent.Lost(T0, leased.State.Token, "closed")).LeasedAgain();
        }

        return leased;
    }

    private static TaskCommand.Settle Settle(long token, Settlement settlement) =>
        new(T0, TheHolder, token, settlement, Chance: 0);
}

using Elasticity.Domain.Tasks;
using Elasticity.Domain.Tests.Support;
using Xunit;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Tasks;

/// <summary>How an agent ends a lease, once, and again because the answer was lost.</summary>
public class SettleTests
{
    private static readonly Payload Result = Payload.FromJson("""{"ok":true}""");
    private static readonly Failure Failure = new("exit-code", "The command ended with 1.", IsFinal: false);
    private static readonly Settlement Success = new Settlement.Succeeded(Result);
    private static readonly Message Forget = new Message.ForgetLease(FirstTask, 1);

    [Fact]
    public void A_result_under_the_current_token_ends_the_run() =>
        GivenTask.Leased().When(Settle(Success))
            .Records(new TaskEvent.Succeeded(T0, 1, Result))
            .Tells(Forget, new Message.TaskEnded(FirstTask, 1, TaskOutcome.Succeeded));

    [Fact]
    public void A_clean_task_has_two_events()
    {
        GivenTask leased = GivenTask.Leased();

        Assert.Single(leased.When(Settle(Success)).Decision.Events);
        Assert.Equal(TaskPhase.Ended, leased.After(Settle(Success)).State.Phase);
    }

    [Fact]
    public void Settling_twice_alike_is_a_success_and_no_event()
    {
        foreach (Settlement settlement in (Settlement[])
            [
                Success,
                new Settlement.Failed(Failure, Result),
                new Settlement.Failed(Failure with { IsFinal = true }, Result),
                new Settlement.GivenBack(),
            ])
        {
            GivenTask.Leased().After(Settle(settlement)).When(Settle(settlement)).ChangesNothing();
        }
    }

    [Fact]
    public void Settling_twice_alike_tells_the_job_again_how_it_ended() =>
        GivenTask.Leased().After(Settle(Success)).When(Settle(Success)).ChangesNothing()
            .Tells(new Message.TaskEnded(FirstTask, 1, TaskOutcome.Succeeded));

    [Fact]
    public void Content_is_compared_by_bytes()
    {
        GivenTask done = GivenTask.Leased().After(Settle(Success));

        done.When(Settle(new Settlement.Succeeded(Payload.FromJson("""{"ok":true}""")))).ChangesNothing();
        done.When(Settle(new Settlement.Succeeded(Payload.FromJson("""{"ok": true}"""))))
            .IsRefused(RejectionCode.LeaseLost, new TaskEvent.ResultRefused(T0, 1, Agent, Session, "succeeded"));
    }

    [Fact]
    public void Settling_twice_alike_is_still_a_success_when_the_task_is_leased_again() =>
        GivenTask.Leased().After(Settle(new Settlement.GivenBack())).LeasedAgain()
            .When(Settle(new Settlement.GivenBack())).ChangesNothing();

    [Fact]
    public void Settling_twice_alike_is_still_a_success_in_the_next_run() =>
        GivenTask.Leased().After(Settle(new Settlement.Failed(Failure with { IsFinal = true }, Result))).LeasedInRun(2)
            .When(Settle(new Settlement.Failed(Failure with { IsFinal = true }, Result))).ChangesNothing();

    [Fact]
    public void Settling_twice_alike_is_still_a_success_when_another_agent_has_finished_the_task() =>
        GivenTask.Leased().After(Settle(new Settlement.Failed(Failure, Result))).LeasedAgain()
            .After(Settle(Success) with { Token = 2 })
            .When(Settle(new Settlement.Failed(Failure, Result))).ChangesNothing();

    [Fact]
    public void The_last_16_settlements_are_remembered()
    {
        GivenTask task = GivenTask.Leased();
        for (int token = 1; token <= 20; token++)
        {
            task = task.After(Settle(new Settlement.GivenBack()) with { Token = token }).LeasedAgain();
        }

        Assert.Equal(16, task.State.Settled.Length);
        Assert.Equal(20, task.State.LastSettledToken);
        Assert.Equal(0, GivenTask.Leased().State.LastSettledToken);
        task.When(Settle(new Settlement.GivenBack()) with { Token = 5 }).ChangesNothing();
        task.When(Settle(new Settlement.GivenBack()) with { Token = 4 })
            .IsRefused(RejectionCode.LeaseLost, new TaskEvent.ResultRefused(T0, 4, Agent, Session, "given-back"));
    }

    [Fact]
    public void What_was_reported_need_not_be_kept_to_know_it_again()
    {
        TaskState slim = GivenTask.Leased().After(Settle(Success)).State with { LastSettlement = null };

        new GivenTask(slim).When(Settle(Success)).ChangesNothing();
        new GivenTask(slim).When(Settle(new Settlement.Succeeded(Payload.None))).IsRefused(
            RejectionCode.LeaseLost, new TaskEvent.ResultRefused(T0, 1, Agent, Session, "succeeded"));
    }

    [Fact]
    public void Whatever_was_reported_otherwise_has_another_fingerprint()
    {
        Settlement[] all =
        [
            Success,
            new Settlement.Succeeded(Payload.None),
            new Settlement.GivenBack(),
            new Settlement.Failed(Failure, Payload.None),
            new Settlement.Failed(Failure, Result),
            new Settlement.Failed(Failure with { IsFinal = true }, Payload.None),
            new Settlement.Failed(Failure with { Code = "timeout" }, Payload.None),
            new Settlement.Failed(Failure with { Message = string.Empty }, Payload.None),
            new Settlement.Failed(new Failure("ab", "c", IsFinal: false), Payload.None),
            new Settlement.Failed(new Failure("a", "bc", IsFinal: false), Payload.None),
        ];

        Assert.Equal(all.Length, all.Select(s => s.Fingerprint()).Distinct().Count());
    }

    [Fact]
    public void A_task_given_back_is_offered_at_once_and_free_of_charge()
    {
        GivenTask.Leased().When(Settle(new Settlement.GivenBack()))
            .Records(new TaskEvent.GivenBack(T0, 1)).Tells(OfferAgain(), Forget);

        TaskState state = GivenTask.Leased().After(Settle(new Settlement.GivenBack())).State;
        Assert.Equal((0, 0, 0), (state.Failures, state.LeasesLost, state.LeasesExpired));
    }

    [Fact]
    public void A_task_can_be_given_back_without_limit()
    {
        GivenTask task = GivenTask.Leased();
        for (int token = 1; token < 300; token++)
        {
            task = task.After(Settle(new Settlement.GivenBack()) with { Token = token }).LeasedAgain();
        }

        Assert.Equal(TaskPhase.Leased, task.State.Phase);
    }

    [Fact]
    public void Another_session_cannot_settle_even_if_it_guesses_the_token()
    {
        Then<TaskEvent> refused = GivenTask.Leased().When(Settle(Success) with { Holder = OtherHolder })
            .IsRefused(RejectionCode.LeaseLost, new TaskEvent.ResultRefused(T0, 1, Agent, OtherSession, "succeeded"));

        Assert.Contains("belongs to agent-a/session-a, not to agent-a/session-b", refused.Decision.Rejection!.Detail);
    }

    [Fact]
    public void Another_agent_cannot_settle_even_if_it_chose_the_same_session_id() =>
        GivenTask.Leased().When(Settle(Success) with { Holder = Namesake })
            .IsRefused(
                RejectionCode.LeaseLost, new TaskEvent.ResultRefused(T0, 1, Namesake.Agent, Session, "succeeded"));

    [Fact]
    public void A_task_that_ended_asks_nobody_but_tells_its_outcome_when_asked()
    {
        GivenTask done = GivenTask.Leased().After(Settle(Success));

        Assert.False(done.State.IsOpen);
        Assert.Equal(new Message.TaskEnded(FirstTask, 1, TaskOutcome.Succeeded), done.Outstanding());
    }

    [Fact]
    public void A_task_that_is_asked_to_stop_may_still_succeed() =>
        GivenTask.Leased().And(new TaskEvent.CancelRequested(T0, 1))
            .When(Settle(Success))
            .Records(new TaskEvent.Succeeded(T0, 1, Result));

    private static TaskCommand.Settle Settle(Settlement settlement) => new(T0, TheHolder, 1, settlement, Chance: 0);
}

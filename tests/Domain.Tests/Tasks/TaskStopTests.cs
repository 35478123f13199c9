using Elasticity.Domain.Tasks;
using Elasticity.Domain.Tests.Support;
using Xunit;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Tasks;

/// <summary>Cancelled and skipped tasks.</summary>
public class TaskStopTests
{
    private static readonly Message Cancelled = new Message.TaskEnded(FirstTask, 1, TaskOutcome.Cancelled);
    private static readonly Message Skipped = new Message.TaskEnded(FirstTask, 1, TaskOutcome.Skipped);

    [Fact]
    public void A_task_that_was_never_leased_is_cancelled_at_once() =>
        GivenTask.Untouched.When(new TaskCommand.Cancel(T0, 1))
            .Records(new TaskEvent.Cancelled(T0, 1)).Tells(Cancelled);

    [Fact]
    public void A_waiting_task_is_cancelled_at_once() =>
        GivenTask.Leased().And(new TaskEvent.GivenBack(T0, 1))
            .When(new TaskCommand.Cancel(T0, 1)).Records(new TaskEvent.Cancelled(T0, 1)).Tells(Cancelled);

    [Fact]
    public void A_leased_task_is_asked_to_stop() =>
        GivenTask.Leased().When(new TaskCommand.Cancel(T0, 1))
            .Records(new TaskEvent.CancelRequested(T0, 1))
            .Tells(new Message.WatchLease(FirstTask, Lease(1), TimeSpan.FromSeconds(30), IsCancelRequested: true));

    [Fact]
    public void A_leased_task_is_asked_to_stop_once_and_its_agent_as_often_as_needed() =>
        GivenTask.Leased().And(new TaskEvent.CancelRequested(T0, 1))
            .When(new TaskCommand.Cancel(T0, 1))
            .ChangesNothing()
            .Tells(new Message.WatchLease(FirstTask, Lease(1), TimeSpan.FromSeconds(30), IsCancelRequested: true));

    [Fact]
    public void A_task_that_stops_on_request_is_cancelled() =>
        GivenTask.Leased().And(new TaskEvent.CancelRequested(T0, 1))
            .When(new TaskCommand.Settle(T0, TheHolder, 1, new Settlement.GivenBack(), 0))
            .Records(new TaskEvent.GivenBack(T0, 1), new TaskEvent.Cancelled(T0, 1))
            .Tells(Cancelled, new Message.ForgetLease(FirstTask, 1));

    [Fact]
    public void Cancelling_a_task_that_has_ended_tells_its_outcome_again()
    {
        GivenTask.Untouched.After(new TaskCommand.Cancel(T0, 1))
            .When(new TaskCommand.Cancel(T0, 1)).ChangesNothing().Tells(Cancelled);
        GivenTask.Leased().And(new TaskEvent.Succeeded(T0, 1, Payload.None))
            .When(new TaskCommand.Cancel(T0, 1)).ChangesNothing()
            .Tells(new Message.TaskEnded(FirstTask, 1, TaskOutcome.Succeeded));
    }

    [Fact]
    public void Cancelling_an_older_run_changes_nothing() =>
        GivenTask.Leased().And(new TaskEvent.Succeeded(T0, 1, Payload.None)).LeasedInRun(2)
            .When(new TaskCommand.Cancel(T0, 1)).ChangesNothing().Tells();

    [Fact]
    public void A_run_can_be_cancelled_before_it_was_leased() =>
        GivenTask.Leased().And(new TaskEvent.DeadLettered(T0, 1, "poison"))
            .When(new TaskCommand.Cancel(T0, 2))
            .Records(new TaskEvent.Cancelled(T0, 2))
            .Tells(new Message.TaskEnded(FirstTask, 2, TaskOutcome.Cancelled));

    [Fact]
    public void A_run_is_not_cancelled_ahead_of_the_one_that_goes_on() =>
        GivenTask.Leased().When(new TaskCommand.Cancel(T0, 2)).ChangesNothing().Tells();

    [Fact]
    public void The_request_to_stop_ends_with_the_run() =>
        Assert.False(
            GivenTask.Leased().And(new TaskEvent.CancelRequested(T0, 1), new TaskEvent.Cancelled(T0, 1))
                .LeasedInRun(2).State.IsCancelRequested);

    [Fact]
    public void A_skipped_task_names_its_cause()
    {
        GivenTask.Untouched.When(new TaskCommand.Skip(T0, 1, Cause: 7))
            .Records(new TaskEvent.Skipped(T0, 1, 7)).Tells(Skipped);

        Assert.Equal(7, GivenTask.Untouched.After(new TaskCommand.Skip(T0, 1, 7)).State.SkipCause);
    }

    [Fact]
    public void Skipping_twice_tells_the_outcome_again() =>
        GivenTask.Untouched.After(new TaskCommand.Skip(T0, 1, 7))
            .When(new TaskCommand.Skip(T0, 1, 8)).ChangesNothing().Tells(Skipped);

    [Fact]
    public void A_run_can_be_skipped_before_it_was_leased() =>
        GivenTask.Untouched.After(new TaskCommand.Cancel(T0, 1))
            .When(new TaskCommand.Skip(T0, 2, 7))
            .Records(new TaskEvent.Skipped(T0, 2, 7))
            .Tells(new Message.TaskEnded(FirstTask, 2, TaskOutcome.Skipped));

    [Fact]
    public void A_leased_task_is_not_skipped_because_its_outcome_is_the_truth()
    {
        GivenTask.Leased().When(new TaskCommand.Skip(T0, 1, 7)).ChangesNothing();
        GivenTask.Leased().When(new TaskCommand.Skip(T0, 2, 7)).ChangesNothing();
    }

    [Fact]
    public void Skipping_an_older_run_changes_nothing() =>
        GivenTask.Untouched.After(new TaskCommand.Skip(T0, 1, 7)).LeasedInRun(2)
            .When(new TaskCommand.Skip(T0, 1, 7)).ChangesNothing().Tells();

    [Fact]
    public void A_restored_task_is_leased_in_its_new_run_and_forgets_the_cause()
    {
        GivenTask restored = GivenTask.Untouched.After(new TaskCommand.Skip(T0, 1, 7))
            .After(new TaskCommand.Grant(T0, 2, TheHolder, Request, Terms));

        Assert.Equal((TaskPhase.Leased, 2, 1L), (restored.State.Phase, restored.State.Run, restored.State.Token));
        Assert.Null(restored.State.SkipCause);
    }
}

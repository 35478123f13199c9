using Elasticity.Domain.Tasks;
using Elasticity.Domain.Tests.Support;
using Xunit;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Tasks;

/// <summary>Leases that end without a result: lost or expired.</summary>
public class TakeBackTests
{
    private static readonly Message Forget = new Message.ForgetLease(FirstTask, 1);

    [Fact]
    public void An_expired_lease_is_offered_again_at_once() =>
        GivenTask.Leased().When(new TaskCommand.Expire(T0, 1))
            .Records(new TaskEvent.Expired(T0, 1)).Tells(OfferAgain(), Forget);

    [Fact]
    public void A_lost_lease_is_offered_again_at_once() =>
        GivenTask.Leased().When(new TaskCommand.Lose(T0, 1, "closed"))
            .Records(new TaskEvent.Lost(T0, 1, "closed")).Tells(OfferAgain(), Forget);

    [Fact]
    public void Lost_and_expired_leases_are_counted_apart_and_are_no_failures()
    {
        TaskState state = GivenTask.Leased()
            .And(new TaskEvent.Lost(T0, 1, "closed")).LeasedAgain()
            .And(new TaskEvent.Expired(T0, 2)).LeasedAgain()
            .And(new TaskEvent.Expired(T0, 3)).State;

        Assert.Equal((0, 1, 2), (state.Failures, state.LeasesLost, state.LeasesExpired));
    }

    [Fact]
    public void The_fifth_expired_lease_makes_the_task_poison()
    {
        GivenTask task = Repeat(GivenTask.Leased(), 4, token => new TaskCommand.Expire(T0, token));

        task.When(new TaskCommand.Expire(T0, 5))
            .Records(new TaskEvent.Expired(T0, 5), new TaskEvent.DeadLettered(T0, 1, "poison"))
            .Tells(
                new Message.TaskEnded(FirstTask, 1, TaskOutcome.DeadLettered),
                new Message.ForgetLease(FirstTask, 5));
        Assert.Equal(TaskPhase.Leased, task.State.Phase);
    }

    [Fact]
    public void The_hundredth_lost_lease_is_one_too_many()
    {
        GivenTask task = Repeat(GivenTask.Leased(), 99, token => new TaskCommand.Lose(T0, token, "closed"));

        task.When(new TaskCommand.Lose(T0, 100, "closed"))
            .Records(new TaskEvent.Lost(T0, 100, "closed"), new TaskEvent.DeadLettered(T0, 1, "lost-too-often"))
            .Tells(
                new Message.TaskEnded(FirstTask, 1, TaskOutcome.DeadLettered),
                new Message.ForgetLease(FirstTask, 100));
        Assert.Equal(TaskPhase.Leased, task.State.Phase);
    }

    [Fact]
    public void A_new_run_counts_from_the_beginning()
    {
        GivenTask task = Repeat(GivenTask.Leased(), 4, token => new TaskCommand.Expire(T0, token))
            .After(new TaskCommand.Expire(T0, 5)).LeasedInRun(2);

        task.When(new TaskCommand.Expire(T0, 6)).Records(new TaskEvent.Expired(T0, 6));
    }

    [Fact]
    public void Taking_back_a_lease_twice_changes_nothing()
    {
        GivenTask back = GivenTask.Leased().And(new TaskEvent.Expired(T0, 1));

        back.When(new TaskCommand.Expire(T0, 1)).ChangesNothing().Tells(Forget);
        back.When(new TaskCommand.Lose(T0, 1, "closed")).ChangesNothing().Tells(Forget);
    }

    [Fact]
    public void Taking_back_an_older_lease_leaves_the_current_one()
    {
        GivenTask again = GivenTask.Leased().And(new TaskEvent.GivenBack(T0, 1)).LeasedAgain();

        again.When(new TaskCommand.Expire(T0, 1)).ChangesNothing().Tells(Forget);
        again.When(new TaskCommand.Lose(T0, 1, "closed")).ChangesNothing().Tells(Forget);
    }

    [Fact]
    public void A_lease_that_was_settled_cannot_be_taken_back() =>
        GivenTask.Leased().And(new TaskEvent.Succeeded(T0, 1, Payload.None))
            .When(new TaskCommand.Expire(T0, 1)).ChangesNothing().Tells(Forget);

    [Fact]
    public void A_lease_that_was_asked_to_stop_and_is_taken_back_is_cancelled()
    {
        GivenTask asked = GivenTask.Leased().And(new TaskEvent.CancelRequested(T0, 1));

        asked.When(new TaskCommand.Expire(T0, 1))
            .Records(new TaskEvent.Expired(T0, 1), new TaskEvent.Cancelled(T0, 1))
            .Tells(new Message.TaskEnded(FirstTask, 1, TaskOutcome.Cancelled), Forget);
        asked.When(new TaskCommand.Lose(T0, 1, "closed"))
            .Records(new TaskEvent.Lost(T0, 1, "closed"), new TaskEvent.Cancelled(T0, 1));
    }

    private static GivenTask Repeat(GivenTask leased, int times, Func<long, TaskCommand> takeBack)
    {
        for (int i = 0; i < times; i++)
        {
            leased = leased.After(takeBack(leased.State.Token)).LeasedAgain();
        }

        return leased;
    }
}

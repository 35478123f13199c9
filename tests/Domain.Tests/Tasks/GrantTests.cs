using Elasticity.Domain.Tasks;
using Elasticity.Domain.Tests.Support;
using Xunit;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Tasks;

/// <summary>Who gets a lease, and under which token.</summary>
public class GrantTests
{
    private static readonly TaskTerms Long = Terms with { LeaseLength = TimeSpan.FromMinutes(10) };

    [Fact]
    public void The_first_lease_has_token_1_and_records_the_terms() =>
        GivenTask.Untouched.When(Grant(1) with { Terms = Long })
            .Records(new TaskEvent.Leased(T0, 1, Lease(1), Long))
            .Tells(new Message.WatchLease(FirstTask, Lease(1), TimeSpan.FromMinutes(10), IsCancelRequested: false));

    [Fact]
    public void A_lease_lasts_30_seconds_unless_the_terms_say_otherwise() =>
        GivenTask.Untouched.When(Grant(1))
            .Tells(new Message.WatchLease(FirstTask, Lease(1), TimeSpan.FromSeconds(30), IsCancelRequested: false));

    [Fact]
    public void A_leased_task_is_not_leased_again() =>
        GivenTask.Leased().When(Grant(1)).IsRefused(RejectionCode.NotReady).Tells();

    [Fact]
    public void Every_lease_has_a_greater_token() =>
        GivenTask.Leased().And(new TaskEvent.GivenBack(T0, 1))
            .When(Grant(1))
            .Records(new TaskEvent.Leased(T0, 1, Lease(2), null));

    [Fact]
    public void The_terms_of_a_run_are_those_of_its_first_lease() =>
        GivenTask.Leased(Long).And(new TaskEvent.GivenBack(T0, 1))
            .When(Grant(1))
            .Tells(new Message.WatchLease(FirstTask, Lease(2), TimeSpan.FromMinutes(10), IsCancelRequested: false));

    [Fact]
    public void Only_failures_count_as_attempts()
    {
        GivenTask task = GivenTask.Leased()
            .And(new TaskEvent.GivenBack(T0, 1)).LeasedAgain()
            .And(new TaskEvent.Lost(T0, 2, "closed")).LeasedAgain()
            .And(new TaskEvent.Expired(T0, 3)).LeasedAgain();
        Assert.Equal(1, task.State.Lease!.Attempt);

        task.And(new TaskEvent.Failed(T0, 4, new Failure("x", "x", false), T0, Payload.None))
            .When(Grant(1))
            .Records(new TaskEvent.Leased(T0, 1, Lease(5, attempt: 2), null));
    }

    [Fact]
    public void A_task_that_backs_off_is_not_leased_and_offers_itself_for_later()
    {
        GivenTask backingOff = GivenTask.Leased()
            .And(new TaskEvent.Failed(T0, 1, new Failure("x", "x", false), T0.AddSeconds(5), Payload.None));

        backingOff.When(Grant(1) with { Now = T0.AddSeconds(4) })
            .IsRefused(RejectionCode.NotReady)
            .Tells(OfferAgain() with { NotBefore = T0.AddSeconds(5) });
        Assert.Null(backingOff.When(Grant(1) with { Now = T0.AddSeconds(5) }).Decision.Rejection);
    }

    [Fact]
    public void A_run_that_has_ended_is_not_leased_and_its_outcome_is_told_again() =>
        GivenTask.Leased().And(new TaskEvent.Succeeded(T0, 1, Payload.None))
            .When(Grant(1))
            .IsRefused(RejectionCode.NotReady)
            .Tells(new Message.TaskEnded(FirstTask, 1, TaskOutcome.Succeeded));

    [Fact]
    public void A_new_run_goes_on_with_the_tokens_and_counts_from_the_beginning()
    {
        GivenTask ended = GivenTask.Leased()
            .And(new TaskEvent.Expired(T0, 1)).LeasedAgain()
            .And(new TaskEvent.Lost(T0, 2, "closed")).LeasedAgain()
            .And(
                new TaskEvent.Failed(T0, 3, new Failure("x", "x", true), null, Payload.None),
                new TaskEvent.DeadLettered(T0, 1, "final-failure"));

        ended.When(Grant(2)).Records(new TaskEvent.Leased(T0, 2, Lease(4), Terms));

        TaskState leased = ended.After(Grant(2)).State;
        Assert.Equal((2, 4L), (leased.Run, leased.Token));
        Assert.Equal((0, 0, 0), (leased.Failures, leased.LeasesLost, leased.LeasesExpired));
        Assert.Null(leased.Outcome);
        Assert.Null(leased.EndedAt);
        Assert.Null(leased.DeadLetterReason);
    }

    [Fact]
    public void An_offer_of_an_older_run_leads_to_nothing() =>
        GivenTask.Leased().LeasedInRun(2).And(new TaskEvent.GivenBack(T0, 2))
            .When(Grant(1)).IsRefused(RejectionCode.NotReady).Tells();

    [Fact]
    public void A_run_does_not_begin_before_the_one_before_has_ended()
    {
        GivenTask.Leased().When(Grant(2)).IsRefused(RejectionCode.NotReady);
        GivenTask.Leased().And(new TaskEvent.GivenBack(T0, 1)).When(Grant(2)).IsRefused(RejectionCode.NotReady);
    }

    [Fact]
    public void A_task_without_a_lease_waits_for_nothing_of_its_own() =>
        Assert.Null(GivenTask.Untouched.Outstanding());

    [Fact]
    public void A_leased_task_has_its_agent_mind_the_lease() =>
        Assert.Equal(
            new Message.WatchLease(FirstTask, Lease(1), TimeSpan.FromSeconds(30), IsCancelRequested: false),
            GivenTask.Leased().Outstanding());

    [Fact]
    public void A_waiting_task_offers_itself() =>
        Assert.Equal(OfferAgain(), GivenTask.Leased().And(new TaskEvent.GivenBack(T0, 1)).Outstanding());

    [Fact]
    public void The_first_lease_of_the_run_is_its_start()
    {
        GivenTask task = GivenTask.Leased().And(
            new TaskEvent.GivenBack(T0, 1), new TaskEvent.Leased(T0.AddHours(1), 1, Lease(2), null));
        Assert.Equal(T0, task.State.StartedAt);

        task = task.And(
            new TaskEvent.Succeeded(T0, 2, Payload.None),
            new TaskEvent.Leased(T0.AddHours(2), 2, Lease(3), Terms));
        Assert.Equal(T0.AddHours(2), task.State.StartedAt);
    }

    private static TaskCommand.Grant Grant(int run) => new(T0, run, TheHolder, Request, Terms);
}

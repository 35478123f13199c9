using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Domain.Tests.Support;
using Xunit;
using static Elasticity.Domain.Tasks.TaskOutcome;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Jobs;

/// <summary>How outcomes make the outcome of the job, and what a dead-lettered task does to it.</summary>
public class PolicyTests
{
    private static readonly TaskSpec[] Two = [Spec(), Spec()];

    private static readonly JobPolicy FailFast = new() { OnDeadLetter = DeadLetterRule.FailFast };

    private static readonly JobPolicy Ignore = new() { OnDeadLetter = DeadLetterRule.Ignore };

    [Fact]
    public void A_job_succeeds_when_all_its_tasks_have() =>
        GivenJob.With(Two).And(Recorded((0, Succeeded)))
            .When(Report((1, Succeeded)))
            .Records(Recorded((1, Succeeded)), new JobEvent.Ended(T0, JobOutcome.Succeeded)).Tells();

    [Fact]
    public void Many_outcomes_are_one_event() =>
        GivenJob.With(Two).When(Report((0, Succeeded), (1, Succeeded)))
            .Records(Recorded((0, Succeeded), (1, Succeeded)), new JobEvent.Ended(T0, JobOutcome.Succeeded));

    [Fact]
    public void An_outcome_reported_twice_is_recorded_once()
    {
        GivenJob.With(Two).When(Report((0, Succeeded), (0, DeadLettered))).Records(Recorded((0, Succeeded)));
        GivenJob.With(Two).And(Recorded((0, Succeeded))).When(Report((0, Succeeded))).ChangesNothing();
        GivenJob.With(Two).And(Recorded((0, Succeeded))).When(Report((0, DeadLettered))).ChangesNothing();
    }

    [Fact]
    public void A_late_outcome_after_the_end_changes_nothing() =>
        GivenJob.With(Two).After(Report((0, Succeeded), (1, Succeeded)))
            .When(Report((1, DeadLettered))).ChangesNothing();

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(2, 1)]
    [InlineData(0, 0)]
    [InlineData(0, 2)]
    public void An_outcome_of_a_task_or_run_that_is_not_awaited_changes_nothing(int index, int run) =>
        GivenJob.With(Two).When(ReportRun(run, (index, Succeeded))).ChangesNothing();

    [Fact]
    public void By_default_the_job_fails_when_all_tasks_have_ended()
    {
        GivenJob.With(Two).When(Report((0, DeadLettered))).Records(Recorded((0, DeadLettered))).Tells();
        GivenJob.With(Two).And(Recorded((0, DeadLettered)))
            .When(Report((1, Succeeded)))
            .Records(Recorded((1, Succeeded)), new JobEvent.Ended(T0, JobOutcome.Failed));
    }

    [Fact]
    public void Failing_at_the_end_can_be_said_or_left_unsaid() =>
        GivenJob.With(new JobPolicy { OnDeadLetter = DeadLetterRule.FailAtEnd }, Two)
            .When(Report((0, DeadLettered), (1, Succeeded)))
            .Records(
                Recorded((0, DeadLettered), (1, Succeeded)), new JobEvent.Ended(T0, JobOutcome.Failed));

    [Fact]
    public void A_job_that_ignores_dead_letters_succeeds() =>
        GivenJob.With(Ignore, Two)
            .When(Report((0, DeadLettered), (1, Succeeded)))
            .Records(
                Recorded((0, DeadLettered), (1, Succeeded)), new JobEvent.Ended(T0, JobOutcome.Succeeded));

    [Fact]
    public void A_job_that_ignores_dead_letters_skips_what_depends_on_them() =>
        GivenJob.With(Ignore, Spec(), Spec(0), Spec())
            .When(Report((0, DeadLettered)))
            .Records(Recorded((0, DeadLettered)))
            .Tells(new Message.Skip(Job, 1, 1, 1, Cause: 0));

    [Fact]
    public void A_job_that_fails_fast_stops_the_rest_at_once()
    {
        Then<JobEvent> failing = GivenJob.With(FailFast, Spec(), Spec(), Spec(0))
            .When(Report((0, DeadLettered)))
            .Records(Recorded((0, DeadLettered)), new JobEvent.Failing(T0))
            .Sweeps();

        GivenJob after = GivenJob.With(FailFast, Spec(), Spec(), Spec(0)).And([.. failing.Decision.Events]);
        Assert.Equal(
            [
                new Message.Withdraw(Job, 0), new Message.Cancel(Job, 1, 1, 1), new Message.Cancel(Job, 2, 1, 1),
            ],
            after.Outstanding());
    }

    [Fact]
    public void A_job_that_fails_fast_on_its_last_task_has_failed() =>
        GivenJob.With(FailFast, Two).And(Recorded((0, Succeeded)))
            .When(Report((1, DeadLettered)))
            .Records(Recorded((1, DeadLettered)), new JobEvent.Ended(T0, JobOutcome.Failed));

    [Fact]
    public void A_failing_job_has_failed_when_the_rest_has_stopped() =>
        GivenJob.With(FailFast, Two).And(Recorded((0, DeadLettered)), new JobEvent.Failing(T0))
            .When(Report((1, Cancelled)))
            .Records(Recorded((1, Cancelled)), new JobEvent.Ended(T0, JobOutcome.Failed));

    [Fact]
    public void A_failing_job_fails_only_once() =>
        GivenJob.With(FailFast, Spec(), Spec(), Spec())
            .And(Recorded((0, DeadLettered)), new JobEvent.Failing(T0))
            .When(Report((1, DeadLettered)))
            .Records(Recorded((1, DeadLettered)));

    [Fact]
    public void An_old_dead_letter_does_not_fail_a_job_again_that_goes_on_without_it()
    {
        // Both were dead-lettered, one of them is done again, and behind it there is more to do.
        GivenJob redriven = GivenJob.With(FailFast, Spec(), Spec(), Spec(0))
            .And(
                Recorded((0, DeadLettered), (1, DeadLettered)),
                new JobEvent.Failing(T0),
                Recorded((2, Cancelled)),
                new JobEvent.Ended(T0, JobOutcome.Failed))
            .After(new JobCommand.Redrive(T0, 0)).After(new JobCommand.Redrive(T0, 2));

        redriven.When(ReportRun(2, (0, Succeeded)))
            .Records(RecordedRun(2, (0, Succeeded)))
            .Tells(Offer(2, run: 2));
    }

    [Fact]
    public void A_task_takes_from_its_job_what_it_does_not_say()
    {
        RetryPolicy retry = new() { AttemptsMax = 9 };
        JobPolicy policy = new() { Retry = retry, LeaseLength = TimeSpan.FromMinutes(1), Priority = 5 };
        TaskSpec own = Spec() with { Retry = new(), LeaseLength = TimeSpan.FromMinutes(2), Priority = -5 };

        Assert.Equal(new TaskTerms(Kind, 5, TimeSpan.FromMinutes(1), retry), Spec().Terms(policy));
        Assert.Equal(new TaskTerms(Kind, -5, TimeSpan.FromMinutes(2), new()), own.Terms(policy));
        Assert.Equal(new TaskTerms(Kind, 0, null, null), Spec().Terms(JobPolicy.Default));
    }

    [Fact]
    public void The_offer_carries_the_priority_of_the_job() =>
        Assert.Contains(
            new Message.Offer(Job, 0, 1, 1, 0, 0, Kind, 5, null),
            GivenJob.With(new JobPolicy { Priority = 5 }, Spec()).Outstanding());
}

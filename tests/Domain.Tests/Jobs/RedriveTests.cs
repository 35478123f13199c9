using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tests.Support;
using Xunit;
using static Elasticity.Domain.Tasks.TaskOutcome;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Jobs;

/// <summary>Doing again what ended badly, and with it what was skipped because of that.</summary>
public class RedriveTests
{
    private static readonly Message Resumed = new Message.SetPaused(Job, IsPaused: false);

    // 1 needs 0; 2 needs 1; 3 needs nothing.
    private static readonly TaskSpec[] Chain = [Spec(), Spec(0), Spec(1), Spec()];

    [Fact]
    public void A_dead_lettered_task_begins_its_next_run() =>
        GivenJob.With(Spec(), Spec()).And(Recorded((0, DeadLettered)))
            .When(new JobCommand.Redrive(T0, 0))
            .Records(Redriven([new(0, 1)]))
            .Tells(Resumed, Offer(0, run: 2));

    [Fact]
    public void Redriving_opens_an_ended_job_again()
    {
        GivenJob failed = GivenJob.With(Spec(), Spec()).After(Report((0, DeadLettered), (1, Succeeded)));

        GivenJob redriven = failed.After(new JobCommand.Redrive(T0, 0));

        Assert.Equal(JobPhase.Open, redriven.State.Phase);
        Assert.Null(redriven.State.EndedAt);
        redriven.When(ReportRun(2, (0, Succeeded)))
            .Records(RecordedRun(2, (0, Succeeded)), new JobEvent.Ended(T0, JobOutcome.Succeeded));
    }

    [Fact]
    public void All_dead_lettered_tasks_are_redriven_at_once_and_others_are_not() =>
        GivenJob.With(Spec(), Spec(), Spec(), Spec(), Spec())
            .After(Report((0, DeadLettered), (1, DeadLettered), (2, Succeeded), (3, DeadLettered), (4, Cancelled)))
            .When(new JobCommand.Redrive(T0, null))
            .Records(Redriven([new(0, 2), new(3, 1)]))
            .Tells(Resumed, Offer(0, count: 2, run: 2), Offer(3, run: 2));

    [Fact]
    public void A_skipped_task_is_restored_by_redriving_its_cause()
    {
        GivenJob failed = GivenJob.With(Chain)
            .After(Report((0, DeadLettered))).After(Report((1, Skipped))).After(Report((2, Skipped), (3, Succeeded)));

        failed.When(new JobCommand.Redrive(T0, 0))
            .Records(Redriven([new(0, 1)], new IndexRange(1, 2)))
            .Tells(Resumed, Offer(0, run: 2));
        failed.After(new JobCommand.Redrive(T0, 0))
            .When(ReportRun(2, (0, Succeeded))).Tells(Offer(1, run: 2));
    }

    [Fact]
    public void A_refusal_says_in_words_how_the_task_is()
    {
        GivenJob job = GivenJob.With(Spec(), Spec(), Spec(1), Spec(), Spec(3))
            .After(Report((0, Succeeded), (3, DeadLettered))).After(Report((4, Skipped)));

        Assert.Contains(" is succeeded: ", Refusal(0), StringComparison.Ordinal);
        Assert.Contains(" is still to be done: ", Refusal(1), StringComparison.Ordinal);
        Assert.Contains(" is blocked: ", Refusal(2), StringComparison.Ordinal);
        Assert.Contains(" is skipped: ", Refusal(4), StringComparison.Ordinal);

        string Refusal(int index) => job.When(new JobCommand.Redrive(T0, index))
            .IsRefused(RejectionCode.TaskState).Decision.Rejection!.Detail;
    }

    [Fact]
    public void A_skipped_task_cannot_be_redriven_itself() =>
        GivenJob.With(Chain).After(Report((0, DeadLettered))).After(Report((1, Skipped)))
            .When(new JobCommand.Redrive(T0, 1)).IsRefused(RejectionCode.TaskState);

    [Fact]
    public void A_task_with_two_causes_is_restored_by_the_second_redrive()
    {
        GivenJob failed = GivenJob.With(Spec(), Spec(), Spec(0, 1))
            .And(Recorded((0, DeadLettered), (1, DeadLettered)), Recorded((2, Skipped)));

        failed.When(new JobCommand.Redrive(T0, 0)).Records(Redriven([new(0, 1)]));
        failed.After(new JobCommand.Redrive(T0, 0))
            .When(new JobCommand.Redrive(T0, 1)).Records(Redriven([new(1, 1)], new IndexRange(2, 1)));
        failed.When(new JobCommand.Redrive(T0, null)).Records(Redriven([new(0, 2)], new IndexRange(2, 1)));
    }

    [Fact]
    public void Both_ways_around_a_diamond_are_restored() =>
        GivenJob.With(Spec(), Spec(0), Spec(0), Spec(1, 2))
            .And(Recorded((0, DeadLettered)), Recorded((1, Skipped), (2, Skipped)), Recorded((3, Skipped)))
            .When(new JobCommand.Redrive(T0, 0))
            .Records(Redriven([new(0, 1)], new IndexRange(1, 3)));

    [Fact]
    public void A_task_that_was_asked_to_skip_and_has_not_answered_yet_is_restored_too()
    {
        GivenJob asked = GivenJob.With(Chain).And(Recorded((0, DeadLettered)));

        GivenJob redriven = asked.After(new JobCommand.Redrive(T0, 0));

        asked.When(new JobCommand.Redrive(T0, 0)).Records(Redriven([new(0, 1)], new IndexRange(1, 1)));
        Assert.Equal([Resumed, Offer(0, run: 2), Offer(3)], redriven.Outstanding());
        redriven.When(Report((1, Skipped))).ChangesNothing(); // The answer comes, and is of the run before.
    }

    [Fact]
    public void A_task_asked_to_skip_for_another_cause_stays_so()
    {
        GivenJob redriven = GivenJob.With(Spec(), Spec(), Spec(0, 1))
            .And(Recorded((0, DeadLettered), (1, DeadLettered))).After(new JobCommand.Redrive(T0, 0));

        Assert.Contains(new Message.Skip(Job, 2, 1, 1, Cause: 1), redriven.Outstanding());
    }

    [Fact]
    public void A_cancelled_task_can_be_redriven()
    {
        GivenJob cancelled = GivenJob.With(Spec(), Spec(0)).After(new JobCommand.Cancel(T0))
            .After(Report((0, Cancelled), (1, Cancelled)));

        cancelled.When(new JobCommand.Redrive(T0, 0)).Records(Redriven([new(0, 1)]))
            .Tells(Resumed, Offer(0, run: 2));
        cancelled.After(new JobCommand.Redrive(T0, 0)).When(new JobCommand.Redrive(T0, 1))
            .Records(Redriven([new(1, 1)])).Tells(Resumed); // It waits for task 0.
    }

    [Fact]
    public void A_cancelled_task_whose_dependency_stays_cancelled_is_skipped() =>
        GivenJob.With(Spec(), Spec(0)).After(new JobCommand.Cancel(T0)).After(Report((0, Cancelled), (1, Cancelled)))
            .When(new JobCommand.Redrive(T0, 1))
            .Records(Redriven([new(1, 1)]))
            .Tells(Resumed, new Message.Skip(Job, 1, 1, 2, Cause: 0));

    [Fact]
    public void Nothing_but_what_ended_badly_can_be_redriven()
    {
        GivenJob job = GivenJob.With(Spec(), Spec()).And(Recorded((0, Succeeded)));

        job.When(new JobCommand.Redrive(T0, 0)).IsRefused(RejectionCode.TaskState);
        job.When(new JobCommand.Redrive(T0, 1)).IsRefused(RejectionCode.TaskState);
        job.When(new JobCommand.Redrive(T0, null)).IsRefused(RejectionCode.TaskState);
    }

    [Fact]
    public void Redriving_twice_is_refused_and_starts_one_run() =>
        GivenJob.With(Spec(), Spec()).And(Recorded((0, DeadLettered))).After(new JobCommand.Redrive(T0, 0))
            .When(new JobCommand.Redrive(T0, 0)).IsRefused(RejectionCode.TaskState);

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void A_task_outside_the_job_cannot_be_redriven(int index) =>
        Assert.Equal(
            $"Job job-a has tasks 0 to 1, not {index}.",
            GivenJob.With(Spec(), Spec()).When(new JobCommand.Redrive(T0, index))
                .IsRefused(RejectionCode.TaskUnknown).Decision.Rejection!.Detail);

    [Fact]
    public void A_job_that_stops_cannot_be_redriven_before_it_has_ended()
    {
        GivenJob job = GivenJob.With(Spec(), Spec()).And(Recorded((0, DeadLettered)));

        job.After(new JobCommand.Cancel(T0)).When(new JobCommand.Redrive(T0, 0)).IsRefused(RejectionCode.JobState);
        job.And(new JobEvent.Failing(T0)).When(new JobCommand.Redrive(T0, 0)).IsRefused(RejectionCode.JobState);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    public void A_job_that_was_cancelled_before_it_was_accepted_cannot_be_redriven(int? index) =>
        GivenJob.Opened(Spec()).Adding(0, Spec()).After(new JobCommand.Cancel(T0))
            .When(new JobCommand.Redrive(T0, index)).IsRefused(RejectionCode.JobState);

    [Fact]
    public void An_outcome_of_an_older_run_changes_nothing() =>
        GivenJob.With(Spec(), Spec()).And(Recorded((0, DeadLettered))).After(new JobCommand.Redrive(T0, 0))
            .When(Report((0, DeadLettered))).ChangesNothing();

    [Fact]
    public void Every_run_has_an_outcome_of_its_own()
    {
        GivenJob job = GivenJob.With(Spec())
            .After(Report((0, DeadLettered))).After(new JobCommand.Redrive(T0, 0))
            .After(ReportRun(2, (0, DeadLettered))).After(new JobCommand.Redrive(T0, 0));

        Assert.Equal(3, job.State.RunOf(0));
        job.When(ReportRun(2, (0, DeadLettered))).ChangesNothing();
        job.When(ReportRun(3, (0, Succeeded)))
            .Records(RecordedRun(3, (0, Succeeded)), new JobEvent.Ended(T0, JobOutcome.Succeeded));
    }

    [Fact]
    public void A_job_that_ended_while_it_was_paused_goes_on_when_it_is_redriven()
    {
        GivenJob ended = GivenJob.With(Spec()).And(new JobEvent.Paused(T0)).After(Report((0, DeadLettered)));

        ended.When(new JobCommand.Redrive(T0, 0)).Tells(Resumed, Offer(0, run: 2));
    }

    [Fact]
    public void A_paused_job_that_is_redriven_stays_paused() =>
        GivenJob.With(Spec(), Spec()).And(new JobEvent.Paused(T0)).After(Report((0, DeadLettered)))
            .When(new JobCommand.Redrive(T0, 0))
            .Tells(new Message.SetPaused(Job, IsPaused: true), Offer(0, run: 2));

    [Fact]
    public void A_failed_job_with_a_dead_letter_left_fails_again() =>
        GivenJob.With(Spec(), Spec()).After(Report((0, DeadLettered), (1, DeadLettered)))
            .After(new JobCommand.Redrive(T0, 0))
            .When(ReportRun(2, (0, Succeeded)))
            .Records(RecordedRun(2, (0, Succeeded)), new JobEvent.Ended(T0, JobOutcome.Failed));

    [Fact]
    public void Asked_for_again_it_changes_nothing_also_where_more_was_dead_lettered_since()
    {
        JobCommand.Redrive all = new(T0, null, "r-1");
        GivenJob job = GivenJob.With(Spec(), Spec(), Spec()).And(Recorded((0, DeadLettered)));

        job.When(all).Records(Redriven([new(0, 1)]) with { Request = "r-1" });
        GivenJob later = job.After(all).And(Recorded((1, DeadLettered)));

        later.When(all).ChangesNothing();
        later.And(RecordedRun(2, (0, Succeeded)), Recorded((2, Succeeded)), new JobEvent.Ended(T0, JobOutcome.Failed))
            .When(all).ChangesNothing();
        later.When(all with { Request = "r-2" }).Records(Redriven([new(1, 1)]) with { Request = "r-2" });
        later.When(all with { Request = null }).Records(Redriven([new(1, 1)]));
    }

    [Fact]
    public void A_request_is_for_one_redrive()
    {
        JobCommand.Redrive first = new(T0, 0, "r-1");
        GivenJob job = GivenJob.With(Spec(), Spec()).And(Recorded((0, DeadLettered), (1, DeadLettered)));

        job.When(first).Records(Redriven([new(0, 1)]) with { Request = "r-1", Index = 0 });
        job.After(first).When(first).ChangesNothing();
        job.After(first).When(first with { Index = 1 }).IsRefused(RejectionCode.IdempotencyMismatch);
        job.After(first).When(first with { Index = null }).IsRefused(RejectionCode.IdempotencyMismatch);
    }

    [Fact]
    public void A_redrive_that_was_refused_may_be_asked_for_again()
    {
        JobCommand.Redrive all = new(T0, null, "r-1");
        GivenJob job = GivenJob.With(Spec(), Spec());

        job.When(all).IsRefused(RejectionCode.TaskState);
        job.And(Recorded((0, DeadLettered))).When(all).Records(Redriven([new(0, 1)]) with { Request = "r-1" });
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    public void The_id_of_a_request_is_an_identifier(string id) =>
        GivenJob.With(Spec(), Spec()).And(Recorded((0, DeadLettered)))
            .When(new JobCommand.Redrive(T0, null, id)).IsRefused(RejectionCode.Invalid);

    [Fact]
    public void The_last_hundred_requests_are_known()
    {
        GivenJob job = GivenJob.With(Spec(), Spec()).And(Recorded((0, DeadLettered)));
        for (int i = 0; i <= JobDecider.RedrivesKnownMax; i++)
        {
            job = job.After(new JobCommand.Redrive(T0, 0, $"r-{i}")).And(RecordedRun(i + 2, (0, DeadLettered)));
        }

        Assert.Equal(JobDecider.RedrivesKnownMax, job.State.Redrives.Length);
        job.When(new JobCommand.Redrive(T0, 0, "r-1")).ChangesNothing();
        job.When(new JobCommand.Redrive(T0, 0, "r-0")).Records(
            Redriven([new(0, 1)]) with { Request = "r-0", Index = 0 });
    }
}

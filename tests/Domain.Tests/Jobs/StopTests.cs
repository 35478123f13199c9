using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tests.Support;
using Xunit;
using static Elasticity.Domain.Tasks.TaskOutcome;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Jobs;

/// <summary>Cancel, pause and resume.</summary>
public class StopTests
{
    private static readonly TaskSpec[] Two = [Spec(), Spec()];

    [Fact]
    public void Cancelling_asks_every_task_that_has_not_ended()
    {
        GivenJob job = GivenJob.With(Spec(), Spec(), Spec(1)).And(Recorded((0, Succeeded)));

        job.When(new JobCommand.Cancel(T0)).Records(new JobEvent.CancelRequested(T0)).Sweeps();

        Assert.Equal(
            [
                new Message.Withdraw(Job, 0), new Message.Cancel(Job, 1, 1, 1), new Message.Cancel(Job, 2, 1, 1),
            ],
            job.After(new JobCommand.Cancel(T0)).Outstanding());
    }

    [Fact]
    public void Tasks_that_wait_for_others_are_asked_together_whatever_their_kind() =>
        Assert.Equal(
            [new Message.Withdraw(Job, 0), new Message.Cancel(Job, 0, 1, 1), new Message.Cancel(Job, 1, 2, 1)],
            GivenJob.With(Spec(), Spec(0), Spec(0) with { Kind = "another" })
                .After(new JobCommand.Cancel(T0)).Outstanding());

    [Fact]
    public void Cancelling_twice_changes_nothing()
    {
        GivenJob cancelling = GivenJob.With(Two).After(new JobCommand.Cancel(T0));
        cancelling.When(new JobCommand.Cancel(T0)).ChangesNothing();

        GivenJob cancelled = cancelling.After(Report((0, Cancelled), (1, Cancelled)));
        cancelled.When(new JobCommand.Cancel(T0)).ChangesNothing();
    }

    [Fact]
    public void A_job_is_cancelled_when_its_tasks_have_stopped() =>
        GivenJob.With(Two).After(new JobCommand.Cancel(T0))
            .When(Report((0, Cancelled), (1, Succeeded)))
            .Records(Recorded((0, Cancelled), (1, Succeeded)), new JobEvent.Ended(T0, JobOutcome.Cancelled));

    [Fact]
    public void Cancelling_is_a_request_and_the_outcome_of_the_tasks_is_the_truth()
    {
        GivenJob cancelling = GivenJob.With(Two).After(new JobCommand.Cancel(T0));

        cancelling.When(Report((0, Succeeded), (1, Succeeded)))
            .Records(Recorded((0, Succeeded), (1, Succeeded)), new JobEvent.Ended(T0, JobOutcome.Succeeded));
        cancelling.When(Report((0, Succeeded), (1, DeadLettered)))
            .Records(Recorded((0, Succeeded), (1, DeadLettered)), new JobEvent.Ended(T0, JobOutcome.Failed));
    }

    [Fact]
    public void Tasks_behind_a_task_that_ended_while_cancelling_are_neither_offered_nor_skipped() =>
        GivenJob.With(Spec(), Spec(0), Spec()).After(new JobCommand.Cancel(T0))
            .When(Report((0, Succeeded))).Records(Recorded((0, Succeeded))).Tells();

    [Fact]
    public void A_failing_job_can_be_cancelled() =>
        GivenJob.With(Two).And(Recorded((0, DeadLettered)), new JobEvent.Failing(T0))
            .When(new JobCommand.Cancel(T0)).Records(new JobEvent.CancelRequested(T0)).Sweeps();

    [Fact]
    public void A_job_that_is_still_being_submitted_is_cancelled_at_once() =>
        GivenJob.Opened(Two).Adding(0, Two)
            .When(new JobCommand.Cancel(T0))
            .Records(new JobEvent.CancelRequested(T0), new JobEvent.Ended(T0, JobOutcome.Cancelled)).Tells();

    [Fact]
    public void A_job_that_has_ended_cannot_be_cancelled()
    {
        GivenJob.With(Two).After(Report((0, Succeeded), (1, Succeeded)))
            .When(new JobCommand.Cancel(T0)).IsRefused(RejectionCode.JobState);
        GivenJob.With(Two).After(Report((0, DeadLettered), (1, Succeeded)))
            .When(new JobCommand.Cancel(T0)).IsRefused(RejectionCode.JobState);
    }

    [Fact]
    public void Pausing_tells_the_queue() =>
        GivenJob.With(Two).When(new JobCommand.Pause(T0))
            .Records(new JobEvent.Paused(T0)).Tells(new Message.SetPaused(Job, IsPaused: true));

    [Fact]
    public void Resuming_tells_the_queue() =>
        GivenJob.With(Two).And(new JobEvent.Paused(T0)).When(new JobCommand.Resume(T0))
            .Records(new JobEvent.Resumed(T0)).Tells(new Message.SetPaused(Job, IsPaused: false));

    [Fact]
    public void Pausing_and_resuming_twice_change_nothing()
    {
        GivenJob.With(Two).And(new JobEvent.Paused(T0)).When(new JobCommand.Pause(T0)).ChangesNothing();
        GivenJob.With(Two).When(new JobCommand.Resume(T0)).ChangesNothing();
    }

    [Fact]
    public void Recovery_tells_the_queue_of_a_pause_before_it_offers() =>
        Assert.Equal(
            [new Message.SetPaused(Job, IsPaused: true), Offer(0, count: 2)],
            GivenJob.With(Two).And(new JobEvent.Paused(T0)).Outstanding());

    [Fact]
    public void Recovery_repeats_that_a_job_goes_on_or_a_lost_word_would_hold_it_back_for_ever() =>
        Assert.Equal(
            [new Message.SetPaused(Job, IsPaused: false), Offer(0, count: 2)],
            GivenJob.With(Two).And(new JobEvent.Paused(T0), new JobEvent.Resumed(T0)).Outstanding());

    [Fact]
    public void A_paused_job_that_ends_leaves_no_pause_behind_in_the_queue() =>
        GivenJob.With(Two).And(new JobEvent.Paused(T0))
            .When(Report((0, Succeeded), (1, DeadLettered)))
            .Records(Recorded((0, Succeeded), (1, DeadLettered)), new JobEvent.Ended(T0, JobOutcome.Failed))
            .Tells(new Message.SetPaused(Job, IsPaused: false));

    [Fact]
    public void Outcomes_are_recorded_and_followed_while_a_job_is_paused() =>
        GivenJob.With(Spec(), Spec(0)).And(new JobEvent.Paused(T0))
            .When(Report((0, Succeeded))).Records(Recorded((0, Succeeded))).Tells(Offer(1));

    [Fact]
    public void A_job_that_stops_or_has_ended_can_be_neither_paused_nor_resumed()
    {
        foreach (GivenJob job in (GivenJob[])
            [
                GivenJob.Opened(Two),
                GivenJob.With(Two).After(new JobCommand.Cancel(T0)),
                GivenJob.With(Two).And(Recorded((0, DeadLettered)), new JobEvent.Failing(T0)),
                GivenJob.With(Two).After(Report((0, Succeeded), (1, Succeeded))),
            ])
        {
            job.When(new JobCommand.Pause(T0)).IsRefused(RejectionCode.JobState);
            job.When(new JobCommand.Resume(T0)).IsRefused(RejectionCode.JobState);
        }
    }
}

using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Domain.Tests.Support;
using Xunit;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Jobs;

/// <summary>A job arrives in chunks, and any of the calls may be repeated.</summary>
public class SubmitTests
{
    private static readonly TaskSpec[] Three = [Spec(), Spec(0), Spec(0, 1)];
    private static readonly string Digest = JobDigest.Of(JobPolicy.Default, Three);

    [Fact]
    public void A_job_is_opened_filled_and_accepted()
    {
        GivenJob opened = GivenJob.Nothing.After(Open(3));
        GivenJob filled = opened.After(Add(0, Three));

        Assert.Equal(JobPhase.Opening, filled.State.Phase);
        Assert.Empty(filled.Outstanding());
        filled.When(new JobCommand.Seal(T0)).Records(new JobEvent.Sealed(T0)).Sweeps();
    }

    [Fact]
    public void Opening_is_recorded_as_asked() =>
        GivenJob.Nothing.When(Open(3)).Records(new JobEvent.Opened(T0, Header(), Digest, 3)).Tells();

    [Fact]
    public void Opening_again_with_the_same_digest_is_the_same_job()
    {
        GivenJob.Opened(Three).When(Open(3)).ChangesNothing();
        GivenJob.With(Three).When(Open(3)).ChangesNothing();
        GivenJob.With(Three).After(new JobCommand.Cancel(T0)).When(Open(3)).ChangesNothing();
    }

    [Fact]
    public void The_same_job_may_have_another_name_and_other_labels() =>
        GivenJob.With(Three).When(Open(3) with { Header = Header() with { Name = "another name" } }).ChangesNothing();

    [Fact]
    public void Opening_again_with_another_digest_is_refused()
    {
        JobCommand other = Open(3) with { Digest = JobDigest.Of(JobPolicy.Default, [Spec()]) };

        GivenJob.Opened(Three).When(other).IsRefused(RejectionCode.JobExists);
        GivenJob.With(Three).When(other).IsRefused(RejectionCode.JobExists);
    }

    [Fact]
    public void A_chunk_is_recorded_with_the_digest_so_far() =>
        GivenJob.Opened(Three).When(Add(0, Three))
            .Records(new JobEvent.TasksAdded(T0, 0, [.. Three], Digest));

    [Fact]
    public void A_chunk_sent_twice_changes_nothing()
    {
        GivenJob.Opened(Three).Adding(0, Three[..2]).When(Add(0, Three[..2])).ChangesNothing();
        GivenJob.With(Three).When(Add(0, Three[..2])).ChangesNothing();
        GivenJob.With(Three).When(Add(2, Three[2..])).ChangesNothing();
    }

    [Fact]
    public void A_submit_that_broke_off_goes_on_where_it_stopped() =>
        GivenJob.Opened(Three).Adding(0, Three[..1])
            .When(Add(1, Three[1..]))
            .Records(new JobEvent.TasksAdded(T0, 1, [.. Three[1..]], Digest));

    [Theory]
    [InlineData(0, 3)] // overlaps
    [InlineData(2, 3)] // leaves a gap
    [InlineData(-1, 0)]
    public void A_chunk_out_of_turn_is_refused(int first, int end) =>
        GivenJob.Opened(Three).Adding(0, Three[..1])
            .When(new JobCommand.AddTasks(T0, first, [.. Three[Math.Max(first, 0)..end]]))
            .IsRefused(RejectionCode.JobIncomplete);

    [Fact]
    public void More_tasks_than_declared_are_refused() =>
        GivenJob.Opened(Three).When(Add(0, [.. Three, Spec()])).IsRefused(RejectionCode.JobIncomplete);

    [Fact]
    public void A_refused_chunk_says_where_the_next_one_begins() =>
        Assert.Contains(
            "has 1 of 3 tasks: the next chunk begins there, not at 2",
            GivenJob.Opened(Three).Adding(0, Three[..1]).When(Add(2, Three[2..])).Decision.Rejection!.Detail);

    [Fact]
    public void Chunks_of_any_size_give_the_same_digest()
    {
        GivenJob one = GivenJob.Opened(Three).Adding(0, Three);
        GivenJob three = GivenJob.Opened(Three)
            .Adding(0, Three[..1]).Adding(1, Three[1..2]).Adding(2, Three[2..]);

        Assert.Equal(one.State.DigestSoFar, three.State.DigestSoFar);
        three.When(new JobCommand.Seal(T0)).Records(new JobEvent.Sealed(T0));
    }

    [Fact]
    public void An_incomplete_job_cannot_be_sealed() =>
        GivenJob.Opened(Three).Adding(0, Three[..2]).When(new JobCommand.Seal(T0))
            .IsRefused(RejectionCode.JobIncomplete);

    [Fact]
    public void Other_tasks_than_the_digest_says_cannot_be_sealed() =>
        GivenJob.Opened(Three).Adding(0, Spec(), Spec(), Spec()).When(new JobCommand.Seal(T0))
            .IsRefused(RejectionCode.DigestMismatch);

    [Fact]
    public void Sealing_twice_changes_nothing() =>
        GivenJob.With(Three).When(new JobCommand.Seal(T0)).ChangesNothing();

    [Fact]
    public void A_job_without_tasks_succeeds_when_it_is_sealed() =>
        GivenJob.Opened().When(new JobCommand.Seal(T0))
            .Records(new JobEvent.Sealed(T0), new JobEvent.Ended(T0, JobOutcome.Succeeded));

    [Fact]
    public void Sealing_a_job_without_tasks_again_changes_nothing() =>
        GivenJob.Opened().After(new JobCommand.Seal(T0)).When(new JobCommand.Seal(T0)).ChangesNothing();

    [Fact]
    public void A_job_that_does_not_exist_can_only_be_opened()
    {
        foreach (JobCommand command in (JobCommand[])
            [
                Add(0, Three), new JobCommand.Seal(T0), new JobCommand.Cancel(T0), new JobCommand.Pause(T0),
                new JobCommand.Resume(T0), new JobCommand.Redrive(T0, null), Report((0, TaskOutcome.Succeeded)),
            ])
        {
            GivenJob.Nothing.When(command).IsRefused(RejectionCode.JobUnknown);
        }
    }

    [Fact]
    public void A_job_that_is_not_sealed_has_no_outcomes() =>
        GivenJob.Opened(Three).Adding(0, Three)
            .When(Report((0, TaskOutcome.Succeeded))).ChangesNothing();

    [Fact]
    public void A_job_that_was_cancelled_before_the_seal_takes_nothing_more()
    {
        GivenJob cancelled = GivenJob.Opened(Three).Adding(0, Three[..1]).After(new JobCommand.Cancel(T0));

        cancelled.When(Add(0, Three[..1])).ChangesNothing();
        cancelled.When(Add(1, Three[1..])).IsRefused(RejectionCode.JobState);
        cancelled.When(new JobCommand.Seal(T0)).IsRefused(RejectionCode.JobState);
    }

    private static JobCommand.Open Open(int count) => new(T0, Header(), Digest, count);

    private static JobCommand.AddTasks Add(int first, TaskSpec[] tasks) => new(T0, first, [.. tasks]);
}

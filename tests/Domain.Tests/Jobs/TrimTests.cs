using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tests.Support;
using Xunit;
using static Elasticity.Domain.Tasks.TaskOutcome;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Jobs;

/// <summary>What stays of a job whose events were removed.</summary>
public class TrimTests
{
    private static readonly TaskSpec[] Two = [Spec(), Spec(0)];
    private static readonly JobCommand Trim = new JobCommand.Trim(T0, "head");

    private static readonly GivenJob Ended = GivenJob.With(Two)
        .After(Report((0, DeadLettered))).After(Report((1, Skipped)));

    [Fact]
    public void The_tombstone_says_what_the_job_was_and_how_it_ended() =>
        Ended.When(Trim).Records(new JobEvent.Trimmed(
            T0,
            Header(),
            JobDigest.Of(JobPolicy.Default, Two),
            2,
            new TaskCounts { DeadLettered = 1, Skipped = 1 },
            JobOutcome.Failed,
            T0,
            T0,
            T0,
            "head")).Tells();

    [Fact]
    public void The_tombstone_is_enough_to_know_the_job()
    {
        JobState whole = Ended.After(Trim).State;
        JobState read = GivenJob.Nothing.And([.. Ended.When(Trim).Decision.Events]).State;

        Assert.Equal(Show.Of(whole), Show.Of(read));
        Assert.Equal((JobPhase.Failed, 2, T0), (read.Phase, read.TaskCount, read.TrimmedAt));
    }

    [Fact]
    public void Trimming_twice_changes_nothing() => Ended.After(Trim).When(Trim).ChangesNothing();

    [Fact]
    public void A_job_that_goes_on_cannot_be_trimmed()
    {
        foreach (GivenJob job in (GivenJob[])
            [
                GivenJob.Opened(Two),
                GivenJob.With(Two),
                GivenJob.With(Two).After(new JobCommand.Cancel(T0)),
                Ended.After(new JobCommand.Redrive(T0, 0)),
            ])
        {
            job.When(Trim).IsRefused(RejectionCode.JobState);
        }
    }

    [Fact]
    public void A_job_cancelled_before_the_seal_can_be_trimmed()
    {
        GivenJob trimmed = GivenJob.Opened(Two).Adding(0, Two).After(new JobCommand.Cancel(T0)).After(Trim);

        Assert.Equal((JobPhase.Cancelled, null), (trimmed.State.Phase, trimmed.State.SealedAt));
        Assert.Equal(0, trimmed.State.TasksAdded);
        trimmed.When(new JobCommand.Seal(T0)).IsRefused(RejectionCode.JobState);
    }

    [Fact]
    public void Submitting_a_trimmed_job_again_is_still_harmless()
    {
        GivenJob trimmed = Ended.After(Trim);

        trimmed.When(new JobCommand.Open(T0, Header(), trimmed.State.Digest, 2)).ChangesNothing();
        trimmed.When(new JobCommand.AddTasks(T0, 0, [.. Two])).ChangesNothing();
        trimmed.When(new JobCommand.Seal(T0)).ChangesNothing();
        trimmed.When(new JobCommand.Open(T0, Header(), JobDigest.Of(JobPolicy.Default, []), 0))
            .IsRefused(RejectionCode.JobExists);
    }

    [Fact]
    public void A_trimmed_job_cannot_be_redriven() =>
        Assert.Contains(
            "is failed and trimmed: it cannot be redriven.",
            Ended.After(Trim).When(new JobCommand.Redrive(T0, 0))
                .IsRefused(RejectionCode.JobState).Decision.Rejection!.Detail);

    [Fact]
    public void A_job_that_was_not_trimmed_is_not_called_trimmed()
    {
        GivenJob cancelled = GivenJob.Opened(Two).Adding(0, Two[..1]).After(new JobCommand.Cancel(T0));

        Assert.Contains(
            "is cancelled: it cannot take more tasks",
            cancelled.When(new JobCommand.AddTasks(T0, 1, [Two[1]]))
                .IsRefused(RejectionCode.JobState).Decision.Rejection!.Detail);
        Assert.Contains(
            "is open: it cannot lose its payloads",
            GivenJob.With(Two).When(new JobCommand.ErasePayloads(T0, null))
                .IsRefused(RejectionCode.JobState).Decision.Rejection!.Detail);
    }

    [Fact]
    public void The_version_of_a_job_is_how_many_events_it_has_and_a_tombstone_is_one()
    {
        GivenJob job = GivenJob.With(Two);
        Assert.Equal(3, job.State.Version);
        Assert.Equal(2, job.State.Chunks[0].Version);

        Assert.Equal(1, Ended.After(Trim).State.Version);
        Assert.Equal(2, Ended.After(Trim).State.TasksAdded);
    }

    [Fact]
    public void A_trimmed_job_waits_for_nothing_and_hears_nothing()
    {
        Assert.Empty(Ended.After(Trim).Outstanding());
        Ended.After(Trim).When(Report((0, Succeeded))).ChangesNothing();
    }
}

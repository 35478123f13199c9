using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tests.Support;
using Xunit;
using static Elasticity.Domain.Tasks.TaskOutcome;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Jobs;

/// <summary>Forgetting what tasks were given and what they gave.</summary>
public class EraseTests
{
    private static readonly JobCommand.ErasePayloads All = new(T0, null);

    // 1 needs 0; 2 needs nothing.
    private static readonly GivenJob Failed = GivenJob.With(Spec(), Spec(0), Spec())
        .After(Report((0, DeadLettered))).After(Report((1, Skipped), (2, DeadLettered)));

    [Fact]
    public void An_ended_job_forgets_one_task_or_all()
    {
        Failed.When(All with { Index = 1 }).Records(new JobEvent.PayloadsErased(T0, 1)).Tells();
        Failed.When(All).Records(new JobEvent.PayloadsErased(T0, null)).Tells();
        Assert.False(Failed.After(All).State.IsOpen);
    }

    [Fact]
    public void Asked_for_again_it_changes_nothing()
    {
        GivenJob one = Failed.After(All with { Index = 1 });

        one.When(All with { Index = 1 }).ChangesNothing();
        one.When(All with { Index = 2 }).Records(new JobEvent.PayloadsErased(T0, 2));
        one.When(All).Records(new JobEvent.PayloadsErased(T0, null));
        one.After(All).When(All).ChangesNothing();
        one.After(All).When(All with { Index = 0 }).ChangesNothing();
        one.After(All with { Index = 0 }).After(All with { Index = 2 }).When(All).ChangesNothing();
    }

    [Fact]
    public void What_is_still_needed_is_not_erased()
    {
        GivenJob.With(Spec()).When(All).IsRefused(RejectionCode.JobState);
        GivenJob.Nothing.When(All).IsRefused(RejectionCode.JobUnknown);
        Failed.After(new JobCommand.Redrive(T0, 0)).When(All).IsRefused(RejectionCode.JobState);
        Failed.After(new JobCommand.Trim(T0, "head")).When(All).IsRefused(RejectionCode.JobState);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void A_task_that_is_not_in_the_job_cannot_be_erased(int index) =>
        Assert.Equal(
            $"Job job-a has tasks 0 to 2, not {index}.",
            Failed.When(All with { Index = index })
                .IsRefused(RejectionCode.TaskUnknown).Decision.Rejection!.Detail);

    [Fact]
    public void A_job_that_was_cancelled_before_the_seal_forgets_what_had_arrived()
    {
        GivenJob cancelled = GivenJob.Opened(Spec(), Spec()).Adding(0, Spec()).After(new JobCommand.Cancel(T0));

        cancelled.When(All).Records(new JobEvent.PayloadsErased(T0, null));
        cancelled.When(All with { Index = 1 }).IsRefused(RejectionCode.TaskUnknown);
    }

    [Fact]
    public void A_task_without_its_payloads_is_not_done_again()
    {
        GivenJob forgotten = Failed.After(All with { Index = 0 });

        forgotten.When(new JobCommand.Redrive(T0, 0)).IsRefused(RejectionCode.TaskState);
        forgotten.When(new JobCommand.Redrive(T0, null)).Records(Redriven([new(2, 1)]));
        Failed.After(All).When(new JobCommand.Redrive(T0, null)).IsRefused(RejectionCode.TaskState);
    }

    [Fact]
    public void A_skipped_task_without_its_payloads_is_not_restored() =>
        Failed.After(All with { Index = 1 }).When(new JobCommand.Redrive(T0, 0)).Records(Redriven([new(0, 1)]));
}

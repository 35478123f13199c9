using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tests.Support;
using Xunit;
using static Elasticity.Domain.Tasks.TaskOutcome;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Jobs;

/// <summary>A task waits until every task that it depends on has succeeded, and is skipped when one of them does
/// not.</summary>
public class DependencyTests
{
    // 0 and 1 are needed by 2, which is needed by 3.
    private static readonly TaskSpec[] Funnel = [Spec(), Spec(), Spec(0, 1), Spec(2)];

    [Fact]
    public void A_sealed_job_offers_the_tasks_without_dependencies() =>
        Assert.Equal(
            [new Message.SetPaused(Job, IsPaused: false), Offer(0, count: 2)], GivenJob.With(Funnel).Outstanding());

    [Fact]
    public void Dependencies_that_were_not_set_are_none()
    {
        GivenJob job = GivenJob.With(Spec() with { DependsOn = default }, Spec(0), Spec() with { DependsOn = default });

        Assert.Equal([new Message.SetPaused(Job, IsPaused: false), Offer(0), Offer(2)], job.Outstanding());
        job.When(Report((0, Succeeded))).Tells(Offer(1));
    }

    [Fact]
    public void A_job_without_dependencies_keeps_nothing_for_them()
    {
        Assert.Null(GivenJob.With(Spec(), Spec()).State.Graph);
        Assert.NotNull(GivenJob.With(Funnel).State.Graph);
        Assert.Null(GivenJob.Opened(Spec(), Spec()).Adding(0, Spec(), Spec()).State.Chunks[0].DependsOn);
        Assert.NotNull(GivenJob.Opened(Funnel).Adding(0, Funnel).State.Chunks[0].DependsOn);
        Assert.Null(GivenJob.With(Funnel).State.Chunks[0].DependsOn); // The graph has them.
    }

    [Fact]
    public void A_task_is_offered_when_its_last_dependency_has_succeeded()
    {
        GivenJob half = GivenJob.With(Funnel);
        half.When(Report((1, Succeeded))).Records(Recorded((1, Succeeded))).Tells();

        half.And(Recorded((1, Succeeded)))
            .When(Report((0, Succeeded))).Records(Recorded((0, Succeeded))).Tells(Offer(2));
    }

    [Fact]
    public void Tasks_that_become_free_together_are_offered_together() =>
        GivenJob.With(Spec(), Spec(0), Spec(0), Spec(0))
            .When(Report((0, Succeeded))).Tells(Offer(1, count: 3));

    [Fact]
    public void Tasks_of_two_kinds_are_offered_apart()
    {
        TaskSpec other = Spec(0) with { Kind = "upload", Priority = 7, NotBefore = T0.AddHours(1) };

        GivenJob.With(Spec(), Spec(0), other)
            .When(Report((0, Succeeded)))
            .Tells(Offer(1), new Message.Offer(Job, 2, 1, 1, 0, 0, "upload", 7, T0.AddHours(1)));
    }

    [Fact]
    public void A_task_whose_dependency_was_dead_lettered_is_asked_to_skip() =>
        GivenJob.With(Funnel)
            .When(Report((1, DeadLettered))).Records(Recorded((1, DeadLettered)))
            .Tells(new Message.Skip(Job, 2, 1, 1, Cause: 1));

    [Fact]
    public void Tasks_that_are_skipped_for_one_cause_are_asked_together() =>
        GivenJob.With(Spec(), Spec(), Spec(0), Spec(0), Spec(0, 1), Spec(1))
            .When(Report((0, DeadLettered), (1, DeadLettered)))
            .Tells(new Message.Skip(Job, 2, 3, 1, Cause: 0), new Message.Skip(Job, 5, 1, 1, Cause: 1));

    [Fact]
    public void Skipping_goes_on_to_the_tasks_behind() =>
        GivenJob.With(Funnel).And(Recorded((1, DeadLettered)))
            .When(Report((2, Skipped)))
            .Tells(new Message.Skip(Job, 3, 1, 1, Cause: 2));

    [Fact]
    public void A_task_that_is_to_be_skipped_is_not_freed_by_a_dependency_that_succeeds_later() =>
        GivenJob.With(Funnel).And(Recorded((1, DeadLettered)))
            .When(Report((0, Succeeded))).Records(Recorded((0, Succeeded))).Tells();

    [Fact]
    public void Outcomes_that_come_together_count_like_outcomes_one_by_one() =>
        GivenJob.With(Funnel)
            .When(Report((1, DeadLettered), (0, Succeeded)))
            .Tells(new Message.Skip(Job, 2, 1, 1, Cause: 1));

    [Fact]
    public void A_dependency_named_twice_counts_once() =>
        GivenJob.With(Spec(), Spec(0, 0)).When(Report((0, Succeeded))).Tells(Offer(1));

    [Fact]
    public void A_dependency_may_come_later_in_the_job() =>
        GivenJob.With(Spec(1), Spec()).When(Report((1, Succeeded))).Tells(Offer(0));

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void A_dependency_outside_the_job_is_refused(int dependency)
    {
        TaskSpec[] tasks = [Spec(), Spec(dependency)];

        GivenJob.Opened(tasks).When(new JobCommand.AddTasks(T0, 0, [.. tasks]))
            .IsRefused(RejectionCode.DependencyUnknown);
    }

    [Fact]
    public void A_cycle_is_refused_when_the_job_is_sealed()
    {
        Sealing(Spec(0)).IsRefused(RejectionCode.DependencyCycle);
        Sealing(Spec(1), Spec(0)).IsRefused(RejectionCode.DependencyCycle);
        Sealing(Spec(), Spec(0, 3), Spec(1), Spec(2)).IsRefused(RejectionCode.DependencyCycle);
        Sealing(Spec(), Spec(0, 2), Spec(), Spec(2, 1)).Records(new JobEvent.Sealed(T0));
    }

    [Fact]
    public void The_states_are_counted()
    {
        GivenJob job = GivenJob.With(Funnel);
        Assert.Equal(new TaskCounts { Released = 2, Blocked = 2 }, job.State.Counts);

        job = job.And(Recorded((0, Succeeded), (1, DeadLettered)));
        Assert.Equal(
            new TaskCounts { Succeeded = 1, DeadLettered = 1, SkipAsked = 1, Blocked = 1 }, job.State.Counts);
        Assert.Equal(2, job.State.Counts.Ended);
    }

    private static Then<JobEvent> Sealing(params TaskSpec[] tasks) =>
        GivenJob.Opened(tasks).Adding(0, tasks).When(new JobCommand.Seal(T0));
}

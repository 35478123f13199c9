using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Domain.Tests.Support;
using Xunit;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Jobs;

/// <summary>Before a task is leased, its job is asked whether it still waits for it.</summary>
public class AwaitsTests
{
    private static readonly GivenJob Two = GivenJob.With(Spec(), Spec(0));

    [Fact]
    public void A_job_waits_for_a_task_that_was_released() => Assert.True(Two.State.Awaits(0, 1));

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(2, 1)]
    [InlineData(0, 2)]
    [InlineData(1, 1)]
    public void It_does_not_wait_for_a_task_that_is_not_there_or_of_another_run_or_blocked(int index, int run) =>
        Assert.False(Two.State.Awaits(index, run));

    [Fact]
    public void It_does_not_wait_before_it_is_sealed() =>
        Assert.False(GivenJob.Opened(Spec()).Adding(0, Spec()).State.Awaits(0, 1));

    [Fact]
    public void It_does_not_wait_while_it_stops_or_after_it_ended()
    {
        Assert.False(Two.After(new JobCommand.Cancel(T0)).State.Awaits(0, 1));
        Assert.False(Two.And(new JobEvent.Failing(T0)).State.Awaits(0, 1));
        Assert.False(Two.And(new JobEvent.Ended(T0, JobOutcome.Failed)).State.Awaits(0, 1));
    }

    [Fact]
    public void It_waits_for_the_next_task_and_the_next_run()
    {
        GivenJob first = Two.And(Recorded((0, TaskOutcome.Succeeded)));
        Assert.False(first.State.Awaits(0, 1));
        Assert.True(first.State.Awaits(1, 1));

        GivenJob again = GivenJob.With(Spec()).And(
            Recorded((0, TaskOutcome.DeadLettered)), Redriven([new IndexRange(0, 1)]));
        Assert.False(again.State.Awaits(0, 1));
        Assert.True(again.State.Awaits(0, 2));
    }
}

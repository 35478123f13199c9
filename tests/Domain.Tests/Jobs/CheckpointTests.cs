using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Domain.Tests.Support;
using Xunit;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Jobs;

/// <summary>A long job writes down where it stands, now and then.</summary>
public class CheckpointTests
{
    private static readonly Limits Soon = new() { EventsPerCheckpointMin = 2 };

    private static readonly GivenJob Job = GivenJob.With(Spec(), Spec(), Spec(), Spec(0));

    [Fact]
    public void It_comes_with_the_event_that_makes_so_many()
    {
        GivenJob one = Job.And(Recorded((0, TaskOutcome.Succeeded)));
        JobEvent.Checkpointed due = new(T0, JobPhase.Open, false, "3*2 1*2", null, null, []);

        Job.When(Report((0, TaskOutcome.Succeeded)), Soon).Records(Recorded((0, TaskOutcome.Succeeded)));
        one.When(Report((1, TaskOutcome.Succeeded)), Soon).Records(Recorded((1, TaskOutcome.Succeeded)), due);
        one.And(Recorded((1, TaskOutcome.Succeeded)), due).When(Report((2, TaskOutcome.Succeeded)), Soon)
            .Records(Recorded((2, TaskOutcome.Succeeded)));
    }

    [Fact]
    public void A_large_job_writes_fewer()
    {
        const int Count = 100_000;
        GivenJob large = GivenJob.With([.. Enumerable.Repeat(Spec(), Count)]);
        large = large.And([.. Enumerable.Range(0, 998).Select(i => Recorded((i, TaskOutcome.Succeeded)))]);

        large.When(Report((998, TaskOutcome.Succeeded)), Soon).Records(Recorded((998, TaskOutcome.Succeeded)));
        large.And(Recorded((998, TaskOutcome.Succeeded))).When(Report((999, TaskOutcome.Succeeded)), Soon).Records(
            Recorded((999, TaskOutcome.Succeeded)),
            new JobEvent.Checkpointed(T0, JobPhase.Open, false, "3*1000 1*99000", null, null, []));
    }

    [Fact]
    public void Nothing_is_written_before_the_seal_nor_after_the_end_nor_for_what_changes_nothing()
    {
        Limits always = new() { EventsPerCheckpointMin = 0 };
        TaskSpec[] tasks = [Spec()];
        GivenJob.Opened(tasks).When(new JobCommand.AddTasks(T0, 0, [.. tasks]), always)
            .Records(new JobEvent.TasksAdded(T0, 0, [.. tasks], JobDigest.Of(JobPolicy.Default, tasks)));
        GivenJob.With(tasks).When(Report((0, TaskOutcome.Succeeded)), always).Records(
            Recorded((0, TaskOutcome.Succeeded)), new JobEvent.Ended(T0, JobOutcome.Succeeded));
        GivenJob.With(tasks).When(new JobCommand.Resume(T0), always).Records();
    }

    [Fact]
    public void It_says_what_was_redriven_erased_and_asked_for()
    {
        GivenJob job = Job.And(
            Recorded((0, TaskOutcome.DeadLettered), (1, TaskOutcome.DeadLettered), (2, TaskOutcome.Succeeded)),
            Recorded((3, TaskOutcome.Skipped)),
            new JobEvent.Ended(T0, JobOutcome.Failed),
            new JobEvent.PayloadsErased(T0, 1));

        job.When(new JobCommand.Redrive(T0, null) { Request = "again" }, Soon).Records(
            new JobEvent.Redriven(T0, [new(0, 1)], [new(3, 1)], "again"),
            new JobEvent.Checkpointed(
                T0, JobPhase.Open, false, "1 4 3 0", "2 0*2 2", "0 1 0*2", [new KnownRedrive("again", null)]));
    }

    [Fact]
    public void What_was_redriven_and_erased_is_known_again()
    {
        JobEvent.Checkpointed checkpoint = new(
            T0, JobPhase.Open, false, "1 4 3 0", "2 0*2 2", "0 1 0*2", [new KnownRedrive("again", null)]);

        Assert.True(JobDecider.TryRestore(Job.State, checkpoint, 9, out JobState? restored));
        Assert.Equal([2, 1, 1, 2], Enumerable.Range(0, 4).Select(restored.RunOf));
        Assert.Equal([false, true, false, false], Enumerable.Range(0, 4).Select(restored.IsErased));
        Assert.Equal(new KnownRedrive("again", null), Assert.Single(restored.Redrives));
    }

    [Theory]
    [InlineData("3*2 1*2", null, null, true)]
    [InlineData("3 3 1 1", "0*4", "0 0 0 1", true)]
    [InlineData("", null, null, false)]
    [InlineData("3*2 1*1", null, null, false)]
    [InlineData("3*2 1*3", null, null, false)]
    [InlineData("3*2 1*2 ", null, null, false)]
    [InlineData("3*2  1*2", null, null, false)]
    [InlineData("7*4", null, null, false)]
    [InlineData("-1*4", null, null, false)]
    [InlineData("3*0 1*4", null, null, false)]
    [InlineData("3*-4", null, null, false)]
    [InlineData("3*2147483647 1*2147483647", null, null, false)]
    [InlineData("3*99999999999", null, null, false)]
    [InlineData("3*", null, null, false)]
    [InlineData("*4", null, null, false)]
    [InlineData("released*4", null, null, false)]
    [InlineData("1*4", "0*3", null, false)]
    [InlineData("1*4", null, "2*4", false)]
    public void What_is_none_is_known(string statuses, string? runs, string? erased, bool isOne)
    {
        JobEvent.Checkpointed checkpoint = new(T0, JobPhase.Open, false, statuses, runs, erased, []);

        Assert.Equal(isOne, JobDecider.TryRestore(Job.State, checkpoint, 9, out JobState? restored));
        Assert.Equal(isOne, restored is { Version: 9 });
    }

    [Theory]
    [InlineData(JobPhase.None)]
    [InlineData(JobPhase.Opening)]
    [InlineData(JobPhase.Succeeded)]
    [InlineData((JobPhase)8)]
    public void None_is_of_a_job_that_is_not_under_way(JobPhase phase) => Assert.False(JobDecider.TryRestore(
        Job.State, new JobEvent.Checkpointed(T0, phase, false, "1*4", null, null, []), 9, out _));

    [Fact]
    public void None_is_of_a_job_that_was_not_accepted() => Assert.False(JobDecider.TryRestore(
        GivenJob.Opened(Spec()).State,
        new JobEvent.Checkpointed(T0, JobPhase.Open, false, "1", null, null, []),
        9,
        out _));

    [Fact]
    public void Another_than_the_events_lead_to_is_not_true()
    {
        JobEvent.Checkpointed due = new(T0, JobPhase.Open, false, "1*3 0", null, null, []);

        Assert.True(JobDecider.IsTrue(Job.State, due));
        Assert.False(JobDecider.IsTrue(Job.State, due with { Statuses = "1*2 3 0" }));
        Assert.False(JobDecider.IsTrue(Job.State, due with { IsPaused = true }));
        Assert.False(JobDecider.IsTrue(Job.State, due with { Redrives = [new KnownRedrive("a", null)] }));
    }
}

using Elasticity.Domain.Jobs;
using Elasticity.EventStore;
using Elasticity.Simulator;
using Elasticity.Simulator.Checks;
using Xunit;
using World = Elasticity.Simulator.World.Simulation;

namespace Elasticity.Simulation.Tests;

/// <summary>The rules read a log without having seen how it was written: the crash tests' logs, too.</summary>
public class StoredLogTests
{
    [Theory]
    [InlineData("embedded", 3)]
    [InlineData("embedded", 4)]
    [InlineData("embedded", 7)]
    [InlineData("embedded", 12)]
    [InlineData("cluster", 3)]
    [InlineData("cluster", 26)]
    public async Task A_log_that_was_watched_reads_as_well_afterwards(string engine, ulong seed)
    {
        List<StoredEvent> events = await LogOfAsync(engine, seed);

        Assert.InRange(StoredLog.Check(events, isAtomic: engine == "embedded"), 10, events.Count);
    }

    [Fact]
    public void A_log_in_the_right_order_passes()
    {
        StoryOfAJob story = new();
        story.Submitted().Leased(0).Succeeded(0).Leased(1).Succeeded(1).Ended(JobOutcome.Succeeded);

        Assert.Equal(story.Events.Count, StoredLog.Check(story.Events, isAtomic: true));
    }

    [Fact]
    public void A_task_that_is_leased_in_the_step_of_what_it_waited_for_passes()
    {
        StoryOfAJob story = new();
        story.Submitted().Leased(0).Succeeded(0).AtOnce.Leased(1).Succeeded(1).AtOnce.Ended(JobOutcome.Succeeded);

        Assert.Equal(story.Events.Count, StoredLog.Check(story.Events, isAtomic: true));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_task_that_is_leased_before_what_it_depends_on_has_succeeded_is_found(bool isAtomic)
    {
        StoryOfAJob story = new();
        story.Submitted().Leased(0).Leased(1).Succeeded(0).Succeeded(1).Ended(JobOutcome.Succeeded);

        Assert.Equal("dependency-order", Assert.Throws<Violation>(() => StoredLog.Check(story.Events, isAtomic)).Rule);
    }

    [Fact]
    public void A_task_that_is_leased_while_its_job_is_paused_is_found()
    {
        StoryOfAJob story = new();
        story.Submitted().Paused().Leased(0).Resumed().Succeeded(0).Leased(1).Succeeded(1);

        Assert.Equal("pause-obeyed", RuleOf(story));
    }

    [Fact]
    public void A_task_that_is_leased_when_its_job_goes_on_passes()
    {
        StoryOfAJob story = new();
        story.Submitted().Leased(0).Paused().Succeeded(0).Resumed().AtOnce.Leased(1).Succeeded(1);

        Assert.Equal(story.Events.Count, StoredLog.Check(story.Events, isAtomic: true));
    }

    [Fact]
    public void A_task_that_is_leased_after_its_job_was_cancelled_is_found()
    {
        StoryOfAJob story = new();
        story.Submitted().Cancelled().Leased(0);

        Assert.Equal("cancel-obeyed", RuleOf(story));
    }

    [Fact]
    public void An_outcome_that_its_job_hears_of_only_later_is_found()
    {
        StoryOfAJob story = new();
        story.Submitted().Leased(0).SucceededUnheard(0);

        Assert.Equal("outcome-recorded", RuleOf(story));
    }

    [Theory]
    [InlineData("task-leased-1", "chain-whole")]
    [InlineData("job-sealed-1", "sealed-first")]
    public async Task A_log_without_an_event_is_found(string missing, string rule)
    {
        List<StoredEvent> events = await LogOfAsync("embedded", 4);
        events.Remove(events.First(e => e.Record.Type == missing && events.Any(
            o => o.Stream == e.Stream && o.Version > e.Version)));

        Assert.Equal(rule, Assert.Throws<Violation>(() => StoredLog.Check(events, true)).Rule);
    }

    [Fact]
    public async Task A_log_without_a_whole_stream_is_found()
    {
        List<StoredEvent> events = await LogOfAsync("embedded", 4);
        StreamId ended = events.First(e => e.Record.Type == "task-succeeded-1").Stream;
        events.RemoveAll(e => e.Stream == ended);

        Assert.Equal("outcome-is-the-tasks", Assert.Throws<Violation>(() => StoredLog.Check(events, true)).Rule);
    }

    private static string RuleOf(StoryOfAJob story) =>
        Assert.Throws<Violation>(() => StoredLog.Check(story.Events, isAtomic: true)).Rule;

    private static async Task<List<StoredEvent>> LogOfAsync(string engine, ulong seed)
    {
        Choice choice = CommandLine.Parse(["--engine", engine, "--pace", "minutes"]).Choice;
        World simulation = new(Plan.Draw(seed, [Fault.JobTrimmed], choice: choice));
        simulation.Run();
        List<StoredEvent> events = [];
        LogCursor cursor = LogCursor.Start;
        LogPage page;
        do
        {
            page = await simulation.Store.ReadLogAsync(cursor, 1_000, withAttachments: true, CancellationToken.None);
            events.AddRange(page.Events);
            cursor = page.Next;
        }
        while (!page.IsEnd);
        return events;
    }
}

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
    [InlineData("cluster", 3)]
    [InlineData("cluster", 26)]
    public async Task A_log_that_was_watched_reads_as_well_afterwards(string engine, ulong seed)
    {
        List<StoredEvent> events = await LogOfAsync(engine, seed);

        Assert.InRange(StoredLog.Check(events), 10, events.Count);
    }

    [Theory]
    [InlineData("task-leased-1", "chain-whole")]
    [InlineData("job-sealed-1", "chain-whole")]
    public async Task A_log_without_an_event_is_found(string missing, string rule)
    {
        List<StoredEvent> events = await LogOfAsync("embedded", 4);
        events.Remove(events.First(e => e.Record.Type == missing && events.Any(
            o => o.Stream == e.Stream && o.Version > e.Version)));

        Assert.Equal(rule, Assert.Throws<Violation>(() => StoredLog.Check(events)).Rule);
    }

    [Fact]
    public async Task A_log_without_a_whole_stream_is_found()
    {
        List<StoredEvent> events = await LogOfAsync("embedded", 4);
        StreamId ended = events.First(e => e.Record.Type == "task-succeeded-1").Stream;
        events.RemoveAll(e => e.Stream == ended);

        Assert.Equal("outcome-is-the-tasks", Assert.Throws<Violation>(() => StoredLog.Check(events)).Rule);
    }

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

using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.EventStore.Codec;
using Elasticity.EventStore.Contract;
using Elasticity.EventStore.Sqlite;
using Xunit;

namespace Elasticity.EventStore.Tests;

public sealed class OutcomeVerifierTests : SqliteTests
{
    private static readonly JobId Job = new("a");
    private static readonly StreamId JobStream = StreamNames.Of(Job);
    private static readonly StreamId First = StreamNames.Of(new TaskId(Job, 0));
    private static readonly StreamId Second = StreamNames.Of(new TaskId(Job, 1));

    [Fact]
    public async Task Outcomes_that_the_tasks_hold_fit()
    {
        await RecordAsync();

        VerifyReport report = await VerifyAsync();

        Assert.Equal((1L, 2L, true), (report.Streams, report.Events, report.IsSound));
    }

    [Theory]
    [InlineData("UPDATE events SET content = CAST(replace(content, 'outcomes', 'outcames') AS BLOB)")]
    [InlineData("UPDATE events SET content = CAST(replace(content, '{', '[') AS BLOB)")]
    [InlineData("UPDATE events SET content = substr(content, 2)")]
    [InlineData("UPDATE events SET type = 'job-outcomes-recorded-0'")]
    [InlineData("UPDATE events SET hash = zeroblob(31)")]
    public async Task What_cannot_be_read_is_named_and_the_rest_is_held_against_the_tasks(string sql)
    {
        await RecordAsync();
        Tamper($"{sql} WHERE stream = 'job/a' AND version = 1");

        VerifyReport report = await VerifyAsync();

        Assert.Equal((JobStream, 1L), Assert.Single(report.Faults.Select(f => (f.Stream, f.Version))));
        Assert.NotEmpty(report.Faults[0].Detail);
    }

    [Fact]
    public async Task A_task_that_cannot_be_read_is_named_once()
    {
        await RecordAsync();
        Tamper($"UPDATE events SET hash = zeroblob(31) WHERE stream = '{First.Value}'");

        VerifyFault fault = Assert.Single((await VerifyAsync()).Faults);

        Assert.Equal((First, 1L, VerifyDifference.Unreadable), (fault.Stream, fault.Version, fault.Difference));
    }

    [Fact]
    public async Task A_task_that_vanished_is_named()
    {
        await RecordAsync();
        Tamper($"DELETE FROM events WHERE stream = '{Second.Value}'");

        VerifyFault fault = Assert.Single((await VerifyAsync()).Faults);

        Assert.Equal((Second, 1L, VerifyDifference.Outcome), (fault.Stream, fault.Version, fault.Difference));
    }

    private async Task<VerifyReport> VerifyAsync()
    {
        await using SqliteEventStore store = await OpenToLookAsync();
        return await OutcomeVerifier.VerifyAsync(store, null, null, None);
    }

    /// <summary>A job that recorded what became of two tasks, one in each of its events.</summary>
    private Task RecordAsync() => WithStoreAsync(async store =>
    {
        List<OutcomeRecord> outcomes = [];
        foreach (StreamId task in (StreamId[])[First, Second])
        {
            EventRecord ended = EventCodec.Encode(
                task, StreamHead.None, new TaskEvent.Succeeded(DateTimeOffset.UnixEpoch, 1, Payload.None), default);
            StreamAppend append = new(task, StreamHead.None, Make.ShardOf(task), IsOpen: false, [ended]);
            await AppendAsync(store, append);
            outcomes.Add(new OutcomeRecord(outcomes.Count, 1, TaskOutcome.Succeeded, ended.Hash.ToString()));
        }

        StreamHead head = StreamHead.None;
        foreach (OutcomeRecord outcome in outcomes)
        {
            JobEvent.OutcomesRecorded recorded = new(DateTimeOffset.UnixEpoch, [outcome]);
            EventRecord stored = EventCodec.Encode(JobStream, head, recorded, default);
            StreamAppend next = new(JobStream, head, Make.ShardOf(JobStream), IsOpen: true, [stored]);
            head = await AppendAsync(store, next);
        }
    });
}

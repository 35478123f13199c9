using System.Collections.Immutable;
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
    private const long Recorded = 4; // The version of the first outcome.
    private static readonly DateTimeOffset At = DateTimeOffset.UnixEpoch;
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
        Tamper($"{sql} WHERE stream = 'job/a' AND version = {Recorded}");

        VerifyReport report = await VerifyAsync();

        Assert.Equal((JobStream, Recorded), Assert.Single(report.Faults.Select(f => (f.Stream, f.Version))));
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

    [Theory]
    [InlineData("3*2")]
    [InlineData("1 3")]
    [InlineData("nothing")]
    public async Task A_checkpoint_that_says_something_else_than_the_events_before_it_is_named(string statuses)
    {
        await RecordAsync(statuses);

        VerifyFault fault = Assert.Single((await VerifyAsync()).Faults);

        Assert.Equal(
            (JobStream, Recorded + 1, VerifyDifference.Checkpoint), (fault.Stream, fault.Version, fault.Difference));
    }

    [Fact]
    public async Task An_outcome_of_a_task_that_is_not_in_the_job_is_named()
    {
        await RecordAsync();
        Tamper($"UPDATE events SET content = CAST(replace(content, '\"index\":0', '\"index\":9') AS BLOB) "
            + $"WHERE stream = 'job/a' AND version = {Recorded}");

        Assert.Contains((JobStream, Recorded), (await VerifyAsync()).Faults.Select(f => (f.Stream, f.Version)));
    }

    private async Task<VerifyReport> VerifyAsync()
    {
        await using SqliteEventStore store = await OpenToLookAsync();
        return await OutcomeVerifier.VerifyAsync(store, null, null, None);
    }

    /// <summary>A job that recorded what became of two tasks, one in each of two events, and in between where it
    /// stood.</summary>
    private Task RecordAsync(string statuses = "3 1") => WithStoreAsync(async store =>
    {
        List<OutcomeRecord> outcomes = [];
        foreach (StreamId task in (StreamId[])[First, Second])
        {
            EventRecord ended = EventCodec.Encode(
                task, StreamHead.None, new TaskEvent.Succeeded(At, 1, Payload.None), default);
            StreamAppend append = new(task, StreamHead.None, Make.ShardOf(task), IsOpen: false, [ended]);
            await AppendAsync(store, append);
            outcomes.Add(new OutcomeRecord(outcomes.Count, 1, TaskOutcome.Succeeded, ended.Hash.ToString()));
        }

        JobHeader header = new("", JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty);
        TaskSpec spec = new() { Kind = "exec" };
        JobEvent[] events =
        [
            new JobEvent.Opened(At, header, new string('a', 64), 2),
            new JobEvent.TasksAdded(At, 0, [spec, spec], new string('a', 64)),
            new JobEvent.Sealed(At),
            new JobEvent.OutcomesRecorded(At, [outcomes[0]]),
            new JobEvent.Checkpointed(At, JobPhase.Open, false, statuses, null, null, []),
            new JobEvent.OutcomesRecorded(At, [outcomes[1]]),
        ];
        StreamHead head = StreamHead.None;
        foreach (JobEvent e in events)
        {
            EventRecord stored = EventCodec.Encode(JobStream, head, e, default);
            StreamAppend next = new(JobStream, head, Make.ShardOf(JobStream), IsOpen: true, [stored]);
            head = await AppendAsync(store, next);
        }
    });
}

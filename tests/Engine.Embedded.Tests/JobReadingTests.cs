using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine.Embedded.Tests.Support;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Xunit;

namespace Elasticity.Engine.Embedded.Tests;

/// <summary>Of a long stream of a job the beginning is read, and the end, from the last checkpoint on.</summary>
public sealed class JobReadingTests
{
    private const int TaskCount = 4_000;
    private const int BatchLength = 500;

    private static readonly JobId Job = new("job");
    private static readonly StreamId Stream = StreamNames.Of(Job);
    private static readonly Limits WithoutCheckpoints = new() { EventsPerCheckpointMin = int.MaxValue };

    [Fact]
    public async Task Every_version_is_the_fold_of_the_events_up_to_it()
    {
        await using InMemoryEventStore store = new(shardCount: 1);
        List<JobEvent> events = await WriteAsync(store, Limits.Default);
        Assert.Equal(4, events.Count(e => e is JobEvent.Checkpointed));
        StateReader reader = new(store);

        int checkpoint = events.FindLastIndex(e => e is JobEvent.Checkpointed) + 1;
        foreach (int version in (int[])[1, 5, 900, 1_500, checkpoint - 1, checkpoint, checkpoint + 1, events.Count])
        {
            (JobState state, StreamHead head) = await reader.JobAsync(Job, version, CancellationToken.None);
            Assert.Equal(version, head.Version);
            AssertSame(events.Take(version).Aggregate(JobState.None, JobDecider.Evolve), state);
        }

        Assert.Equal(
            await store.ReadHeadAsync(Stream, CancellationToken.None),
            (await reader.JobAsync(Job, long.MaxValue, CancellationToken.None)).Head);
    }

    [Fact]
    public async Task Of_a_long_stream_only_the_beginning_and_the_end_are_read()
    {
        await using InMemoryEventStore store = new(shardCount: 1);
        List<JobEvent> events = await WriteAsync(store, Limits.Default);
        JobState all = events.Aggregate(JobState.None, JobDecider.Evolve);
        ReadCounter counter = new(store);
        long near = JobDecider.CheckpointReach(all) + 1_000; // And a page for the beginning.

        (JobState one, _) = await new StateReader(counter).JobAsync(Job, long.MaxValue, CancellationToken.None);
        Assert.InRange(counter.EventsRead, 1, near);
        counter.EventsRead = 0;
        List<JobState> open = [];
        await foreach ((_, JobState state, _) in new StateReader(counter).OpenJobsAsync(CancellationToken.None))
        {
            open.Add(state);
        }

        Assert.InRange(counter.EventsRead, 1, near);
        Assert.True(near < events.Count);
        AssertSame(all, one);
        AssertSame(all, Assert.Single(open));
    }

    [Fact]
    public async Task A_stream_without_checkpoints_is_read_whole()
    {
        await using InMemoryEventStore store = new(shardCount: 1);
        List<JobEvent> events = await WriteAsync(store, WithoutCheckpoints);

        (JobState state, _) = await new StateReader(store).JobAsync(Job, long.MaxValue, CancellationToken.None);

        AssertSame(events.Aggregate(JobState.None, JobDecider.Evolve), state);
    }

    [Fact]
    public async Task A_checkpoint_of_another_job_is_corrupt()
    {
        await using InMemoryEventStore store = new(shardCount: 1);
        List<JobEvent> events = await WriteAsync(store, WithoutCheckpoints);
        StreamHead head = await store.ReadHeadAsync(Stream, CancellationToken.None);
        await AppendAsync(
            store, head, [new JobEvent.Checkpointed(events[0].At, JobPhase.Open, false, "1*3", null, null, [])]);

        EventStoreException e = await Assert.ThrowsAsync<EventStoreException>(
            () => new StateReader(store).JobAsync(Job, long.MaxValue, CancellationToken.None).AsTask());

        Assert.Equal("store-corrupt", e.Code);
        Assert.Contains($"Version {head.Version + 1} of job/job", e.Message, StringComparison.Ordinal);
    }

    private static void AssertSame(JobState expected, JobState actual)
    {
        Assert.Equal(
            Enumerable.Range(0, expected.Status.Count).Select(i => expected.Status[i]),
            Enumerable.Range(0, actual.Status.Count).Select(i => actual.Status[i]));
        Assert.Equal(expected.Runs.Order(), actual.Runs.Order());
        Assert.Equal(
            (expected.Version, expected.Phase, expected.Counts, expected.LastCheckpoint, expected.IsPaused),
            (actual.Version, actual.Phase, actual.Counts, actual.LastCheckpoint, actual.IsPaused));
    }

    /// <summary>A job whose outcomes come one by one; it is not done.</summary>
    private static async Task<List<JobEvent>> WriteAsync(InMemoryEventStore store, Limits limits)
    {
        DateTimeOffset at = DateTimeOffset.UnixEpoch;
        TaskSpec[] tasks = [.. Enumerable.Range(0, TaskCount).Select(_ => new TaskSpec { Kind = "exec" })];
        JobHeader header = new("", JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty);
        string digest = JobDigest.Of(JobPolicy.Default, tasks);
        IEnumerable<JobCommand> commands =
        [
            new JobCommand.Open(at, header, digest, TaskCount),
            .. tasks.Chunk(1_000).Select((c, i) => new JobCommand.AddTasks(at, 1_000 * i, [.. c])),
            new JobCommand.Seal(at),
            .. Enumerable.Range(0, TaskCount - 1).SelectMany(i => Outcome(at, i)),
        ];
        List<JobEvent> events = [];
        JobState state = JobState.None;
        foreach (JobCommand command in commands)
        {
            Decision<JobEvent> decision = JobDecider.Decide(Job, state, command, limits);
            Assert.Null(decision.Rejection);
            state = decision.Events.Aggregate(state, JobDecider.Evolve);
            events.AddRange(decision.Events);
        }

        StreamHead head = StreamHead.None;
        foreach (JobEvent[] batch in events.Chunk(BatchLength))
        {
            head = await AppendAsync(store, head, batch);
        }

        return events;
    }

    private static IEnumerable<JobCommand> Outcome(DateTimeOffset at, int index)
    {
        return index == 10
            ? [Record(TaskOutcome.DeadLettered, 1), new JobCommand.Redrive(at, index), Record(TaskOutcome.Succeeded, 2)]
            : [Record(TaskOutcome.Succeeded, 1)];

        JobCommand.RecordOutcomes Record(TaskOutcome outcome, int run) =>
            new(at, [new OutcomeRecord(index, run, outcome, new string('a', 64))]);
    }

    private static async Task<StreamHead> AppendAsync(InMemoryEventStore store, StreamHead head, JobEvent[] events)
    {
        (List<EventRecord> records, StreamHead next, _) = EventWriter.Write(
            head,
            JobState.None,
            events,
            static (h, e) => EventCodec.Encode(Stream, h, e, default),
            static (s, _) => s);
        AppendBatch batch = new(Guid.CreateVersion7(), [new StreamAppend(Stream, head, 0, IsOpen: true, records)], []);
        Assert.IsType<AppendResult.Appended>(await store.AppendAsync(batch, CancellationToken.None));
        return next;
    }
}

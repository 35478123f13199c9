using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;
using Elasticity.Engine.Contract;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Elasticity.Grains.Tests.Support;
using Xunit;
using StreamId = Elasticity.EventStore.StreamId;

namespace Elasticity.Grains.Tests;

/// <summary>What came to a job elsewhere is seen by an activation of its grain that knew nothing of it.</summary>
public sealed class StaleJobTests(ClusterPool pool) : IClassFixture<ClusterPool>, IAsyncLifetime
{
    private static readonly JobId Job = new("come-and-gone");
    private static readonly string Digest = new('d', 64);

    private static readonly JobHeader Header = new(
        "", JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty);

    private readonly WrappedFixture<InterruptedStore> _fixture = new(s => new InterruptedStore(s));
    private readonly CancellationTokenSource _timeout = new(TimeSpan.FromMinutes(3));
    private ClusterHarness? _cluster;

    private ClusterHarness Harness => _cluster!;

    private IJobGrain Grain => Harness.Grains.GetGrain<IJobGrain>(Job.Value);

    private int Shard => StreamNames.ShardOf(Job.Value, Harness.Store.ShardCount);

    public Task InitializeAsync()
    {
        _cluster = new ClusterHarness(pool, _fixture);
        return _cluster.StartAsync(new EngineSettings(Limits.Default, TimeSpan.FromMinutes(10)), _timeout.Token);
    }

    public async Task DisposeAsync()
    {
        await Harness.DisposeAsync();
        _timeout.Dispose();
    }

    [Fact]
    public async Task A_job_that_came_and_was_trimmed_elsewhere_is_not_unknown()
    {
        Assert.Equal(RejectionCode.JobUnknown, await RejectionOfAsync(new JobCommand.Resume(Harness.Now)));
        await LiveElsewhereAsync();

        Assert.Equal(RejectionCode.JobState, await RejectionOfAsync(new JobCommand.Resume(Harness.Now)));
    }

    [Fact]
    public async Task A_job_that_came_and_was_trimmed_elsewhere_need_not_be_trimmed_again()
    {
        Assert.Equal(RejectionCode.JobUnknown, await RejectionOfAsync(new JobCommand.Resume(Harness.Now)));
        await LiveElsewhereAsync();

        Reply<JobSummary> trimmed = await Grain.TrimAsync();
        Assert.Equal("cancelled", trimmed.Value?.State);
        Assert.Equal(Harness.Now, trimmed.Value?.TrimmedAt);
    }

    [Fact]
    public async Task A_task_of_a_trimmed_job_is_answered()
    {
        await LiveElsewhereAsync();
        ITaskGrain task = Harness.Grains.GetGrain<ITaskGrain>($"{Job}/0");

        TaskTold told = await task.CommandAsync(new TaskCommand.Expire(default, 1));

        Assert.Null(told.Rejection); // There is nothing that could expire.
    }

    /// <summary>What stands for it would be what it was.</summary>
    [Fact]
    public async Task A_job_that_changes_after_it_was_decided_on_is_not_trimmed_as_it_was()
    {
        TaskSpec[] tasks = [new() { Kind = "resize", Payload = Payload.None }];
        string digest = JobDigest.Of(Header.Policy, tasks);
        JobTold told = await Grain.CommandAsync(
        [
            new JobCommand.Open(default, Header, digest, 1),
            new JobCommand.AddTasks(default, 0, [.. tasks]),
            new JobCommand.Seal(default),
            new JobCommand.Cancel(default),
        ]);
        Assert.Null(told.Answer.Rejection);
        await Grain.RecordAsync([new OutcomeRecord(0, 1, TaskOutcome.Cancelled, string.Empty)]);
        _fixture.Opened!.OnRead = async () =>
            Assert.Null(await RejectionOfAsync(new JobCommand.ErasePayloads(default, null)));

        EngineUnavailableException refused = await Assert.ThrowsAsync<EngineUnavailableException>(Grain.TrimAsync);
        Assert.Equal("store-conflict", refused.Code);

        StreamHead head = await Harness.Store.ReadHeadAsync(StreamNames.Of(Job), _timeout.Token);
        Assert.Equal("cancelled", (await Grain.TrimAsync()).Value?.State);
        StoredEvent tombstone = Assert.Single(await Harness.Store.ReadStreamAsync(
            StreamNames.TombstoneOf(Job), 1, 10, withAttachments: false, _timeout.Token));
        JobEvent.Trimmed trimmed = Assert.IsType<JobEvent.Trimmed>(EventCodec.Default.DecodeJob(tombstone.Record));
        Assert.Equal(head.Hash.ToString(), trimmed.Head);
    }

    private async Task<string?> RejectionOfAsync(JobCommand command) =>
        (await Grain.CommandAsync([command])).Answer.Rejection?.Code;

    /// <summary>What another activation does when the job is opened, cancelled and trimmed.</summary>
    private async Task LiveElsewhereAsync()
    {
        StreamId stream = StreamNames.Of(Job);
        (JobState state, StreamHead head) = (JobState.None, StreamHead.None);
        foreach (JobCommand command in (JobCommand[])
            [new JobCommand.Open(Harness.Now, Header, Digest, 1), new JobCommand.Cancel(Harness.Now)])
        {
            ImmutableArray<JobEvent> events = JobDecider.Decide(Job, state, command, Limits.Default).Events;
            (List<EventRecord> records, StreamHead next, state) = EventWriter.Write(
                head, state, events, (h, e) => EventCodec.Encode(stream, h, e, default), JobDecider.Evolve);
            StreamAppend append = new(stream, head, Shard, state.IsOpen, records);
            Assert.IsType<AppendResult.Appended>(await Harness.Store.AppendAsync(
                new AppendBatch(Guid.NewGuid(), [append], [JobRows.Of(Job, state)]), _timeout.Token));
            head = next;
        }

        JobEvent trimmed = Assert.Single(JobDecider.Decide(
            Job, state, new JobCommand.Trim(Harness.Now, head.Hash.ToString()), Limits.Default).Events);
        await JobTrimmer.TrimAsync(
            Harness.Store, Job, head, Shard, state with { TrimmedAt = trimmed.At }, trimmed);
    }

    /// <summary>A store that lets something happen after it has looked at the head of a stream, once.</summary>
    private sealed class InterruptedStore : SwitchedStore
    {
        public InterruptedStore(IEventStore inner) => Inner = inner;

        public Func<Task>? OnRead { get; set; }

        public override async ValueTask<StreamHead> ReadHeadAsync(StreamId stream, CancellationToken cancellationToken)
        {
            StreamHead head = await base.ReadHeadAsync(stream, cancellationToken);
            if (OnRead is { } then)
            {
                OnRead = null;
                await then();
            }

            return head;
        }
    }
}

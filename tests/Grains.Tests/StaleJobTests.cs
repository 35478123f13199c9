using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
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

    private readonly ClusterHarness _harness = new(pool, new InMemoryFixture());
    private readonly CancellationTokenSource _timeout = new(TimeSpan.FromMinutes(3));

    private IJobGrain Grain => _harness.Grains.GetGrain<IJobGrain>(Job.Value);

    private int Shard => StreamNames.ShardOf(Job.Value, _harness.Store.ShardCount);

    public Task InitializeAsync() =>
        _harness.StartAsync(new EngineSettings(Limits.Default, TimeSpan.FromMinutes(10)), _timeout.Token);

    public async Task DisposeAsync()
    {
        await _harness.DisposeAsync();
        _timeout.Dispose();
    }

    [Fact]
    public async Task A_job_that_came_and_was_trimmed_elsewhere_is_not_unknown()
    {
        Assert.Equal(RejectionCode.JobUnknown, await RejectionOfAsync(new JobCommand.Resume(_harness.Now)));
        await LiveElsewhereAsync();

        Assert.Equal(RejectionCode.JobState, await RejectionOfAsync(new JobCommand.Resume(_harness.Now)));
        Reply<JobSummary> trimmed = await Grain.TrimAsync(); // It is trimmed already.
        Assert.Equal("cancelled", trimmed.Value?.State);
    }

    private async Task<string?> RejectionOfAsync(JobCommand command) =>
        (await Grain.CommandAsync([command])).Answer.Rejection?.Code;

    /// <summary>What another activation does when the job is opened, cancelled and trimmed.</summary>
    private async Task LiveElsewhereAsync()
    {
        StreamId stream = StreamNames.Of(Job);
        JobHeader header = new("", JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty);
        (JobState state, StreamHead head) = (JobState.None, StreamHead.None);
        foreach (JobCommand command in (JobCommand[])
            [new JobCommand.Open(_harness.Now, header, Digest, 1), new JobCommand.Cancel(_harness.Now)])
        {
            ImmutableArray<JobEvent> events = JobDecider.Decide(Job, state, command, Limits.Default).Events;
            (List<EventRecord> records, StreamHead next, state) = EventWriter.Write(
                head, state, events, (h, e) => EventCodec.Encode(stream, h, e, default), JobDecider.Evolve);
            StreamAppend append = new(stream, head, Shard, state.IsOpen, records);
            Assert.IsType<AppendResult.Appended>(await _harness.Store.AppendAsync(
                new AppendBatch(Guid.NewGuid(), [append], [JobRows.Of(Job, state)]), _timeout.Token));
            head = next;
        }

        JobEvent trimmed = Assert.Single(JobDecider.Decide(
            Job, state, new JobCommand.Trim(_harness.Now, head.Hash.ToString()), Limits.Default).Events);
        await JobTrimmer.TrimAsync(_harness.Store, Job, Shard, state with { TrimmedAt = trimmed.At }, trimmed);
    }
}

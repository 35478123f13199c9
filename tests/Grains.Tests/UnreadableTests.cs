using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;
using Elasticity.Engine.Contract;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Elasticity.Grains.Tests.Support;
using Orleans.Core.Internal;
using Xunit;
using StreamId = Elasticity.EventStore.StreamId;

namespace Elasticity.Grains.Tests;

/// <summary>A stream that cannot be read is told with its code, and concerns nobody else.</summary>
public sealed class UnreadableTests(ClusterPool pool) : IClassFixture<ClusterPool>, IAsyncLifetime
{
    private static readonly JobId Broken = new("broken");
    private static readonly JobId Whole = new("whole");
    private static readonly AgentId Agent = new("agent");
    private static readonly SessionId Session = new("session");
    private static readonly Settlement Done = new Settlement.Succeeded(Payload.FromJson("1"));

    private readonly ClusterHarness _harness = new(pool, new InMemoryFixture());
    private readonly CancellationTokenSource _timeout = new(TimeSpan.FromMinutes(3));

    private IElasticity Engine => _harness.Engine;

    public async Task InitializeAsync()
    {
        await _harness.StartAsync(new EngineSettings(Limits.Default, TimeSpan.FromMinutes(10)), _timeout.Token);
        foreach (JobId job in (JobId[])[Broken, Whole])
        {
            await SubmitAsync(job, new TaskSpec { Kind = "resize" });
        }

        AgentOffer offer = new(["resize"], 1, ImmutableSortedDictionary<string, string>.Empty, IsInProcess: false);
        await Engine.RegisterAsync(Agent, Session, offer, _timeout.Token);
    }

    public async Task DisposeAsync()
    {
        await _harness.DisposeAsync();
        _timeout.Dispose();
    }

    [Fact]
    public async Task Of_a_job_is_told_and_the_others_go_on()
    {
        await DamageAsync(StreamNames.Of(Broken), Broken.Value);
        await _harness.RestartAsync(_timeout.Token); // No grain remembers it.

        await IsCorruptAsync(async () => await Engine.CancelAsync(Broken, _timeout.Token));
        await IsCorruptAsync(async () => await Engine.TrimAsync(Broken, _timeout.Token));
        LeasedTask leased = Assert.Single(await LeaseAsync());
        Assert.Equal(Whole, leased.Task.Job);
        Assert.Null(Assert.Single(await SettleAsync(leased)));
        Assert.Equal("succeeded", (await Engine.GetJobAsync(Whole, null, _timeout.Token)).Value!.State);
    }

    [Fact]
    public async Task Of_a_job_that_a_queue_still_offers_keeps_nobody_from_the_others()
    {
        await DamageAsync(StreamNames.Of(Broken), Broken.Value);
        await ForgetAsync(_harness.Grains.GetGrain<IJobGrain>(Broken.Value));

        Assert.Equal(Whole, Assert.Single(await LeaseAsync()).Task.Job);

        // Its silo tells that once a second.
        while ((await _harness.Grains.GetGrain<IFrontGrain>(0).LookAsync()).Status.Undelivered == 0)
        {
            await Task.Delay(100, _timeout.Token);
        }
    }

    [Fact]
    public async Task Of_a_task_refuses_its_result_and_takes_the_others()
    {
        LeasedTask[] leased = await LeaseAsync();
        Assert.Equal(2, leased.Length);
        await DamageAsync(StreamNames.Of(new TaskId(Broken, 0)), Broken.Value);

        Rejection?[] verdicts = await SettleAsync(leased);

        Assert.Equal("store-corrupt", verdicts[Array.FindIndex(leased, l => l.Task.Job == Broken)]?.Code);
        Assert.Null(verdicts[Array.FindIndex(leased, l => l.Task.Job == Whole)]);
    }

    [Fact]
    public async Task Of_a_task_keeps_no_other_of_its_job_from_being_swept()
    {
        JobId pair = new("pair");
        TaskSpec spec = new() { Kind = "resize", LeaseLength = TimeSpan.FromSeconds(2) };
        await SubmitAsync(pair, spec, spec);
        Assert.Equal(4, (await LeaseAsync()).Length);
        await DamageAsync(StreamNames.Of(new TaskId(pair, 0)), pair.Value);
        await _harness.RestartAsync(_timeout.Token); // Only a sweep knows that the other is leased.

        await _harness.AdvanceAsync(TimeSpan.FromSeconds(5), _timeout.Token);

        Assert.Equal(new TaskId(pair, 1), Assert.Single(await LeaseAsync()).Task);
    }

    [Fact]
    public async Task Of_an_agent_is_told()
    {
        await DamageAsync(StreamNames.Of(Agent), Agent.Value);

        // It was read before.
        await IsCorruptAsync(async () => await Engine.CloseAsync(Agent, Session, _timeout.Token));
        await ForgetAsync(_harness.Grains.GetGrain<IAgentGrain>(Agent.Value));
        await IsCorruptAsync(() => LeaseAsync());
        await IsCorruptAsync(async () => await Engine.CloseAsync(Agent, Session, _timeout.Token));
    }

    private static async Task IsCorruptAsync(Func<Task> call)
    {
        EngineUnavailableException e = await Assert.ThrowsAsync<EngineUnavailableException>(call);
        Assert.Equal("store-corrupt", e.Code);
    }

    private static async Task ForgetAsync(IAddressable grain) =>
        await grain.AsReference<IGrainManagementExtension>().DeactivateOnIdle();

    private async Task SubmitAsync(JobId job, params ImmutableArray<TaskSpec> tasks)
    {
        JobHeader header = new("", JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty);
        Assert.Null((await Engine.SubmitAsync(new JobSubmission(job, header, tasks), _timeout.Token)).Rejection);
    }

    private async Task<LeasedTask[]> LeaseAsync()
    {
        LeaseRequest request = new(Agent, Session, Guid.NewGuid().ToString("N"), 10, TimeSpan.Zero);
        return [.. (await Engine.LeaseAsync(request, _timeout.Token)).Value!.Tasks];
    }

    private async Task<Rejection?[]> SettleAsync(params LeasedTask[] leased)
    {
        SettleRequest request = new(
            Agent, Session, [.. leased.Select(l => new TaskResult(l.Task, l.Token, Done))]);
        return [.. (await Engine.SettleAsync(request, _timeout.Token)).Value!.Results];
    }

    /// <summary>An event that hangs on the chain and is none.</summary>
    private async Task DamageAsync(StreamId stream, string id)
    {
        int shard = StreamNames.ShardOf(id, ClusterPool.ShardCount);
        StreamHead head = await _harness.Store.ReadHeadAsync(stream, _timeout.Token);
        StoredEvent last = (await _harness.Store.ReadStreamAsync(stream, head.Version, 1, false, _timeout.Token))[0];
        byte[] content = "{"u8.ToArray();
        Hash256 hash = HashChain.Link(
            stream, head.Version + 1, head.Hash, last.Record.Type, [], content, Attachments.Root(default));
        EventRecord record = new(last.Record.Type, default, content, default, hash);
        AppendBatch batch = new(Guid.CreateVersion7(), [new StreamAppend(stream, head, shard, true, [record])], []);
        Assert.IsType<AppendResult.Appended>(await _harness.Store.AppendAsync(batch, _timeout.Token));
    }
}

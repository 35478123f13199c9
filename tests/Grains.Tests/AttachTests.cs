using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Elasticity.Engine.Contract;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Elasticity.Grains.Tests.Support;
using Xunit;
using StreamId = Elasticity.EventStore.StreamId;

namespace Elasticity.Grains.Tests;

/// <summary>Two activations of an agent's grain: the one that was replaced takes no lease back.</summary>
public sealed class AttachTests(ClusterPool pool) : IClassFixture<ClusterPool>, IAsyncLifetime
{
    private static readonly AgentId Agent = new("twice");
    private static readonly SessionId Session = new("first");
    private static readonly TaskId Task0 = new(new JobId("attach"), 0);

    private readonly ClusterHarness _harness = new(pool, new InMemoryFixture());
    private readonly CancellationTokenSource _timeout = new(TimeSpan.FromMinutes(3));

    public Task InitializeAsync() =>
        _harness.StartAsync(new EngineSettings(Limits.Default, TimeSpan.FromMinutes(10)), _timeout.Token);

    public async Task DisposeAsync()
    {
        await _harness.DisposeAsync();
        _timeout.Dispose();
    }

    [Fact]
    public async Task An_activation_that_was_replaced_takes_no_lease_back_and_the_next_one_does()
    {
        TimeSpan length = TimeSpan.FromSeconds(2);
        await LeaseAsync(length);
        IAgentGrain grain = _harness.Grains.GetGrain<IAgentGrain>(Agent.Value);

        await AttachAnotherAsync();
        pool.Time.Advance(length * 2);
        Assert.Empty(await grain.TickAsync());
        Assert.Equal(["task-leased-1"], await TypesAsync(StreamNames.Of(Task0)));

        // What is called from now on is another activation. It learns of the lease, with grace, and of its end.
        await _harness.RestartAsync(_timeout.Token);
        for (int i = 0; (await TypesAsync(StreamNames.Of(Task0))).Length == 1; i++)
        {
            Assert.True(i < 10, "The lease is not taken back.");
            await _harness.AdvanceAsync(length, _timeout.Token);
        }

        string[] agent = await TypesAsync(StreamNames.Of(Agent));
        Assert.Equal(["agent-registered-1", "agent-attached-1", "agent-attached-1"], agent.Take(3));
    }

    private async Task LeaseAsync(TimeSpan length)
    {
        JobHeader header = new("", JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty);
        TaskSpec spec = new() { Kind = "resize", LeaseLength = length };
        await _harness.Engine.SubmitAsync(new JobSubmission(Task0.Job, header, [spec]), _timeout.Token);
        AgentOffer offer = new(["resize"], 1, ImmutableSortedDictionary<string, string>.Empty, IsInProcess: false);
        await _harness.Engine.RegisterAsync(Agent, Session, offer, _timeout.Token);
        Reply<LeaseGrant> lease = await _harness.Engine.LeaseAsync(
            new LeaseRequest(Agent, Session, "r", 1, TimeSpan.Zero), _timeout.Token);
        Assert.Single(lease.Value!.Tasks);
    }

    /// <summary>What another activation does first.</summary>
    private async Task AttachAnotherAsync()
    {
        StreamId stream = StreamNames.Of(Agent);
        (AgentState state, StreamHead head) = await new StateReader(_harness.Store).AgentAsync(Agent, _timeout.Token);
        AgentEvent attached = Assert.Single(AgentDecider.Decide(
            Agent, state, new AgentCommand.Attach(_harness.Now), Limits.Default).Events);
        StreamAppend append = new(
            stream,
            head,
            StreamNames.ShardOf(Agent.Value, _harness.Store.ShardCount),
            IsOpen: true,
            [EventCodec.Encode(stream, head, attached, default)]);
        Assert.IsType<AppendResult.Appended>(await _harness.Store.AppendAsync(
            new AppendBatch(Guid.NewGuid(), [append], []), _timeout.Token));
    }

    private async Task<string[]> TypesAsync(StreamId stream) =>
    [
        .. (await _harness.Store.ReadStreamAsync(stream, 1, 10, withAttachments: false, _timeout.Token))
            .Select(e => e.Record.Type),
    ];
}

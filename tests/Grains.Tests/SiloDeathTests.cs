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

/// <summary>What the death of a silo means, apart from what the contract says.</summary>
public sealed class SiloDeathTests(ClusterPool pool) : IClassFixture<ClusterPool>, IAsyncLifetime
{
    private static readonly JobId Job = new("nightly");
    private static readonly AgentId Agent = new("inside");
    private static readonly AgentId Other = new("other");
    private static readonly SessionId Session = new("first");
    private static readonly AgentOffer Offer = new(
        ["resize"], 1, ImmutableSortedDictionary<string, string>.Empty, IsInProcess: false);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ClusterHarness _harness = new(pool, new InMemoryFixture());
    private readonly CancellationTokenSource _timeout = new(TimeSpan.FromMinutes(3));
    private int _requests;

    public Task InitializeAsync() =>
        _harness.StartAsync(new EngineSettings(Limits.Default, TimeSpan.FromMinutes(10)), _timeout.Token);

    public async Task DisposeAsync()
    {
        await _harness.DisposeAsync();
        _timeout.Dispose();
    }

    [Fact]
    public async Task Leases_of_an_agent_in_a_silo_that_dies_come_back_at_once()
    {
        (IElasticity inside, Func<Task> killAsync) = _harness.InsideASilo();
        await SubmitAsync();
        await inside.RegisterAsync(Agent, Session, Offer with { IsInProcess = true }, _timeout.Token);
        await _harness.Engine.RegisterAsync(Other, Session, Offer, _timeout.Token);
        Assert.Single(await LeaseAsync(inside, Agent));

        await killAsync(); // The clock of the engine stands still: no lease runs out.

        string reason = await LostReasonAsync(StreamNames.Of(new TaskId(Job, 0)));
        Assert.Equal("process-dead", reason);
        while ((await LeaseAsync(_harness.Engine, Other)).IsEmpty)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), _timeout.Token);
        }
    }

    /// <summary>The agent's grain has stored it, and whoever was to take the leases back has died.</summary>
    [Fact]
    public async Task What_a_sweep_takes_back_of_a_session_that_has_ended_is_leased_to_others_at_once()
    {
        await SubmitAsync();
        await _harness.Engine.RegisterAsync(Agent, Session, Offer, _timeout.Token);
        await _harness.Engine.RegisterAsync(Other, Session, Offer, _timeout.Token);
        LeasedTask task = Assert.Single(await LeaseAsync(_harness.Engine, Agent));
        await _harness.Grains.GetGrain<IAgentGrain>(Agent.Value)
            .CommandAsync(new AgentCommand.EndSession(default, Session, "closed"));
        Assert.Empty(await LeaseAsync(_harness.Engine, Other));

        await _harness.SweepAsync();

        LeasedTask again = Assert.Single(await LeaseAsync(_harness.Engine, Other));
        Assert.Equal((task.Task, task.Token + 1), (again.Task, again.Token));
    }

    private async Task SubmitAsync() => await _harness.Engine.SubmitAsync(
        new JobSubmission(
            Job,
            new JobHeader("", JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty),
            [new TaskSpec { Kind = "resize", LeaseLength = TimeSpan.FromHours(1) }]),
        _timeout.Token);

    private async Task<ImmutableArray<LeasedTask>> LeaseAsync(IElasticity port, AgentId agent)
    {
        Reply<LeaseGrant> lease = await port.LeaseAsync(
            new LeaseRequest(agent, Session, $"r-{++_requests}", 1, TimeSpan.Zero), _timeout.Token);
        return lease.Value!.Tasks;
    }

    private async Task<string> LostReasonAsync(StreamId stream)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(_timeout.Token);
        patience.CancelAfter(Patience);
        while (true)
        {
            IReadOnlyList<StoredEvent> events = await _harness.Store.ReadStreamAsync(
                stream, 1, 10, withAttachments: false, patience.Token);
            if (events.Count > 1)
            {
                Assert.Equal("task-lost-1", events[1].Record.Type);
                return System.Text.Json.JsonDocument.Parse(events[1].Record.Content).RootElement
                    .GetProperty("reason").GetString()!;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
        }
    }
}

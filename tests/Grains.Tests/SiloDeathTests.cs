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
    private static readonly SessionId Session = new("first");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

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
    public async Task Leases_of_an_agent_in_a_silo_that_dies_come_back_at_once()
    {
        (IElasticity inside, Func<Task> killAsync) = _harness.InsideASilo();
        await _harness.Engine.SubmitAsync(
            new JobSubmission(
                Job,
                new JobHeader("", JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty),
                [new TaskSpec { Kind = "resize", LeaseLength = TimeSpan.FromHours(1) }]),
            _timeout.Token);
        await inside.RegisterAsync(
            Agent,
            Session,
            new AgentOffer(["resize"], 1, ImmutableSortedDictionary<string, string>.Empty, IsInProcess: true),
            _timeout.Token);
        Reply<LeaseGrant> lease = await inside.LeaseAsync(
            new LeaseRequest(Agent, Session, "r", 1, TimeSpan.Zero), _timeout.Token);
        Assert.Single(lease.Value!.Tasks);

        await killAsync(); // The clock of the engine stands still: no lease runs out.

        string reason = await LostReasonAsync(StreamNames.Of(new TaskId(Job, 0)));
        Assert.Equal("process-dead", reason);
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

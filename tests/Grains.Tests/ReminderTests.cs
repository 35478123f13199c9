using System.Collections.Immutable;
using Elasticity.Client;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Microsoft.Extensions.Logging;
using Orleans.TestingHost;
using Xunit;

namespace Elasticity.Grains.Tests;

/// <summary>Nobody calls, no timer runs and no silo starts: what is left are the reminders.</summary>
public sealed class ReminderTests : IAsyncLifetime
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TaskId Task0 = new(new JobId("nightly"), 0);
    private static readonly AgentId Agent = new("worker");
    private static readonly SessionId Session = new("first");

    private readonly InMemoryEventStore _store = new();
    private readonly InProcessTestCluster _silo;
    private readonly CancellationTokenSource _timeout = new(Patience);

    public ReminderTests()
    {
        InProcessTestClusterBuilder builder = new(1);
        builder.ConfigureHost(host => host.Logging.SetMinimumLevel(LogLevel.Error));
        builder.ConfigureSilo((_, silo) => silo
            .UseInMemoryReminderService()
            .Configure<ReminderOptions>(o => o.MinimumReminderPeriod = Interval)
            .AddElasticityGrains(
                _ => _store,
                new GrainsOptions { SweepInterval = Timeout.InfiniteTimeSpan, ReminderInterval = Interval }));
        builder.ConfigureClient(client => client.Services.AddElasticityWire());
        _silo = builder.Build();
    }

    public Task InitializeAsync() => _silo.DeployAsync(_timeout.Token);

    public async Task DisposeAsync()
    {
        await _silo.DisposeAsync();
        await _store.DisposeAsync();
        _timeout.Dispose();
    }

    [Fact]
    public async Task A_lease_that_no_grain_in_memory_knows_of_ends_all_the_same()
    {
        await LeaseAsync();
        await EmptyAsync();

        // Lost, not expired: it was never renewed where it is minded now.
        Assert.Equal(["task-leased-1", "task-lost-1"], await EventsAsync(2));
    }

    private async Task LeaseAsync()
    {
        await using OrleansElasticity engine = new(
            _silo.Client, new OrleansClientOptions { StatusInterval = Timeout.InfiniteTimeSpan });
        await engine.SubmitAsync(
            new JobSubmission(
                Task0.Job,
                new JobHeader("", JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty),
                [new TaskSpec { Kind = "resize", LeaseLength = Interval }]),
            _timeout.Token);
        await engine.RegisterAsync(
            Agent,
            Session,
            new AgentOffer(["resize"], 1, ImmutableSortedDictionary<string, string>.Empty, IsInProcess: false),
            _timeout.Token);
        Reply<LeaseGrant> lease = await engine.LeaseAsync(
            new LeaseRequest(Agent, Session, "r", 1, Interval), _timeout.Token);
        Assert.Single(lease.Value!.Tasks);
    }

    /// <summary>Has every grain leave memory, and so forget the lease, before it is over.</summary>
    private async Task EmptyAsync()
    {
        IManagementGrain management = _silo.Client.GetGrain<IManagementGrain>(0);
        SimpleGrainStatistic[] left;
        do
        {
            await management.ForceActivationCollection(TimeSpan.Zero);
            left = await management.GetSimpleGrainStatistics();
        }
        while (left.Any(s => s.GrainType.Contains("AgentGrain", StringComparison.Ordinal) && s.ActivationCount > 0));
        Assert.Equal(["task-leased-1"], await EventsAsync(1));
    }

    private async Task<string[]> EventsAsync(int count)
    {
        while (true)
        {
            IReadOnlyList<StoredEvent> events = await _store.ReadStreamAsync(
                StreamNames.Of(Task0), 1, 10, withAttachments: false, _timeout.Token);
            if (events.Count >= count)
            {
                return [.. events.Select(e => e.Record.Type)];
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), _timeout.Token);
        }
    }
}

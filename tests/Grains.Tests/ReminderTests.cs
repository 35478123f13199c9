using System.Collections.Immutable;
using Elasticity.Client;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Elasticity.Grains.Tests.Support;
using Xunit;

namespace Elasticity.Grains.Tests;

/// <summary>Nobody calls, no timer runs and no silo starts: what is left are the reminders.</summary>
public sealed class ReminderTests : IAsyncLifetime
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TaskId Task0 = new(new JobId("nightly"), 0);
    private static readonly AgentId Agent = new("worker");
    private static readonly SessionId Session = new("first");

    private readonly OneSilo _silo = new(
        new GrainsOptions { SweepInterval = Timeout.InfiniteTimeSpan, ReminderInterval = Interval },
        silo => silo.UseInMemoryReminderService()
            .Configure<ReminderOptions>(o => o.MinimumReminderPeriod = Interval));

    public Task InitializeAsync() => _silo.StartAsync();

    public async Task DisposeAsync() => await _silo.DisposeAsync();

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
            _silo.Timeout);
        await engine.RegisterAsync(
            Agent,
            Session,
            new AgentOffer(["resize"], 1, ImmutableSortedDictionary<string, string>.Empty, IsInProcess: false),
            _silo.Timeout);
        Reply<LeaseGrant> lease = await engine.LeaseAsync(
            new LeaseRequest(Agent, Session, "r", 1, Interval), _silo.Timeout);
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
            IReadOnlyList<StoredEvent> events = await _silo.Store.ReadStreamAsync(
                StreamNames.Of(Task0), 1, 10, withAttachments: false, _silo.Timeout);
            if (events.Count >= count)
            {
                return [.. events.Select(e => e.Record.Type)];
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), _silo.Timeout);
        }
    }
}

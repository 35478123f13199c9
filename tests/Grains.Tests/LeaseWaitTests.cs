using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Elasticity.Engine.Contract;
using Elasticity.Grains.Tests.Support;
using Xunit;

namespace Elasticity.Grains.Tests;

/// <summary>Lease requests that wait at several queues, and those that are given up.</summary>
public sealed class LeaseWaitTests(ClusterPool pool) : IClassFixture<ClusterPool>, IAsyncLifetime
{
    private static readonly AgentId Agent = new("waits");
    private static readonly SessionId Session = new("first");
    private static readonly string[] Queues = ["a", "b"];

    private readonly ClusterHarness _harness = new(pool, new InMemoryFixture());
    private readonly CancellationTokenSource _timeout = new(TimeSpan.FromMinutes(3));

    public async Task InitializeAsync()
    {
        await _harness.StartAsync(new EngineSettings(Limits.Default, TimeSpan.FromMinutes(10)), _timeout.Token);
        AgentOffer offer = new([.. Queues], 1, ImmutableSortedDictionary<string, string>.Empty, IsInProcess: false);
        Assert.True((await _harness.Engine.RegisterAsync(Agent, Session, offer, _timeout.Token)).IsAccepted);
    }

    public async Task DisposeAsync()
    {
        await _harness.DisposeAsync();
        _timeout.Dispose();
    }

    [Fact]
    public async Task Who_was_woken_by_one_queue_for_nothing_waits_at_all_of_them_again()
    {
        Task<Reply<LeaseGrant>> waiting = LeaseAsync("r", TimeSpan.FromSeconds(60));
        Guid ticket = await WaitsAtAllAsync();

        await Queue("a").AbandonAsync(ticket); // As when somebody else took the task that it was woken for.
        Assert.Equal(ticket, await WaitsAtAllAsync());

        await SubmitAsync("late", "b");
        Assert.Single((await waiting).Value!.Tasks);
    }

    [Fact]
    public async Task Who_was_woken_by_two_queues_and_wants_one_task_leaves_the_other_to_the_next()
    {
        Task<Reply<LeaseGrant>> one = LeaseAsync("one", TimeSpan.FromSeconds(60));
        await WaitsAtAllAsync(1);
        Task<Reply<LeaseGrant>> two = LeaseAsync("two", TimeSpan.FromSeconds(60));
        await WaitsAtAllAsync(2);

        await SubmitAsync("both", "a", "b"); // No tick follows.

        Assert.Single((await one).Value!.Tasks);
        Assert.Single((await two).Value!.Tasks);
    }

    [Fact]
    public async Task A_request_that_was_given_up_once_it_was_served_is_given_the_same_again()
    {
        await SubmitAsync("job", "a");
        LeasedTask served = Assert.Single((await LeaseAsync("r", TimeSpan.Zero)).Value!.Tasks);

        // The connection broke before the answer was read.
        await _harness.Grains.GetGrain<IFrontGrain>(0).AbandonLeaseAsync(Agent, Session, "r");

        LeasedTask again = Assert.Single((await LeaseAsync("r", TimeSpan.Zero)).Value!.Tasks);
        Assert.Equal((served.Task, served.Token), (again.Task, again.Token));
    }

    [Fact]
    public async Task A_queue_that_leaves_memory_is_not_called_back_by_whoever_looks_at_all_queues()
    {
        await Queue("a").LookAsync();
        Assert.Contains("a", await ListedAsync());

        pool.Time.Advance(TimeSpan.FromMinutes(6));
        await Queue("a").TickAsync();

        Assert.DoesNotContain("a", await ListedAsync());
    }

    private async Task<ImmutableArray<string>> ListedAsync() =>
        (await _harness.Grains.GetGrain<IRegistryGrain>(0).LookAsync()).Queues;

    private IQueueGrain Queue(string key) => _harness.Grains.GetGrain<IQueueGrain>(key);

    /// <summary>Waits until as many wait at every queue at the same time; the ticket of the first.</summary>
    private async Task<Guid> WaitsAtAllAsync(int count = 1)
    {
        while (true)
        {
            QueueLook[] looks = await Task.WhenAll(Queues.Select(q => Queue(q).LookAsync()));
            if (looks.All(l => l.Waiting.Length == count))
            {
                return looks[0].Waiting[0];
            }

            await Task.Delay(1, _timeout.Token);
        }
    }

    private async Task SubmitAsync(string job, params string[] kinds)
    {
        JobHeader header = new("", JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty);
        Assert.True((await _harness.Engine.SubmitAsync(
            new JobSubmission(new JobId(job), header, [.. kinds.Select(k => new TaskSpec { Kind = k })]),
            _timeout.Token)).IsAccepted);
    }

    private Task<Reply<LeaseGrant>> LeaseAsync(string request, TimeSpan wait) => _harness.Engine
        .LeaseAsync(new LeaseRequest(Agent, Session, request, 1, wait), _timeout.Token).AsTask();
}

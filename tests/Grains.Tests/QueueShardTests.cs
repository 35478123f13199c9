using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Elasticity.Engine.Contract;
using Elasticity.Grains.Tests.Support;
using Xunit;

namespace Elasticity.Grains.Tests;

/// <summary>A kind whose queue is held by several grains looks like one.</summary>
public sealed class QueueShardTests(ClusterPool pool) : IClassFixture<ClusterPool>, IAsyncLifetime
{
    private const string Kind = "hot";
    private const int Jobs = 12;
    private const int TasksPerJob = 5;

    private static readonly AgentId Agent = new("sharded");
    private static readonly SessionId Session = new("first");

    private readonly ClusterHarness _harness = new(pool, new InMemoryFixture(), queueShards: 4);
    private readonly CancellationTokenSource _timeout = new(TimeSpan.FromMinutes(3));

    public async Task InitializeAsync()
    {
        await _harness.StartAsync(new EngineSettings(Limits.Default, TimeSpan.FromMinutes(10)), _timeout.Token);
        AgentOffer offer = new([Kind], 1, ImmutableSortedDictionary<string, string>.Empty, IsInProcess: false);
        Assert.True((await _harness.Engine.RegisterAsync(Agent, Session, offer, _timeout.Token)).IsAccepted);
    }

    public async Task DisposeAsync()
    {
        await _harness.DisposeAsync();
        _timeout.Dispose();
    }

    [Fact]
    public async Task Every_task_of_every_shard_is_leased_once()
    {
        for (int i = 0; i < Jobs; i++)
        {
            await SubmitAsync($"job-{i}", TasksPerJob);
        }

        QueueView queue = Assert.Single(await _harness.Engine.ListQueuesAsync(_timeout.Token));
        Assert.Equal((Kind, Jobs * TasksPerJob), (queue.Kind, queue.Ready));

        ImmutableArray<LeasedTask> leased = await LeaseAsync("all", TimeSpan.Zero);
        Assert.Equal(Jobs * TasksPerJob, leased.Select(t => t.Task).Distinct().Count());
        Assert.Empty(await LeaseAsync("none", TimeSpan.Zero));
    }

    [Fact]
    public async Task A_wait_is_woken_by_a_task_in_any_shard()
    {
        for (int i = 0; i < Jobs; i++)
        {
            Task<ImmutableArray<LeasedTask>> waiting = LeaseAsync($"wait-{i}", TimeSpan.FromSeconds(60));
            await SubmitAsync($"job-{i}", 1);
            Assert.Equal($"job-{i}", Assert.Single(await waiting).Task.Job.Value);
        }
    }

    [Fact]
    public async Task A_paused_job_waits_in_its_shard()
    {
        for (int i = 0; i < Jobs; i++)
        {
            await SubmitAsync($"job-{i}", 1);
            if (i % 2 == 0)
            {
                await _harness.Engine.PauseAsync(new JobId($"job-{i}"), _timeout.Token);
            }
        }

        Assert.Equal(Jobs / 2, (await LeaseAsync("running", TimeSpan.Zero)).Length);
        await _harness.Engine.ResumeAsync(new JobId("job-0"), _timeout.Token);
        Assert.Equal("job-0", Assert.Single(await LeaseAsync("resumed", TimeSpan.Zero)).Task.Job.Value);
    }

    private async Task SubmitAsync(string job, int tasks)
    {
        JobHeader header = new("", JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty);
        TaskSpec[] specs = [.. Enumerable.Repeat(new TaskSpec { Kind = Kind }, tasks)];
        Assert.True((await _harness.Engine.SubmitAsync(
            new JobSubmission(new JobId(job), header, specs), _timeout.Token)).IsAccepted);
    }

    private async Task<ImmutableArray<LeasedTask>> LeaseAsync(string request, TimeSpan wait)
    {
        Reply<LeaseGrant> reply = await _harness.Engine.LeaseAsync(
            new LeaseRequest(Agent, Session, request, 100, wait), _timeout.Token);
        Assert.True(reply.IsAccepted, reply.Rejection?.Detail);
        return reply.Value.Tasks;
    }
}

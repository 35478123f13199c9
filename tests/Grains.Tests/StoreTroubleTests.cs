using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Elasticity.Engine.Contract;
using Elasticity.EventStore;
using Elasticity.Grains.Tests.Support;
using Xunit;

namespace Elasticity.Grains.Tests;

/// <summary>A store that fails is told with its code, and what it failed for can be done once it is back.</summary>
public sealed class StoreTroubleTests(ClusterPool pool) : IClassFixture<ClusterPool>, IAsyncLifetime
{
    private static readonly JobId Job = new("nightly");

    private readonly WrappedFixture<FailingStore> _fixture = new(s => new FailingStore(s));
    private readonly CancellationTokenSource _timeout = new(TimeSpan.FromMinutes(3));
    private ClusterHarness? _harness;

    private IElasticity Engine => _harness!.Engine;

    private FailingStore Store => _fixture.Opened!;

    public Task InitializeAsync()
    {
        _harness = new ClusterHarness(pool, _fixture) { RetryFor = TimeSpan.FromSeconds(1) };
        return _harness.StartAsync(new EngineSettings(Limits.Default, TimeSpan.FromMinutes(10)), _timeout.Token);
    }

    public async Task DisposeAsync()
    {
        await _harness!.DisposeAsync();
        _timeout.Dispose();
    }

    [Theory]
    [InlineData("store-full", false)]
    [InlineData("store-unavailable", true)]
    public async Task A_command_that_could_not_be_stored_is_carried_out_when_it_is_given_again(
        string code, bool isTransient)
    {
        JobHeader header = new("", JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty);
        await Engine.SubmitAsync(new JobSubmission(Job, header, [new TaskSpec { Kind = "resize" }]), _timeout.Token);

        Store.Failure = new EventStoreException(code, "It failed.", isTransient);
        EngineUnavailableException e = await Assert.ThrowsAsync<EngineUnavailableException>(
            async () => await Engine.PauseAsync(Job, _timeout.Token));
        Assert.Equal(code, e.Code);

        Store.Failure = null;
        Reply<JobSummary> paused = await Engine.PauseAsync(Job, _timeout.Token);
        Assert.True(paused.Value!.IsPaused);
    }
}

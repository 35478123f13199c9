using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Engine.Embedded.Core;
using Elasticity.EventStore;
using Xunit;

namespace Elasticity.Engine.Embedded.Tests;

/// <summary>An engine that holds as many open jobs as it may.</summary>
public sealed class OpenJobsTests : IAsyncLifetime
{
    private readonly InMemoryEventStore _store = new();
    private EmbeddedEngine _engine = null!;

    public async Task InitializeAsync()
    {
        _engine = await EmbeddedEngine.StartAsync(
            _store, new EngineOptions { Core = new CoreOptions { OpenJobsMax = 1 } });
        Assert.True((await SubmitAsync("first")).Value!.IsNew);
    }

    public async Task DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task One_more_job_is_refused() =>
        Assert.Equal("limit-exceeded", (await SubmitAsync("second")).Rejection!.Code);

    [Fact]
    public async Task The_same_job_once_more_is_accepted() => Assert.False((await SubmitAsync("first")).Value!.IsNew);

    [Fact]
    public async Task Steering_a_job_that_does_not_exist_is_told_so() =>
        Assert.Equal("job-unknown", (await _engine.CancelAsync(new JobId("second"), default)).Rejection!.Code);

    private ValueTask<Reply<SubmitReceipt>> SubmitAsync(string id) => _engine.SubmitAsync(
        new JobSubmission(
            new JobId(id),
            new JobHeader(id, JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty),
            [new TaskSpec { Kind = "noop", Payload = Payload.None }]),
        default);
}

using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Xunit;

namespace Elasticity.Engine.Embedded.Tests;

/// <summary>What trimming removes and what it keeps.</summary>
public sealed class TrimTests : IAsyncLifetime
{
    private static readonly JobId Job = new("nightly");
    private static readonly AgentId Agent = new("a");
    private static readonly SessionId Session = new("s");

    private readonly InMemoryEventStore _store = new();
    private EmbeddedEngine _engine = null!;

    public async Task InitializeAsync() => _engine = await EmbeddedEngine.StartAsync(_store);

    public async Task DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task A_trimmed_job_leaves_a_tombstone_and_none_of_its_streams()
    {
        await RunAsync();

        Reply<JobSummary> reply = await _engine.TrimAsync(Job, default);

        Assert.Null(reply.Rejection);
        IReadOnlyList<StreamInfo> left = await _store.ListStreamsAsync("", null, 100, default);
        Assert.DoesNotContain(left, s => s.Stream.Value.StartsWith("job/", StringComparison.Ordinal));
        Assert.DoesNotContain(left, s => s.Stream.Value.StartsWith("task/", StringComparison.Ordinal));
        Assert.Contains(left, s => s.Stream == StreamNames.TombstoneOf(Job));
    }

    [Fact]
    public async Task A_trimmed_job_is_still_known()
    {
        await RunAsync();
        JobSummary before = (await _engine.GetJobAsync(Job, null, default)).Value!;
        await _engine.TrimAsync(Job, default);

        Assert.Equal(before.Counts, (await _engine.GetJobAsync(Job, null, default)).Value!.Counts);
        Assert.Empty((await _engine.ListTasksAsync(Job, new TaskQuery(), null, 10, default)).Value!.Items);
        Assert.Equal(
            "task-unknown", (await _engine.GetTaskAsync(new TaskId(Job, 0), null, false, default)).Rejection!.Code);
    }

    [Fact]
    public async Task Submitting_a_trimmed_job_again_is_harmless()
    {
        await RunAsync();
        await _engine.TrimAsync(Job, default);

        Reply<SubmitReceipt> again = await SubmitAsync();

        Assert.False(again.Value!.IsNew);
        Assert.Equal("succeeded", again.Value.Job.State);
        Assert.Empty((await LeaseAsync()).Tasks);
    }

    [Fact]
    public async Task A_trimmed_job_cannot_be_redriven()
    {
        await RunAsync();
        await _engine.TrimAsync(Job, default);

        Assert.Equal("job-state", (await _engine.RedriveAsync(Job, null, null, default)).Rejection!.Code);
    }

    [Fact]
    public async Task A_job_that_has_not_ended_is_not_trimmed()
    {
        await SubmitAsync();

        Assert.Equal("job-state", (await _engine.TrimAsync(Job, default)).Rejection!.Code);
        Assert.Equal("job-unknown", (await _engine.TrimAsync(new JobId("other"), default)).Rejection!.Code);
    }

    [Fact]
    public async Task Trimming_twice_changes_nothing()
    {
        await RunAsync();
        await _engine.TrimAsync(Job, default);

        Assert.Null((await _engine.TrimAsync(Job, default)).Rejection);
    }

    [Fact]
    public async Task A_late_result_for_a_trimmed_job_is_refused_and_the_engine_goes_on()
    {
        await RunAsync();
        await _engine.TrimAsync(Job, default);

        Reply<SettleAnswer> late = await _engine.SettleAsync(
            new SettleRequest(
                Agent, Session, [new TaskResult(new TaskId(Job, 0), 1, new Settlement.GivenBack())]), default);

        Assert.Equal("lease-lost", late.Value!.Results[0]!.Code);
        Assert.Equal("serving", _engine.GetStatus().State);
    }

    [Fact]
    public async Task The_list_of_jobs_still_shows_a_trimmed_job_when_it_was_rebuilt()
    {
        await RunAsync();
        await _engine.TrimAsync(Job, default);
        await _engine.DisposeAsync();
        await _store.Jobs.ClearAsync(default);
        Assert.True(_store.Jobs.NeedsRebuild);

        _engine = await EmbeddedEngine.StartAsync(_store);

        JobSummary shown = Assert.Single(
            (await _engine.ListJobsAsync(new JobFilter(), null, 10, default)).Value!.Items);
        Assert.Equal(("succeeded", 3), (shown.State, shown.TaskCount));
    }

    private async Task RunAsync()
    {
        await SubmitAsync();
        await _engine.RegisterAsync(
            Agent, Session, new AgentOffer(
                ["noop"], 1, ImmutableSortedDictionary<string, string>.Empty, false), default);
        LeaseGrant grant = await LeaseAsync();
        ImmutableArray<TaskResult> results =
            [.. grant.Tasks.Select(
                t => new TaskResult(t.Task, t.Token, new Settlement.Succeeded(Payload.FromJson("1"))))];
        await _engine.SettleAsync(new SettleRequest(Agent, Session, results), default);
    }

    private ValueTask<Reply<SubmitReceipt>> SubmitAsync() => _engine.SubmitAsync(
        new JobSubmission(
            Job,
            new JobHeader("Nightly", JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty),
            [.. Enumerable.Range(0, 3)
                .Select(i => new TaskSpec { Kind = "noop", Payload = Payload.FromJson($"{i}") })]),
        default);

    private async Task<LeaseGrant> LeaseAsync() => (await _engine.LeaseAsync(
        new LeaseRequest(Agent, Session, Guid.NewGuid().ToString("N"), 10, TimeSpan.Zero), default)).Value
            ?? LeaseGrant.Nothing;
}

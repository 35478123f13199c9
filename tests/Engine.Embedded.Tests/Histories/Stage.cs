using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine.Embedded.Core;
using Elasticity.Engine.Embedded.Tests.Support;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Xunit;

namespace Elasticity.Engine.Embedded.Tests.Histories;

/// <summary>An engine on an empty store, and what clients and agents ask of it.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private readonly EmbeddedHarness _harness = new(new InMemoryFixture());
    private int _requests;

    private Stage() { }

    public IElasticity Engine => _harness.Engine;

    public IEventStore Store => _harness.Store;

    public DateTimeOffset Now => _harness.Now;

    public static async Task<Stage> OpenAsync()
    {
        Stage stage = new();
        await stage._harness.StartAsync(
            new EngineOptions
            {
                Core = new CoreOptions
                {
                    SessionSilenceMax = TimeSpan.FromMinutes(1),
                    Limits = new Limits { EventsPerCheckpointMin = 10 },
                },
            },
            default);
        return stage;
    }

    public Task PassAsync(double seconds) => _harness.AdvanceAsync(TimeSpan.FromSeconds(seconds), default);

    public Task RestartAsync() => _harness.RestartAsync(default);

    public static JobHeader Header(string name = "", JobPolicy? policy = null, params (string, string)[] labels) => new(
        name,
        policy ?? JobPolicy.Default,
        labels.ToImmutableSortedDictionary(l => l.Item1, l => l.Item2, StringComparer.Ordinal));

    public static TaskSpec Spec(string kind, params int[] after) =>
        new() { Kind = kind, DependsOn = [.. after], Retry = new RetryPolicy { Jitter = 0 } };

    public async Task<JobId> SubmitAsync(string id, JobHeader header, params TaskSpec[] tasks)
    {
        JobId job = new(id);
        Accepted(await Engine.SubmitAsync(new JobSubmission(job, header, tasks), default));
        return job;
    }

    public async Task RegisterAsync(string agent, string session, params string[] kinds) => Accepted(
        await Engine.RegisterAsync(
            new AgentId(agent),
            new SessionId(session),
            new AgentOffer([.. kinds], 4, Header("", null, ("host", agent)).Labels, IsInProcess: false),
            default));

    /// <summary>Leases at most so many tasks.</summary>
    public async Task<ImmutableArray<LeasedTask>> LeaseAsync(string agent, string session, int max = 100) => Accepted(
        await Engine.LeaseAsync(
            new LeaseRequest(new AgentId(agent), new SessionId(session), $"r-{++_requests}", max, TimeSpan.Zero),
            default)).Tasks;

    public async Task<LeasedTask> LeaseOneAsync(string agent, string session)
    {
        ImmutableArray<LeasedTask> tasks = await LeaseAsync(agent, session, 1);
        return Assert.Single(tasks);
    }

    public async Task BeatAsync(string agent, string session, params LeasedTask[] tasks) => Accepted(
        await Engine.HeartbeatAsync(
            new Heartbeat(
                new AgentId(agent),
                new SessionId(session),
                [.. tasks.Select(t => new HeldLease(t.Task, t.Token, "half"))]),
            default));

    public Task<Rejection?> SucceedAsync(string agent, string session, LeasedTask task, string result = "1") =>
        SettleAsync(agent, session, task, new Settlement.Succeeded(Payload.FromJson(result)));

    public Task<Rejection?> FailAsync(string agent, string session, LeasedTask task, bool isFinal = false) =>
        SettleAsync(agent, session, task, new Settlement.Failed(
            new Failure("exit-code", "The command ended with 1: naïve café.", isFinal), Payload.FromJson("[1]")));

    /// <summary>Waits for what follows from what was said: the engine may do that a step later.</summary>
    public Task UntilEndedAsync(JobId job) => UntilAsync(job, j => j.IsEnded);

    /// <summary>Waits until a job is so.</summary>
    public async Task UntilAsync(JobId job, Func<JobSummary, bool> isSo)
    {
        while (true)
        {
            Task news = Engine.WaitForNewsAsync(default).AsTask(); // Before looking, or news may be missed.
            if (isSo(Accepted(await Engine.GetJobAsync(job, null, default))))
            {
                return;
            }

            await news;
        }
    }

    public async Task<Rejection?> SettleAsync(string agent, string session, LeasedTask task, Settlement settlement) =>
        Assert.Single(Accepted(await Engine.SettleAsync(
            new SettleRequest(
                new AgentId(agent), new SessionId(session), [new TaskResult(task.Task, task.Token, settlement)]),
            default)).Results);

    /// <summary>A cluster takes the agent over, in the place of the engine: only there this happens.</summary>
    public async Task AttachAsync(string agent)
    {
        AgentId id = new(agent);
        StreamId stream = StreamNames.Of(id);
        (AgentState state, StreamHead head) = await new StateReader(Store).AgentAsync(id, default);
        AgentEvent attached = Assert.Single(
            AgentDecider.Decide(id, state, new AgentCommand.Attach(Now), Limits.Default).Events);
        EventRecord record = EventCodec.Encode(stream, head, attached, default);
        StreamAppend append = new(
            stream, head, StreamNames.ShardOf(agent, Store.ShardCount), IsOpen: true, [record]);
        Assert.IsType<AppendResult.Appended>(
            await Store.AppendAsync(new AppendBatch(Guid.NewGuid(), [append], []), default));
    }

    public static T Accepted<T>(Reply<T> reply)
        where T : class
    {
        Assert.True(reply.IsAccepted, $"{reply.Rejection?.Code}: {reply.Rejection?.Detail}");
        return reply.Value;
    }

    public ValueTask DisposeAsync() => _harness.DisposeAsync();
}

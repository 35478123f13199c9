using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Engine.Embedded.Core;
using Elasticity.EventStore;
using Xunit;

namespace Elasticity.Engine.Embedded.Tests.Core;

/// <summary>How many kinds a server has at once.</summary>
public class KindLimitTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly EngineCore _core = new(
        new CoreOptions { Limits = Limits.Default with { KindsMax = 2 } }, shardCount: 4, () => 0.5);

    [Fact]
    public void A_job_that_names_one_kind_too_many_is_refused_and_nothing_is_stored()
    {
        Assert.Null(Submit("first", "a").Rejection);

        Assert.Equal("limit-exceeded", Submit("second", "b", "c").Rejection?.Code);
        Assert.Null(Submit("second", "a", "b").Rejection);
        Assert.Null(Submit("second", "a", "b").Rejection);
        Assert.Equal(2, _core.JobCount);
    }

    [Fact]
    public void An_agent_that_names_one_kind_too_many_is_refused()
    {
        Submit("first", "a");

        Assert.Equal("limit-exceeded", Register("one", "b", "c").Rejection?.Code);
        Assert.Null(Register("one", "a", "b").Rejection);
        Assert.Equal("limit-exceeded", Submit("second", "c").Rejection?.Code);
    }

    [Fact]
    public void Kinds_that_nobody_names_any_more_make_room()
    {
        for (int i = 0; i < 10; i++)
        {
            string job = $"job-{i}";
            Assert.Null(Submit(job, $"{job}-a", $"{job}-b").Rejection);
            Assert.Equal(2, _core.QueueCount);
            Step(new CoreInput.ForJob(new JobId(job), [new JobCommand.Cancel(default)]));
            Assert.Equal((0, 0), (_core.JobCount, _core.QueueCount));
        }
    }

    [Fact]
    public void A_log_with_more_kinds_than_allowed_is_taken_up()
    {
        _core.Restore(new JobId("old"), Job("a", "b", "c"), new StreamHead(3, default));
        _core.Begin(new Instant(At, TimeSpan.Zero), isFormerProcessDead: false, new CoreBatch());

        Assert.Equal((1, 3), (_core.JobCount, _core.QueueCount));
        Assert.Null(Submit("known", "a").Rejection);
        Assert.Equal("limit-exceeded", Submit("new", "d").Rejection?.Code);
    }

    private static ImmutableArray<TaskSpec> Tasks(string[] kinds) =>
        [.. kinds.Select(k => new TaskSpec { Kind = k, Payload = Payload.None })];

    private static JobState Job(params string[] kinds)
    {
        string digest = JobDigest.Of(Submits.Header.Policy, Tasks(kinds));
        JobEvent[] events =
        [
            new JobEvent.Opened(At, Submits.Header, digest, kinds.Length),
            new JobEvent.TasksAdded(At, 0, Tasks(kinds), digest),
            new JobEvent.Sealed(At),
        ];
        return events.Aggregate(JobState.None, JobDecider.Evolve);
    }

    private JobAnswer Submit(string job, params string[] kinds)
    {
        CoreBatch batch = Step(new CoreInput.ForJob(new JobId(job), Submits.Of(Tasks(kinds))) { Caller = "client" });
        JobAnswer answer = (JobAnswer)Assert.Single(batch.Answers).Answer;
        Assert.True(answer.Rejection is null || batch.HasNoEvents);
        return answer;
    }

    private Reply<AgentView> Register(string agent, params string[] kinds)
    {
        AgentOffer offer = new([.. kinds], 2, ImmutableSortedDictionary<string, string>.Empty, IsInProcess: false);
        CoreBatch batch = Step(new CoreInput.ForAgent(
            new AgentId(agent), new AgentCommand.Register(default, new SessionId("s"), offer)) { Caller = "agent" });
        return (Reply<AgentView>)Assert.Single(batch.Answers).Answer;
    }

    /// <summary>Takes an input, and brings what the core wants: there is nothing in the store.</summary>
    private CoreBatch Step(CoreInput input)
    {
        CoreBatch batch = new();
        _core.Step(new Instant(At, TimeSpan.Zero), [input], batch);
        for (int i = 0; i < batch.Loads.Count; i++)
        {
            CoreInput loaded = batch.Loads[i] switch
            {
                CoreLoad.Job l => new CoreInput.JobLoaded(l.Id, JobState.None, StreamHead.None),
                CoreLoad.Agent l => new CoreInput.AgentLoaded(l.Id, AgentState.None, StreamHead.None),
                CoreLoad l => throw new InvalidOperationException($"Nobody should ask for {l}."),
            };
            _core.Step(new Instant(At, TimeSpan.Zero), [loaded], batch);
        }

        return batch;
    }
}

using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Engine.Embedded.Core;
using Elasticity.EventStore;
using Xunit;

namespace Elasticity.Engine.Embedded.Tests.Core;

/// <summary>Who is refused because there is too much of something.</summary>
public class BoundsTests
{
    private static readonly TimeSpan SilenceMax = TimeSpan.FromMinutes(1);
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly EngineCore _core = new(
        new CoreOptions { WaitingRequestsMax = 1, OpenJobsMax = 1, SessionSilenceMax = SilenceMax },
        shardCount: 4,
        () => 0.5);

    private TimeSpan _now;

    [Fact]
    public void Whoever_asks_for_tasks_while_too_many_wait_is_heard_of()
    {
        Register("waits");
        Register("refused");
        for (int i = 0; i < 10; i++)
        {
            Step(Ask("waits", wait: TimeSpan.FromSeconds(20)));
            (_, object answer) = Assert.Single(Step(Ask("refused", TimeSpan.Zero)).Answers);
            Assert.Equal("limit-exceeded", ((Reply<LeaseGrant>)answer).Rejection!.Code);
            _now += SilenceMax / 4;
            Step();
        }

        Assert.Equal(2, _core.AgentCount);
    }

    [Fact]
    public void Only_unended_jobs_count_against_the_bound()
    {
        Submit("ended", isEmpty: true);
        Assert.Equal(0, _core.JobCount);

        // The one that has ended is in memory while somebody asks about it.
        Step(
            new CoreInput.ForJob(new JobId("ended"), [new JobCommand.Cancel(default)]) { Caller = "cancel" },
            Open("first", isEmpty: false),
            Open("second", isEmpty: false));
        CoreBatch batch = Step(
            new CoreInput.JobLoaded(new JobId("ended"), EndedJob(), new StreamHead(3, default)),
            new CoreInput.JobLoaded(new JobId("first"), JobState.None, StreamHead.None),
            new CoreInput.JobLoaded(new JobId("second"), JobState.None, StreamHead.None));

        Dictionary<object, string?> codes =
            batch.Answers.ToDictionary(a => a.Caller, a => ((JobAnswer)a.Answer).Rejection?.Code);
        Assert.Equal(("job-state", null, "limit-exceeded"), (codes["cancel"], codes["first"], codes["second"]));
    }

    private void Register(string agent)
    {
        AgentOffer offer = new(["noop"], 1, ImmutableSortedDictionary<string, string>.Empty, IsInProcess: false);
        AgentCommand register = new AgentCommand.Register(default, new SessionId(agent), offer);
        Step(new CoreInput.ForAgent(new AgentId(agent), register));
        Step(new CoreInput.AgentLoaded(new AgentId(agent), AgentState.None, StreamHead.None));
    }

    private static CoreInput.Lease Ask(string agent, TimeSpan wait) =>
        new(new LeaseRequest(new AgentId(agent), new SessionId(agent), "r", 1, wait)) { Caller = agent };

    private void Submit(string job, bool isEmpty)
    {
        Step(Open(job, isEmpty));
        Step(new CoreInput.JobLoaded(new JobId(job), JobState.None, StreamHead.None));
    }

    private static CoreInput.ForJob Open(string job, bool isEmpty) =>
        new(new JobId(job), Submits.Of(isEmpty ? [] : [new TaskSpec { Kind = "noop" }])) { Caller = job };

    private static JobState EndedJob()
    {
        JobEvent[] events =
        [
            new JobEvent.Opened(At, Submits.Header, JobDigest.Of(Submits.Header.Policy, []), 0),
            new JobEvent.Sealed(At),
            new JobEvent.Ended(At, JobOutcome.Succeeded),
        ];
        return events.Aggregate(JobState.None, JobDecider.Evolve);
    }

    private CoreBatch Step(params IReadOnlyList<CoreInput> inputs)
    {
        CoreBatch batch = new();
        _core.Step(new Instant(At + _now, _now), inputs, batch);
        return batch;
    }
}

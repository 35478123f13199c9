using System.Collections.Immutable;
using System.Globalization;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine.Embedded.Core;
using Elasticity.EventStore;
using Xunit;

namespace Elasticity.Engine.Embedded.Tests.Core;

/// <summary>After a restart nothing that is ready is in memory: how often the store has to be asked for it.</summary>
public class LoadAheadTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly AgentId Agent = new("a");
    private static readonly SessionId Session = new("s");
    private static readonly StreamHead Head = new(1, default);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_request_wants_of_many_jobs_is_loaded_together_and_given_in_order(bool isLastLoadedFirst)
    {
        EngineCore core = Restored(new CoreOptions(), jobs: 100, tasksPerJob: 1, isRedriven: false);

        (List<int> rounds, ImmutableArray<LeasedTask> leased) = Lease(core, 100, isLastLoadedFirst);

        Assert.Equal([100], rounds);
        Assert.Equal(Enumerable.Range(0, 100).Select(JobOf), leased.Select(l => l.Task.Job));
    }

    [Fact]
    public void Tasks_that_were_redriven_are_loaded_together_and_given_in_order()
    {
        EngineCore core = Restored(new CoreOptions(), jobs: 1, tasksPerJob: 100, isRedriven: true);

        (List<int> rounds, ImmutableArray<LeasedTask> leased) = Lease(
            core, 100, isLastLoadedFirst: true, tasksPerJob: 100);

        Assert.Equal([101], rounds); // Their chunk and their streams.
        Assert.Equal(Enumerable.Range(0, 100), leased.Select(l => l.Task.Index));
        Assert.All(leased, l => Assert.Equal(2, l.Run));
    }

    [Fact]
    public void No_more_is_loaded_than_a_request_wants()
    {
        EngineCore core = Restored(new CoreOptions(), jobs: 100, tasksPerJob: 1, isRedriven: false);

        (List<int> rounds, ImmutableArray<LeasedTask> leased) = Lease(core, 3, isLastLoadedFirst: false);

        Assert.Equal([3], rounds);
        Assert.Equal(3, leased.Length);
    }

    /// <summary>Given another kind meanwhile, it would lose its turn to whoever asks next, time and again.</summary>
    [Fact]
    public void A_kind_whose_turn_it_is_is_waited_for_when_it_has_to_be_read_though_another_is_there()
    {
        EngineCore core = Restored(new CoreOptions(), jobs: 1, tasksPerJob: 3, isRedriven: true, "noop", "other");
        TaskSpec other = Spec with { Kind = "other" };
        Step(core, new CoreInput.ForJob(new JobId("other"), Submits.Of(other)) { Caller = "client" });
        Step(core, new CoreInput.JobLoaded(new JobId("other"), JobState.None, StreamHead.None));

        (List<int> rounds, ImmutableArray<LeasedTask> leased) = Lease(
            core, 1, isLastLoadedFirst: false, tasksPerJob: 3);

        Assert.Equal([2], rounds); // A chunk and a stream.
        Assert.Equal("noop", Assert.Single(leased).Kind);
    }

    [Fact]
    public void Loads_under_way_are_bounded()
    {
        EngineCore core = Restored(new CoreOptions(), jobs: 1, tasksPerJob: 1_000, isRedriven: true);

        (List<int> rounds, _) = Lease(core, 1_000, isLastLoadedFirst: false, tasksPerJob: 1_000);

        Assert.InRange(rounds.Max(), 100, 257);
    }

    /// <summary>What a load brings is stopped at once, and leaves; what is not stopped yet waits for that.</summary>
    [Fact]
    public void Loads_for_a_job_that_stops_are_bounded_too()
    {
        CoreOptions options = new() { TasksPerSweepStep = 10 };
        EngineCore core = Restored(options, jobs: 1, tasksPerJob: 25, isRedriven: true);
        Queue<CoreLoad> underWay = new(
            Step(core, new CoreInput.ForJob(JobOf(0), [new JobCommand.Cancel(default)])).Loads);
        int count = 0;
        for (; underWay.TryDequeue(out CoreLoad? load); count++)
        {
            Assert.Equal(underWay.Count + 1, core.LoadCount);
            Assert.InRange(core.LoadCount, 1, 10);
            foreach (CoreLoad next in Step(core, Loaded(load, 25)).Loads)
            {
                underWay.Enqueue(next);
            }
        }

        Assert.Equal((25, 0), (count, core.JobCount));
    }

    [Fact]
    public void Where_memory_is_too_short_for_looking_ahead_tasks_are_loaded_one_by_one()
    {
        CoreOptions options = new() { ChunkCacheBytesMax = 0 };
        EngineCore core = Restored(options, jobs: 2, tasksPerJob: 1, isRedriven: false);

        (List<int> rounds, ImmutableArray<LeasedTask> leased) = Lease(core, 2, isLastLoadedFirst: false);

        Assert.Equal([1], rounds);
        Assert.Single(leased);
    }

    /// <summary>Asks, and brings what the core wants until it answers.</summary>
    private static (List<int> Rounds, ImmutableArray<LeasedTask> Leased) Lease(
        EngineCore core, int max, bool isLastLoadedFirst, int tasksPerJob = 1)
    {
        List<int> rounds = [];
        LeaseRequest request = new(Agent, Session, "1", max, TimeSpan.FromSeconds(10));
        CoreBatch batch = Step(core, new CoreInput.Lease(request) { Caller = "caller" });
        while (batch.Answers.Count == 0)
        {
            CoreLoad[] loads = [.. batch.Loads];
            rounds.Add(loads.Length);
            Assert.NotEmpty(loads);
            batch = new CoreBatch();
            foreach (CoreLoad load in isLastLoadedFirst ? loads.Reverse() : loads)
            {
                // Each in a step of its own, as they come from the store.
                Step(core, batch, Loaded(load, tasksPerJob));
            }
        }

        (_, object answer) = Assert.Single(batch.Answers);
        return (rounds, ((Reply<LeaseGrant>)answer).Value!.Tasks);
    }

    private static EngineCore Restored(
        CoreOptions options, int jobs, int tasksPerJob, bool isRedriven, params ImmutableArray<string> kinds)
    {
        EngineCore core = new(options, shardCount: 4, () => 0.5);
        AgentOffer offer = new(
            kinds.IsEmpty ? ["noop"] : kinds, 2, ImmutableSortedDictionary<string, string>.Empty, IsInProcess: false);
        core.Restore(
            Agent, AgentDecider.Evolve(AgentState.None, new AgentEvent.Registered(At, Session, offer)), Head);
        JobState state = Job(tasksPerJob, isRedriven);
        for (int i = 0; i < jobs; i++)
        {
            core.Restore(JobOf(i), state, new StreamHead(state.Version, default));
        }

        core.Begin(new Instant(At, TimeSpan.Zero), isFormerProcessDead: false, new CoreBatch());
        return core;
    }

    private static JobState Job(int tasks, bool isRedriven)
    {
        JobHeader header = new("nightly", JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty);
        ImmutableArray<TaskSpec> specs = [.. Enumerable.Repeat(Spec, tasks)];
        string digest = JobDigest.Of(header.Policy, specs);
        List<JobEvent> events =
        [
            new JobEvent.Opened(At, header, digest, tasks),
            new JobEvent.TasksAdded(At, 0, specs, digest),
            new JobEvent.Sealed(At),
        ];
        JobState state = events.Aggregate(JobState.None, JobDecider.Evolve);
        if (isRedriven)
        {
            JobCommand[] commands =
            [
                new JobCommand.RecordOutcomes(At, [.. Enumerable.Range(0, tasks).Select(
                    i => new OutcomeRecord(i, 1, TaskOutcome.DeadLettered, string.Empty))]),
                new JobCommand.Redrive(At, null),
            ];
            foreach (JobCommand command in commands)
            {
                Decision<JobEvent> decision = JobDecider.Decide(JobOf(0), state, command, Limits.Default);
                Assert.Null(decision.Rejection);
                state = decision.Events.Aggregate(state, JobDecider.Evolve);
            }
        }

        return state;
    }

    private static TaskSpec Spec => new() { Kind = "noop", Payload = Payload.None };

    private static JobId JobOf(int i) => new($"job-{i.ToString("D4", CultureInfo.InvariantCulture)}");

    private static CoreInput Loaded(CoreLoad load, int tasksPerJob) => load switch
    {
        CoreLoad.Chunk c => new CoreInput.ChunkLoaded(c, [.. Enumerable.Repeat(Spec, tasksPerJob - c.First)]),
        CoreLoad.Task t => new CoreInput.TaskLoaded(t.Id, DeadLettered(), Head),
        _ => throw new InvalidOperationException($"Nobody should ask for {load}."),
    };

    private static TaskState DeadLettered()
    {
        Lease lease = new(1, 1, new AgentId("a"), new SessionId("s"), "1");
        TaskEvent[] events =
        [
            new TaskEvent.Leased(At, 1, lease, new TaskTerms("noop", 0, null, null)),
            new TaskEvent.DeadLettered(At, 1, "attempts"),
        ];
        return events.Aggregate(TaskState.Untouched, TaskDecider.Evolve);
    }

    private static CoreBatch Step(EngineCore core, CoreInput input)
    {
        CoreBatch batch = new();
        Step(core, batch, input);
        return batch;
    }

    private static void Step(EngineCore core, CoreBatch batch, CoreInput input) =>
        core.Step(new Instant(At, TimeSpan.Zero), [input], batch);
}

using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine.Embedded.Core;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Xunit;

namespace Elasticity.Engine.Embedded.Tests.Core;

/// <summary>Things happen while something that an earlier input asked for is being loaded.</summary>
public class LoadRaceTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly TaskId Task = new(new JobId("nightly"), 0);
    private static readonly AgentId Agent = new("a");
    private static readonly SessionId Session = new("s");
    private static readonly StreamHead Head = new(2, default);
    private static readonly TaskSpec Spec = new() { Kind = "noop", Payload = Payload.None };

    private readonly EngineCore _core = new(new CoreOptions(), shardCount: 4, () => 0.5);

    /// <summary>Otherwise the report is recorded in a stream that is being removed, and the append conflicts.</summary>
    [Fact]
    public void A_report_that_came_first_is_recorded_before_the_job_is_reserved()
    {
        CoreInput trim = new CoreInput.Reserve(Task.Job) { Caller = "trim" };
        CoreBatch asked = Step(trim, Report("report"));
        Assert.Equal([new CoreLoad.Job(Task.Job), new CoreLoad.Task(Task)], asked.Loads);

        CoreBatch waits = Step(JobLoaded());
        Assert.Empty(waits.Answers);

        CoreBatch recorded = Step(new CoreInput.TaskLoaded(Task, EndedTask(), Head));
        Assert.Equal("report", Assert.Single(recorded.Answers).Caller);
        StreamAppend append = Assert.Single(recorded.ToAppend(Guid.NewGuid()).Streams);
        Assert.Equal((StreamNames.Of(Task), Head), (append.Stream, append.Expected));

        (object caller, object answer) = Assert.Single(Step(JobLoaded()).Answers);
        Assert.Equal("trim", caller);
        Assert.NotNull(((TrimAnswer)answer).Tombstone);
    }

    /// <summary>Otherwise what is read of the job may be gone, which looks like damage.</summary>
    [Fact]
    public void What_is_read_of_a_job_is_read_before_it_is_reserved()
    {
        RestoreAgent();
        JobState waits = SealedEvents().Aggregate(JobState.None, JobDecider.Evolve);
        _core.Restore(Task.Job, waits, new StreamHead(waits.Version, default));
        _core.Begin(new Instant(At, TimeSpan.Zero), isFormerProcessDead: false, new CoreBatch());
        CoreBatch asked = Step(Lease("lease"));
        CoreLoad.Chunk chunk = Assert.IsType<CoreLoad.Chunk>(Assert.Single(asked.Loads));
        Step(new CoreInput.ForJob(Task.Job, [new JobCommand.Cancel(default)]) { Caller = "cancel" });

        Step(new CoreInput.Reserve(Task.Job) { Caller = "trim" });
        Assert.Empty(Step(JobLoaded()).Answers);

        Step(new CoreInput.ChunkLoaded(chunk, [Spec]));
        Assert.Equal("trim", Assert.Single(Step(JobLoaded()).Answers).Caller);
    }

    [Fact]
    public void A_report_that_comes_while_the_job_is_reserved_is_refused_and_not_recorded()
    {
        Step(new CoreInput.Reserve(Task.Job) { Caller = "trim" });
        Assert.Equal("trim", Assert.Single(Step(JobLoaded()).Answers).Caller);

        CoreBatch refused = Step(Report("report"));

        Reply<SettleAnswer> answer = (Reply<SettleAnswer>)Assert.Single(refused.Answers).Answer;
        Assert.Equal("job-state", answer.Value!.Results[0]!.Code);
        Assert.True(refused.HasNoEvents);
        Assert.Empty(refused.Loads);
    }

    /// <summary>Its answer may have been lost: it is not to hear that its job does not exist any more, or cannot be.
    /// </summary>
    [Fact]
    public void A_submit_that_is_repeated_while_the_job_is_reserved_is_answered_as_ever_and_a_redrive_is_refused()
    {
        Step(new CoreInput.Reserve(Task.Job) { Caller = "trim" });
        Step(JobLoaded());

        Step(
            new CoreInput.ForJob(Task.Job, Submits.Of(Spec)) { Caller = "again" },
            new CoreInput.ForJob(Task.Job, [new JobCommand.Redrive(default, 0)]) { Caller = "redrive" },
            new CoreInput.ForJob(Task.Job, [new JobCommand.ErasePayloads(default, 0)]) { Caller = "erase" });
        CoreBatch batch = Step(JobLoaded());

        Dictionary<object, JobAnswer> answers = batch.Answers.ToDictionary(a => a.Caller, a => (JobAnswer)a.Answer);
        Assert.Null(answers["again"].Rejection);
        Assert.True(answers["again"].WasKnown);
        Assert.Equal("task-state", answers["redrive"].Rejection!.Code);
        Assert.Equal("job-state", answers["erase"].Rejection!.Code);
        Assert.True(batch.HasNoEvents);
    }

    /// <summary>Otherwise what arrives is older than what was decided meanwhile, and takes its place.</summary>
    [Fact]
    public void A_task_that_was_asked_for_before_its_job_was_there_waits_for_the_answer()
    {
        ImmutableArray<JobCommand> commands = [.. Submits.Of(Spec), new JobCommand.Cancel(default)];
        Step(Report("report"), new CoreInput.ForJob(Task.Job, commands) { Caller = "client" });

        CoreBatch cancelled = Step(new CoreInput.JobLoaded(Task.Job, JobState.None, StreamHead.None));
        Assert.Equal(["job/nightly"], Streams(cancelled));

        CoreBatch ended = Step(new CoreInput.TaskLoaded(Task, TaskState.Untouched, StreamHead.None));
        Assert.Equal(["job/nightly", "task/nightly/00000000"], Streams(ended).Order());
        Assert.Equal("report", Assert.Single(ended.Answers).Caller);
        Assert.Equal(0, _core.JobCount);
    }

    /// <summary>A job that comes with the step in which a report on its task was answered has that task: people see its
    /// progress, and it is not offered again while it is leased.</summary>
    [Fact]
    public void A_task_that_was_reported_on_before_its_job_was_there_is_the_jobs_when_it_is()
    {
        RestoreAgent();
        _core.Begin(new Instant(At, TimeSpan.Zero), isFormerProcessDead: false, new CoreBatch());
        Step(
            Report("report"),
            new CoreInput.ForJob(Task.Job, Submits.Of(Spec)) { Caller = "client" },
            Lease("lease"));

        CoreBatch leased = Step(
            new CoreInput.TaskLoaded(Task, TaskState.Untouched, StreamHead.None),
            new CoreInput.JobLoaded(Task.Job, JobState.None, StreamHead.None));
        (_, object answer) = Assert.Single(leased.Answers, a => (string)a.Caller == "lease");
        Assert.Equal(Task, Assert.Single(((Reply<LeaseGrant>)answer).Value!.Tasks).Task);

        Step(new CoreInput.Beat(new Heartbeat(Agent, Session, [new HeldLease(Task, 1, "half done")])));
        CoreBatch look = Step(new CoreInput.Look(Task.Job, WithLists: false) { Caller = "look" });
        CoreSnapshot shown = Assert.IsType<CoreSnapshot>(Assert.Single(look.Answers).Answer);
        Assert.Equal("half done", shown.Progress[Task.Index]);
    }

    private static IEnumerable<string> Streams(CoreBatch batch) =>
        batch.ToAppend(Guid.NewGuid()).Streams.Select(s => s.Stream.Value);

    private CoreBatch Step(params IReadOnlyList<CoreInput> inputs)
    {
        CoreBatch batch = new();
        _core.Step(new Instant(At, TimeSpan.Zero), inputs, batch);
        return batch;
    }

    private void RestoreAgent()
    {
        AgentOffer offer = new([Spec.Kind], 1, ImmutableSortedDictionary<string, string>.Empty, IsInProcess: false);
        AgentState live = AgentDecider.Evolve(AgentState.None, new AgentEvent.Registered(At, Session, offer));
        _core.Restore(Agent, live, Head);
    }

    private static CoreInput.Lease Lease(string caller) => new(
        new LeaseRequest(Agent, Session, "1", 1, TimeSpan.FromSeconds(10)))
    {
        Caller = caller,
    };

    private static CoreInput.Settle Report(string caller) => new(new SettleRequest(
        Agent, Session, [new TaskResult(Task, 1, new Settlement.GivenBack())]))
    {
        Caller = caller,
    };

    private static CoreInput.JobLoaded JobLoaded()
    {
        JobEvent[] events =
        [
            .. SealedEvents(),
            new JobEvent.OutcomesRecorded(At, [new OutcomeRecord(0, 1, TaskOutcome.Succeeded, string.Empty)]),
            new JobEvent.Ended(At, JobOutcome.Succeeded),
        ];
        JobState state = events.Aggregate(JobState.None, JobDecider.Evolve);
        return new CoreInput.JobLoaded(Task.Job, state, new StreamHead(events.Length, default));
    }

    private static JobEvent[] SealedEvents()
    {
        string digest = JobDigest.Of(Submits.Header.Policy, [Spec]);
        return
        [
            new JobEvent.Opened(At, Submits.Header, digest, 1),
            new JobEvent.TasksAdded(At, 0, [Spec], digest),
            new JobEvent.Sealed(At),
        ];
    }

    private static TaskState EndedTask()
    {
        Lease lease = new(1, 1, Agent, Session, "1");
        TaskEvent[] events =
        [
            new TaskEvent.Leased(At, 1, lease, new TaskTerms("noop", 0, null, null)),
            new TaskEvent.Succeeded(At, 1, Payload.None),
        ];
        return events.Aggregate(TaskState.Untouched, TaskDecider.Evolve);
    }
}

using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tests.Support;
using Xunit;
using static Elasticity.Domain.Tasks.TaskOutcome;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Reference;

/// <summary>docs/reference/job-transitions.md.</summary>
public class JobTransitionsTests
{
    private const string Introduction =
        """
        A job of four tasks: 1 depends on 0, the others on nothing. Where the job is open, 3 was dead-lettered and
        redriven, so it is in run 2.
        """;

    private static readonly TaskSpec[] Tasks = [Spec(), Spec(0), Spec(), Spec()];

    private static readonly JobPolicy FailFast = new() { OnDeadLetter = DeadLetterRule.FailFast };

    private static readonly GivenJob Open = GivenJob.With(Tasks)
        .And(Recorded((3, DeadLettered))).After(new JobCommand.Redrive(T0, 3));

    private static readonly GivenJob Fast = GivenJob.With(FailFast, Tasks)
        .And(Recorded((3, DeadLettered)), new JobEvent.Ended(T0, JobOutcome.Failed))
        .After(new JobCommand.Redrive(T0, 3));

    private static readonly (string Name, JobState State)[] States =
    [
        ("no job", JobState.None),
        ("opening", GivenJob.Opened(Tasks).Adding(0, Tasks[..2]).State),
        ("opening, complete", GivenJob.Opened(Tasks).Adding(0, Tasks).State),
        ("opening, other tasks than declared",
            GivenJob.Opened(Tasks).Adding(0, Spec(), Spec(), Spec(), Spec()).State),
        ("cancelled before the seal", GivenJob.Opened(Tasks).Adding(0, Tasks).After(new JobCommand.Cancel(T0)).State),
        ("open", Open.State),
        ("open, fails fast", Fast.State),
        ("open, paused", Open.And(new JobEvent.Paused(T0)).State),
        ("open, one left",
            Open.And(Recorded((1, Succeeded), (2, Succeeded)), RecordedRun(2, (3, DeadLettered))).State),
        ("failing", Fast.And(Recorded((2, DeadLettered)), new JobEvent.Failing(T0)).State),
        ("failing, one left",
            Fast.And(
                Recorded((2, DeadLettered)), new JobEvent.Failing(T0), Recorded((1, Cancelled)),
                RecordedRun(2, (3, Cancelled))).State),
        ("cancelling", Open.After(new JobCommand.Cancel(T0)).State),
        ("cancelling, one left",
            Open.After(new JobCommand.Cancel(T0)).After(Report((1, Cancelled), (2, Succeeded)))
                .After(ReportRun(2, (3, Cancelled))).State),
        ("succeeded", Ended(Succeeded).State),
        ("succeeded, a dead letter ignored",
            GivenJob.With(new JobPolicy { OnDeadLetter = DeadLetterRule.Ignore }, Tasks)
                .And(Recorded((0, Succeeded), (1, Succeeded), (2, Succeeded), (3, DeadLettered)))
                .And(new JobEvent.Ended(T0, JobOutcome.Succeeded)).State),
        ("failed", Ended(DeadLettered).State),
        ("cancelled", Open.After(new JobCommand.Cancel(T0))
            .After(Report((0, Cancelled), (1, Cancelled), (2, Succeeded))).After(ReportRun(2, (3, Cancelled))).State),
        ("failed and trimmed", Ended(DeadLettered).After(new JobCommand.Trim(T0, "head")).State),
    ];

    [Fact]
    public void The_page_is_what_the_domain_does() =>
        Repository.Approve("docs/reference/job-transitions.md", Table().Render());

    [Fact]
    public void The_page_shows_every_case()
    {
        TransitionTable<JobState, JobEvent> table = Table();
        table.Render();

        Assert.Equal(Repository.CasesOf(typeof(JobCommand)), table.Commands);
        Assert.Equal(Repository.CasesOf(typeof(JobEvent)), table.Events);
        Assert.Equal(Enum.GetValues<JobPhase>(), States.Select(s => s.State.Phase).Distinct().Order());
    }

    [Fact]
    public void The_rows_are_in_the_phase_that_they_name() =>
        Assert.All(
            States.Where(s => s.State.Phase != JobPhase.None),
            s => Assert.StartsWith(JobDecider.Word(s.State.Phase), s.Name));

    private static GivenJob Ended(Domain.Tasks.TaskOutcome last) =>
        Open.After(Report((0, Succeeded), (2, last))).After(ReportRun(2, (3, Succeeded)))
            .After(Report((1, Succeeded)));

    private static TransitionTable<JobState, JobEvent> Table()
    {
        TransitionTable<JobState, JobEvent> table = new("What a job does", Introduction, States);
        Add(table, "Open", "same digest", s => new JobCommand.Open(
            T0, Header(), JobDigest.Of(s.Header.Policy, Tasks), Tasks.Length));
        Add(table, "Open", "other digest", _ => new JobCommand.Open(T0, Header(), JobDigest.Of(FailFast, []), 0));
        Add(table, "AddTasks", "the next chunk", s => new JobCommand.AddTasks(
            T0, s.TasksAdded, [.. s.TasksAdded < Tasks.Length ? Tasks[s.TasksAdded..] : [Spec()]]));
        Add(table, "AddTasks", "the first chunk again", _ => new JobCommand.AddTasks(T0, 0, [.. Tasks[..2]]));
        Add(table, "AddTasks", "out of turn", _ => new JobCommand.AddTasks(T0, 1, [.. Tasks, .. Tasks]));
        Add(table, "Seal", "asked", _ => new JobCommand.Seal(T0));
        Add(table, "RecordOutcomes", "task 0 succeeded", _ => Report((0, Succeeded)));
        table.Add("RecordOutcomes", "task 0 succeeded, a checkpoint is due", s => JobDecider.Decide(
            Job, s, Report((0, Succeeded)), new Limits { EventsPerCheckpointMin = 1 }));
        Add(table, "RecordOutcomes", "task 0 dead-lettered", _ => Report((0, DeadLettered)));
        Add(table, "RecordOutcomes", "run 1 of task 3 dead-lettered", _ => Report((3, DeadLettered)));
        Add(table, "Cancel", "asked", _ => new JobCommand.Cancel(T0));
        Add(table, "Pause", "asked", _ => new JobCommand.Pause(T0));
        Add(table, "Resume", "asked", _ => new JobCommand.Resume(T0));
        Add(table, "ErasePayloads", "all", _ => new JobCommand.ErasePayloads(T0, null));
        Add(table, "ErasePayloads", "task 0", _ => new JobCommand.ErasePayloads(T0, 0));
        Add(table, "ErasePayloads", "a task that is not in the job", _ => new JobCommand.ErasePayloads(T0, 4));
        Add(table, "Trim", "asked", _ => new JobCommand.Trim(T0, "head"));
        Add(table, "Redrive", "all", _ => new JobCommand.Redrive(T0, null));
        Add(table, "Redrive", "task 0", _ => new JobCommand.Redrive(T0, 0));
        Add(table, "Redrive", "a task that is not in the job", _ => new JobCommand.Redrive(T0, Tasks.Length));
        return table;
    }

    private static void Add(
        TransitionTable<JobState, JobEvent> table, string command, string way, Func<JobState, JobCommand> make) =>
        table.Add(command, way, s => JobDecider.Decide(Job, s, make(s), Limits.Default));
}

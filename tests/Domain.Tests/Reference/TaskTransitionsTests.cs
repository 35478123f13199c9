using Elasticity.Domain.Tasks;
using Elasticity.Domain.Tests.Support;
using Xunit;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Reference;

/// <summary>docs/reference/task-transitions.md.</summary>
public class TaskTransitionsTests
{
    private const string Introduction =
        """
        As the task's own stream knows it. Where there is an older token it is 1, and the current or last one is 2.
        """;

    private static readonly Failure Failure = new("exit-code", "The command ended with 1.", IsFinal: false);
    private static readonly Settlement Succeeded = new Settlement.Succeeded(Payload.FromJson("1"));
    private static readonly Settlement Failed = new Settlement.Failed(Failure, Payload.None);
    private static readonly Settlement Final = new Settlement.Failed(Failure with { IsFinal = true }, Payload.None);
    private static readonly Settlement GivenBack = new Settlement.GivenBack();

    private static readonly GivenTask Leased = GivenTask.Leased()
        .And(new TaskEvent.Lost(T0, 1, "closed")).LeasedAgain();

    private static readonly GivenTask InRun2 = GivenTask.Leased().After(Settle(1, Final)).LeasedInRun(2);

    private static readonly (string Name, TaskState State)[] States =
    [
        ("untouched", TaskState.Untouched),
        ("leased", Leased.State),
        ("leased, asked to stop", Leased.And(new TaskEvent.CancelRequested(T0, 1)).State),
        ("leased, last attempt", Leased.State with { Failures = 2 }),
        ("leased, four leases expired", Leased.State with { LeasesExpired = TaskTerms.ExpiredMax - 1 }),
        ("leased, 99 leases lost", Leased.State with { LeasesLost = TaskTerms.LostMax - 1 }),
        ("waiting", Leased.And(new TaskEvent.GivenBack(T0, 2)).State),
        ("waiting, backing off",
            Leased.And(new TaskEvent.Failed(T0, 2, Failure, T0.AddSeconds(1), Payload.None)).State),
        ("succeeded", Leased.After(Settle(2, Succeeded)).State),
        ("dead-lettered", Leased.After(Settle(2, Final)).State),
        ("cancelled", Leased.And(new TaskEvent.GivenBack(T0, 2), new TaskEvent.Cancelled(T0, 1)).State),
        ("skipped before its first lease", GivenTask.Untouched.After(new TaskCommand.Skip(T0, 1, 7)).State),
        ("leased in run 2", InRun2.State),
        ("succeeded in run 2", InRun2.After(Settle(2, Succeeded)).State),
    ];

    [Fact]
    public void The_page_is_what_the_domain_does() =>
        Repository.Approve("docs/reference/task-transitions.md", Table().Render());

    [Fact]
    public void The_page_shows_every_case()
    {
        TransitionTable<TaskState, TaskEvent> table = Table();
        table.Render();

        Assert.Equal(Repository.CasesOf(typeof(TaskCommand)), table.Commands);
        Assert.Equal(Repository.CasesOf(typeof(TaskEvent)), table.Events);
        Assert.Equal(Enum.GetValues<TaskPhase>(), States.Select(s => s.State.Phase).Distinct().Order());
        Assert.Equal(
            Enum.GetValues<TaskOutcome>(),
            States.Select(s => s.State.Outcome).OfType<TaskOutcome>().Distinct().Order());
    }

    private static TransitionTable<TaskState, TaskEvent> Table()
    {
        TransitionTable<TaskState, TaskEvent> table = new("What a task does", Introduction, States);
        AddByRun(table, "Grant", run => new TaskCommand.Grant(T0, run, TheHolder, Request, Terms));
        AddSettle(table, "current token, succeeded", s => s.Token, Succeeded);
        AddSettle(table, "failed", s => s.Token, Failed);
        AddSettle(table, "failed for good", s => s.Token, Final);
        AddSettle(table, "given back", s => s.Token, GivenBack);
        AddSettle(table, "of another session", s => s.Token, Succeeded, OtherHolder);
        AddSettle(table, "of another agent", s => s.Token, Succeeded, Namesake);
        AddSettle(table, "the older token", s => s.Token - 1, Succeeded);
        AddSettle(table, "a token never given", s => s.Token + 1, Succeeded);
        AddByToken(table, "Expire", token => new TaskCommand.Expire(T0, token));
        AddByToken(table, "Lose", token => new TaskCommand.Lose(T0, token, "closed"));
        AddByRun(table, "Cancel", run => new TaskCommand.Cancel(T0, run));
        AddByRun(table, "Skip", run => new TaskCommand.Skip(T0, run, Cause: 7));
        return table;
    }

    private static void AddByRun(
        TransitionTable<TaskState, TaskEvent> table, string command, Func<int, TaskCommand> make)
    {
        table.Add(command, "older run", s => s.Run > 1 ? Decide(s, make(s.Run - 1)) : null);
        table.Add(command, "current run", s => s.Run > 0 ? Decide(s, make(s.Run)) : null);
        table.Add(command, "next run", s => Decide(s, make(s.Run + 1)));
    }

    private static void AddByToken(
        TransitionTable<TaskState, TaskEvent> table, string command, Func<long, TaskCommand> make)
    {
        table.Add(command, "current token", s => s.Token > 0 ? Decide(s, make(s.Token)) : null);
        table.Add(command, "older token", s => s.Token > 1 ? Decide(s, make(s.Token - 1)) : null);
    }

    private static void AddSettle(
        TransitionTable<TaskState, TaskEvent> table,
        string way,
        Func<TaskState, long> token,
        Settlement settlement,
        Holder? holder = null) =>
        table.Add("Settle", way, s => token(s) > 0
            ? Decide(s, Settle(token(s), settlement) with { Holder = holder ?? TheHolder })
            : null);

    private static Decision<TaskEvent> Decide(TaskState state, TaskCommand command) =>
        TaskDecider.Decide(FirstTask, state, command);

    private static TaskCommand.Settle Settle(long token, Settlement settlement) =>
        new(T0, TheHolder, token, settlement, Chance: 0);
}

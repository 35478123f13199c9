using Elasticity.Domain.Tasks;

namespace Elasticity.Domain.Tests.Support;

/// <summary>A task with a past.</summary>
internal sealed record GivenTask(TaskState State)
{
    /// <summary>A task that was never leased.</summary>
    public static GivenTask Untouched { get; } = new(TaskState.Untouched);

    /// <summary>A task that is leased under token 1.</summary>
    public static GivenTask Leased(TaskTerms? terms = null) => Untouched.And(
        new TaskEvent.Leased(Some.T0, 1, Some.Lease(1), terms ?? Some.Terms));

    public GivenTask And(params TaskEvent[] events) => new(events.Aggregate(State, TaskDecider.Evolve));

    /// <summary>Leased again in the same run.</summary>
    public GivenTask LeasedAgain() => And(
        new TaskEvent.Leased(Some.T0, State.Run, Some.Lease(State.Token + 1, State.Failures + 1), null));

    /// <summary>Leased in a run.</summary>
    public GivenTask LeasedInRun(int run) => And(
        new TaskEvent.Leased(Some.T0, run, Some.Lease(State.Token + 1), Some.Terms));

    public Then<TaskEvent> When(TaskCommand command) => new(TaskDecider.Decide(Some.FirstTask, State, command));

    /// <summary>What happens after a command, accepted or not.</summary>
    public GivenTask After(TaskCommand command) => And([.. When(command).Decision.Events]);

    public Message? Outstanding() => TaskDecider.Outstanding(Some.FirstTask, State);
}

namespace Elasticity.Domain.Tasks;

/// <summary>What may be asked of a task. Commands carry their instant and their chance: the domain reads no clock and
/// throws no dice.</summary>
public abstract record TaskCommand
{
    private TaskCommand(DateTimeOffset now) => Now = now;

    /// <summary>When the shell received the command, UTC.</summary>
    public DateTimeOffset Now { get; init; }

    /// <summary>Sets the instant, and the chance of a command that has one.</summary>
    /// <param name="now">When the shell received the command, UTC.</param>
    /// <param name="chance">Throws dice: at least 0 and below 1.</param>
    /// <returns>The command as it is decided on.</returns>
    public TaskCommand At(DateTimeOffset now, Func<double> chance) =>
        this is Settle settle ? settle with { Now = now, Chance = chance() } : this with { Now = now };

    /// <summary>Give the task to a session.</summary>
    /// <param name="Now">When the shell received the command, UTC.</param>
    /// <param name="Run">The run that the queue offers.</param>
    /// <param name="Holder">Who asks; the shell has checked that the session is live.</param>
    /// <param name="Request">The id of the lease request.</param>
    /// <param name="Terms">From the task's specification.</param>
    public sealed record Grant(
        DateTimeOffset Now, int Run, Holder Holder, string Request, TaskTerms Terms) : TaskCommand(Now);

    /// <summary>End a lease with a result.</summary>
    /// <param name="Now">When the shell received the command, UTC.</param>
    /// <param name="Holder">Who reports.</param>
    /// <param name="Token">The lease.</param>
    /// <param name="Settlement">What the agent reports.</param>
    /// <param name="Chance">A random number for the jitter, at least 0 and below 1.</param>
    public sealed record Settle(
        DateTimeOffset Now, Holder Holder, long Token, Settlement Settlement, double Chance) : TaskCommand(Now);

    /// <summary>The lease ran out after it had been confirmed.</summary>
    /// <param name="Now">When the shell received the command, UTC.</param>
    /// <param name="Token">The lease.</param>
    public sealed record Expire(DateTimeOffset Now, long Token) : TaskCommand(Now);

    /// <summary>The session is over, or never confirmed the lease.</summary>
    /// <param name="Now">When the shell received the command, UTC.</param>
    /// <param name="Token">The lease.</param>
    /// <param name="Reason">See <see cref="TaskEvent.Lost"/>.</param>
    public sealed record Lose(DateTimeOffset Now, long Token, string Reason) : TaskCommand(Now);

    /// <summary>The job asks to stop.</summary>
    /// <param name="Now">When the shell received the command, UTC.</param>
    /// <param name="Run">The run to stop.</param>
    public sealed record Cancel(DateTimeOffset Now, int Run) : TaskCommand(Now);

    /// <summary>The job says that a dependency did not succeed.</summary>
    /// <param name="Now">When the shell received the command, UTC.</param>
    /// <param name="Run">The run to end.</param>
    /// <param name="Cause">The index of the dependency.</param>
    public sealed record Skip(DateTimeOffset Now, int Run, int Cause) : TaskCommand(Now);
}

using System.Collections.Immutable;

namespace Elasticity.Domain.Jobs;

/// <summary>What may be asked of a job. Commands carry their own instant: the domain reads no clock.</summary>
public abstract record JobCommand
{
    private JobCommand(DateTimeOffset now) => Now = now;

    /// <summary>When the shell received the command, UTC.</summary>
    public DateTimeOffset Now { get; init; }

    /// <summary>Begin, or take up again, a submit.</summary>
    /// <param name="Now">When the shell received the command, UTC.</param>
    /// <param name="Header">Name, policy and labels as given.</param>
    /// <param name="Digest">Over policy and tasks as given; 64 hexadecimal digits.</param>
    /// <param name="TaskCount">How many tasks will come.</param>
    public sealed record Open(DateTimeOffset Now, JobHeader Header, string Digest, int TaskCount) : JobCommand(Now);

    /// <summary>Add the next chunk of tasks.</summary>
    /// <param name="Now">When the shell received the command, UTC.</param>
    /// <param name="First">The index of the first of them.</param>
    /// <param name="Tasks">The tasks as given.</param>
    public sealed record AddTasks(DateTimeOffset Now, int First, ImmutableArray<TaskSpec> Tasks) : JobCommand(Now);

    /// <summary>All tasks are there: accept the job.</summary>
    /// <param name="Now">When the shell received the command, UTC.</param>
    public sealed record Seal(DateTimeOffset Now) : JobCommand(Now);

    /// <summary>Tasks report how their runs ended.</summary>
    /// <param name="Now">When the shell received the command, UTC.</param>
    /// <param name="Outcomes">Which and how.</param>
    public sealed record RecordOutcomes(DateTimeOffset Now, ImmutableArray<OutcomeRecord> Outcomes) : JobCommand(Now);

    /// <summary>Stop: not yet leased tasks are cancelled, running ones are asked to stop.</summary>
    /// <param name="Now">When the shell received the command, UTC.</param>
    public sealed record Cancel(DateTimeOffset Now) : JobCommand(Now);

    /// <summary>Give no new leases; running ones go on.</summary>
    /// <param name="Now">When the shell received the command, UTC.</param>
    public sealed record Pause(DateTimeOffset Now) : JobCommand(Now);

    /// <summary>Give leases again.</summary>
    /// <param name="Now">When the shell received the command, UTC.</param>
    public sealed record Resume(DateTimeOffset Now) : JobCommand(Now);

    /// <summary>Remove the events of the ended job and its tasks; a tombstone stays.</summary>
    /// <param name="Now">When the shell received the command, UTC.</param>
    /// <param name="Head">The head hash of the job's stream; 64 hexadecimal digits.</param>
    public sealed record Trim(DateTimeOffset Now, string Head) : JobCommand(Now);

    /// <summary>Forget what tasks of the ended job were given and what they gave.</summary>
    /// <param name="Now">When the shell received the command, UTC.</param>
    /// <param name="Index">One task; null means all.</param>
    public sealed record ErasePayloads(DateTimeOffset Now, int? Index) : JobCommand(Now);

    /// <summary>Do tasks again that ended badly.</summary>
    /// <param name="Now">When the shell received the command, UTC.</param>
    /// <param name="Index">One dead-lettered or cancelled task; null means all dead-lettered ones.</param>
    /// <param name="Request">Sent again with the same id (<see cref="Identifier"/>), it changes nothing: tasks that
    /// were dead-lettered in between stay as they are. Null means that every time counts.</param>
    public sealed record Redrive(DateTimeOffset Now, int? Index, string? Request = null) : JobCommand(Now);
}

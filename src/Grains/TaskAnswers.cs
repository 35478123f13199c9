using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Tasks;
using Elasticity.EventStore;

namespace Elasticity.Grains;

/// <summary>What a task's decision means for others, whoever made it.</summary>
internal static class TaskAnswers
{
    /// <summary>Addresses the messages of a decision.</summary>
    /// <param name="rejection">Why the command was refused; null when it was not.</param>
    /// <param name="messages">What the task has to say.</param>
    /// <param name="state">The state after the decision.</param>
    /// <param name="head">Its head.</param>
    /// <param name="holder">The lease that was current before the decision; null when there was none.</param>
    /// <returns>The answer.</returns>
    public static TaskTold Told(
        Rejection? rejection, ImmutableArray<Message> messages, TaskState state, StreamHead head, Lease? holder)
    {
        string? kind = state.Terms?.Kind;
        ImmutableArray<Letter>.Builder letters = ImmutableArray.CreateBuilder<Letter>(messages.Length);
        foreach (Message message in messages)
        {
            switch (message)
            {
                case Message.WatchLease m: letters.Add(new Letter(m, m.Lease.Agent, Kind: kind)); break;
                case Message.TaskEnded m: letters.Add(new Letter(m, Head: head.Hash.ToString())); break;
                case Message.ForgetLease m when holder is not null && holder.Token == m.Token:
                    letters.Add(new Letter(m, holder.Agent));
                    break;
                case Message.ForgetLease: break; // Nobody minds a lease that ended before.
                default: letters.Add(new Letter(message)); break;
            }
        }

        return new TaskTold(
            rejection,
            letters.DrainToImmutable(),
            state.Run,
            state.Lease,
            state.Terms?.EffectiveLeaseLength ?? TimeSpan.Zero);
    }

    /// <summary>Sets the instant of a command, and its chance.</summary>
    /// <param name="command">The command.</param>
    /// <param name="clock">The clock.</param>
    /// <returns>The command as it is decided on.</returns>
    public static TaskCommand At(TaskCommand command, EngineClock clock) => command is TaskCommand.Settle settle
        ? settle with { Now = clock.Utc, Chance = Random.Shared.NextDouble() }
        : command with { Now = clock.Utc };

    /// <summary>What a task says whose job was trimmed: nothing, to nobody.</summary>
    /// <param name="task">The task.</param>
    /// <returns>The refusal.</returns>
    public static Decision<TaskEvent> Trimmed(TaskId task) => Decision<TaskEvent>.Reject(
        RejectionCode.TaskUnknown, $"Job {task.Job} was trimmed, and task {task} with it.");
}

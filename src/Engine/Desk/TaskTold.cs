using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Tasks;

namespace Elasticity.Engine;

/// <summary>What a task answers, and what follows from it.</summary>
/// <param name="Rejection">Why the command was refused; null when it was not.</param>
/// <param name="Letters">What is to be delivered.</param>
/// <param name="Run">Its run.</param>
/// <param name="Lease">The current lease; null when there is none.</param>
/// <param name="LeaseLength">How long a lease lasts; zero before the first.</param>
public sealed record TaskTold(
    Rejection? Rejection,
    ImmutableArray<Letter> Letters,
    int Run,
    Lease? Lease,
    TimeSpan LeaseLength)
{
    /// <summary>Whether this lease of the task is the current one.</summary>
    /// <param name="holder">Who says to hold it.</param>
    /// <param name="token">The lease.</param>
    /// <returns>True while the holder may settle it.</returns>
    public bool IsHeldBy(Holder holder, long token) => Lease?.Holder == holder && Lease.Token == token;

    /// <summary>Addresses the messages of a decision, whoever made it.</summary>
    /// <param name="rejection">Why the command was refused; null when it was not.</param>
    /// <param name="messages">What the task has to say.</param>
    /// <param name="after">The task after the decision.</param>
    /// <param name="holder">The lease that was current before the decision; null when there was none.</param>
    /// <returns>The answer.</returns>
    public static TaskTold Of(
        Rejection? rejection, ImmutableArray<Message> messages, KnownTask after, Lease? holder)
    {
        TaskState state = after.State;
        ImmutableArray<Letter>.Builder letters = ImmutableArray.CreateBuilder<Letter>(messages.Length);
        foreach (Message message in messages)
        {
            switch (message)
            {
                case Message.WatchLease m:
                    letters.Add(new Letter(m, m.Lease.Agent, Kind: state.Terms?.Kind));
                    break;
                case Message.TaskEnded m: letters.Add(new Letter(m, Head: after.Head.Hash.ToString())); break;
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
}

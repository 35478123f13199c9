using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Queues;

namespace Elasticity.Grains;

/// <summary>The ready tasks of one kind, or those of some of its jobs. The key is the kind, with <c>/SHARD</c> where
/// one grain is not enough. In memory only: the supervisors offer again what it should hold, and it knows an offer that
/// comes again.</summary>
[Alias("elasticity.queue")]
public interface IQueueGrain : IGrainWithStringKey
{
    /// <summary>Takes messages in.</summary>
    /// <param name="messages">Offers, pauses and withdrawals, in order.</param>
    /// <param name="isSweep">They tell what a supervisor saw a moment ago: tasks that were handed out since are not
    /// offered by it.</param>
    /// <returns>When taken in.</returns>
    [Alias("tell")]
    Task TellAsync(ImmutableArray<Message> messages, bool isSweep);

    /// <summary>Hands tasks out. Whoever takes them has them granted by their grains; what gets lost on the way is
    /// offered again by a sweep, some seconds later.</summary>
    /// <param name="max">How many at most.</param>
    /// <param name="ticket">The name under which the caller waits here when it finds nothing, or did.</param>
    /// <returns>The tasks in their order, without those for which others have been woken.</returns>
    [Alias("take")]
    Task<ImmutableArray<ReadyTask>> TakeAsync(int max, Guid ticket);

    /// <summary>Waits until there may be a task, in the order in which they came. Who comes back having found nothing
    /// waits where it did before.</summary>
    /// <param name="ticket">The wait's name.</param>
    /// <param name="wait">How long at most, by the engine's clock.</param>
    /// <returns>When it is worth taking, or the wait is over.</returns>
    [Alias("wait")]
    [ResponseTimeout("00:02:00")]
    Task WaitAsync(Guid ticket, TimeSpan wait);

    /// <summary>Ends a wait, the next one when it does not wait now. Who was woken tells by it that it will not
    /// take.</summary>
    /// <param name="ticket">The wait's name.</param>
    /// <returns>When it was ended.</returns>
    [Alias("abandon")]
    Task AbandonAsync(Guid ticket);

    /// <summary>Lets what is due happen. The grain's own timer does the same.</summary>
    /// <returns>When done.</returns>
    [Alias("tick")]
    Task TickAsync();

    /// <summary>Shows the queue.</summary>
    /// <returns>What is known.</returns>
    [Alias("look")]
    Task<QueueLook> LookAsync();
}

/// <summary>A queue as it is shown.</summary>
/// <param name="Ready">Tasks that may be leased now, those of paused jobs among them.</param>
/// <param name="Delayed">Tasks that wait for their time.</param>
/// <param name="Waiting">The tickets of those who wait.</param>
public sealed record QueueLook(int Ready, int Delayed, ImmutableArray<Guid> Waiting);

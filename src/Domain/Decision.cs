using System.Collections.Immutable;

namespace Elasticity.Domain;

/// <summary>The answer of a decider. It may refuse and record at once: a refused result is an event too.</summary>
/// <typeparam name="TEvent">The aggregate's closed event hierarchy.</typeparam>
/// <param name="Events">Facts to append, oldest first; empty when nothing changes.</param>
/// <param name="Messages">What to tell other aggregates once the events are durable.</param>
/// <param name="Rejection">Why the command was refused; null when it was accepted, or had been done before.</param>
/// <param name="Sweep">
/// Too much follows to list it here: after the events are durable, send what <c>Outstanding</c> of the new state gives,
/// page by page.
/// </param>
public readonly record struct Decision<TEvent>(
    ImmutableArray<TEvent> Events,
    ImmutableArray<Message> Messages,
    Rejection? Rejection = null,
    bool Sweep = false)
{
    /// <summary>Nothing changes: the command had been carried out before, or does not concern this state.</summary>
    public static Decision<TEvent> NoChange => new([], []);

    /// <summary>Accepts with events.</summary>
    /// <param name="events">Facts to append, oldest first.</param>
    /// <returns>The decision, without messages.</returns>
    public static Decision<TEvent> Accept(params ReadOnlySpan<TEvent> events) => new([.. events], []);

    /// <summary>Refuses without recording anything.</summary>
    /// <param name="code">One of <see cref="RejectionCode"/>.</param>
    /// <param name="detail">One sentence for a human.</param>
    /// <returns>The decision.</returns>
    public static Decision<TEvent> Reject(string code, string detail) => new([], [], new Rejection(code, detail));

    /// <summary>The same decision with messages.</summary>
    /// <param name="messages">What to tell others.</param>
    /// <returns>A copy.</returns>
    public Decision<TEvent> Tell(params ReadOnlySpan<Message> messages) =>
        this with { Messages = [.. Messages, .. messages] };
}

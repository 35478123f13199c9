namespace Elasticity.EventStore;

/// <summary>The database or the disk failed. Expected refusals are values (<see cref="AppendResult"/>), never
/// this.</summary>
/// <remarks>
/// Codes: <c>store-unavailable</c> (connection, server down), <c>store-full</c> (disk or quota), <c>store-locked</c>
/// (another process owns the data), <c>store-read-only</c>, <c>store-corrupt</c> (the bytes contradict the format),
/// <c>store-version</c> (written by a newer release, or by another kind of engine), <c>store-failed</c> (anything
/// else).
/// </remarks>
public sealed class EventStoreException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="code">One of the codes in the remarks; part of the public API.</param>
    /// <param name="message">One sentence for a human: what failed and what to do.</param>
    /// <param name="isTransient">Trying again later may succeed.</param>
    /// <param name="isOutcomeUnknown">The append may or may not be in the store: ask
    /// <see cref="IEventStore.WasAppendedAsync"/>.</param>
    /// <param name="inner">The cause, if any.</param>
    public EventStoreException(
        string code, string message, bool isTransient, bool isOutcomeUnknown = false, Exception? inner = null)
        : base(message, inner)
    {
        Code = code;
        IsTransient = isTransient;
        IsOutcomeUnknown = isOutcomeUnknown;
    }

    /// <summary>Stable, kebab-case; see the remarks of the class.</summary>
    public string Code { get; }

    /// <summary>Whether trying again later may succeed.</summary>
    public bool IsTransient { get; }

    /// <summary>Whether the append may or may not be in the store.</summary>
    public bool IsOutcomeUnknown { get; }
}

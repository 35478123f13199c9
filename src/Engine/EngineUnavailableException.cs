namespace Elasticity.Engine;

/// <summary>The engine does not serve now. Commands may be sent again later; all are idempotent. Where
/// <see cref="IsLasting"/>, that helps only after somebody has mended something.</summary>
/// <remarks>
/// Codes: those of <see cref="EventStore.EventStoreException"/> for a store that failed; <c>engine-starting</c>,
/// <c>engine-standby</c> (another server owns the database), <c>engine-stopping</c>, <c>engine-overloaded</c> (its
/// bounded queue is full).
/// </remarks>
public sealed class EngineUnavailableException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="code">One of the codes in the remarks; part of the public API.</param>
    /// <param name="message">One sentence for a human.</param>
    /// <param name="inner">The cause, if any.</param>
    public EngineUnavailableException(string code, string message, Exception? inner = null)
        : base(message, inner) => Code = code;

    /// <summary>Makes the exception for a store that failed.</summary>
    /// <param name="cause">What the store said; its code and sentence are taken over.</param>
    public EngineUnavailableException(EventStore.EventStoreException cause)
        : this(cause.Code, cause.Message, cause)
    {
    }

    /// <summary>Stable, kebab-case; see the remarks of the class.</summary>
    public string Code { get; }

    /// <summary>Whether asking again at once gives the same: <c>store-corrupt</c>, <c>store-version</c>.</summary>
    public bool IsLasting => Code is "store-corrupt" or "store-version";
}

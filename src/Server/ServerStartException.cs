namespace Elasticity.Server;

/// <summary>The server cannot start as it is configured.</summary>
/// <remarks>
/// Codes: <c>listen-refused</c> (reachable from elsewhere, but no API keys), <c>listen-invalid</c> (no address that can
/// be listened on), <c>listen-failed</c> (the address is in use or not ours), <c>keys-unreadable</c>,
/// <c>options-invalid</c> (an option is out of its range), or one of <see cref="EventStore.EventStoreException"/>.
/// </remarks>
public sealed class ServerStartException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="code">One of the codes in the remarks.</param>
    /// <param name="message">One sentence for a human, with what to do.</param>
    /// <param name="inner">The cause, if any.</param>
    public ServerStartException(string code, string message, Exception? inner = null)
        : base(message, inner) => Code = code;

    /// <summary>Stable, kebab-case; see the remarks of the class.</summary>
    public string Code { get; }
}
